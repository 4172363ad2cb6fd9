"""The file itself: what is written comes back, in order and all or nothing, for one program at a time."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from tutti_client.errors import StoreFailed, StoreInUse
from tutti_client.store import Stored, Write
from tutti_client.store_file import REFUSALS_MAX, Batch, StoredSession, StoreFile

SERVER = "wss://tutti.example.com/v1/socket"
ANN = StoredSession("ann", "A" * 22, 3, -120)


@asynccontextmanager
async def opened(path: Path, server: str = SERVER) -> AsyncIterator[StoreFile]:
    file = StoreFile(path, server)
    await file.open()
    try:
        yield file
    finally:
        await file.close()


def whole(room: str, body: bytes, *, is_unsaved: bool = True) -> Write:
    return Write(room, body, (), is_unsaved)


def records(room: str, *bodies: bytes, is_unsaved: bool = True) -> Write:
    return Write(room, None, bodies, is_unsaved)


async def test_a_new_file_holds_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path / "queue") as file:
        assert await file.session() is None
        assert await file.unsaved_rooms("ann") == []
        assert await file.room("ann", "r") is None
        assert await file.refusals("ann") == []
        await file.stored()


async def test_what_is_written_comes_back_in_order(tmp_path: Path) -> None:
    async with opened(tmp_path / "queue") as file:
        file.write(Batch(ANN, (whole("r", b"1"), whole("s", b"2", is_unsaved=False))))
        file.write(Batch(ANN, (records("r", b"a", b"b"),)))
        file.write(Batch(ANN, (records("r", b"c"),)))
        await file.stored()
        assert not file.is_busy
    async with opened(tmp_path / "queue") as file:
        assert await file.session() == ANN
        assert await file.unsaved_rooms("ann") == [Stored("r", b"1", [b"a", b"b", b"c"])]
        assert await file.room("ann", "s") == Stored("s", b"2", [])
        file.write(Batch(ANN, (records("r", b"d", is_unsaved=False),)))
        assert await file.unsaved_rooms("ann") == []
        file.write(Batch(ANN, (whole("r", b"3"),)))
        assert await file.room("ann", "r") == Stored("r", b"3", [])


async def test_servers_and_people_have_nothing_to_do_with_each_other(tmp_path: Path) -> None:
    ben = StoredSession("ben", "B" * 22, 0, 0)
    async with opened(tmp_path / "queue") as file:
        file.write(Batch(ANN, (whole("r", b"ann's"),)))
    async with opened(tmp_path / "queue", "ws://elsewhere") as file:
        assert await file.session() is None
        file.write(Batch(ben, (whole("r", b"ben's"),)))
        assert await file.room("ann", "r") is None
    async with opened(tmp_path / "queue") as file:
        assert await file.room("ann", "r") == Stored("r", b"ann's", [])
        assert await file.room("ben", "r") is None


async def test_a_room_that_is_forgotten_may_come_again(tmp_path: Path) -> None:
    async with opened(tmp_path / "queue") as file:
        file.write(Batch(ANN, (whole("r", b"1"), records("r", b"a"))))
        file.write(Batch(ANN, forgotten=("r",)))
        assert await file.room("ann", "r") is None
        file.write(Batch(ANN, (whole("r", b"2"),), forgotten=("r",)))
        assert await file.room("ann", "r") == Stored("r", b"2", [])


async def test_refusals_are_held_until_they_are_dismissed(tmp_path: Path) -> None:
    async with opened(tmp_path / "queue") as file:
        file.write(Batch(ANN, refusals=(("r", b"1"), ("s", b"2"), ("r", b"3"))))
        assert await file.refusals("ann") == [("r", b"1"), ("s", b"2"), ("r", b"3")]
        file.write(Batch(ANN, dismissed=("r",)))
        assert await file.refusals("ann") == [("s", b"2")]
        many = tuple(("t", str(number).encode()) for number in range(2 * REFUSALS_MAX))
        file.write(Batch(ANN, refusals=many))
        assert await file.refusals("ann") == list(many[-REFUSALS_MAX:])


async def test_one_program_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "queue"
    async with opened(path) as file:
        file.write(Batch(ANN, (whole("r", b"1"),)))
        await file.stored()
        with pytest.raises(StoreInUse):
            await StoreFile(path, SERVER).open()
        elsewhere = (
            "import asyncio, sys\n"
            "from pathlib import Path\n"
            "from tutti_client.store_file import StoreFile\n"
            "asyncio.run(StoreFile(Path(sys.argv[1]), 'ws://x').open())\n"
        )
        command = [sys.executable, "-c", elsewhere, str(path)]
        other = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
        assert "StoreInUse" in other.stderr
    async with opened(path) as file:
        assert await file.session() == ANN


async def test_other_files_are_left_alone(tmp_path: Path) -> None:
    text, foreign, newer = tmp_path / "text", tmp_path / "foreign", tmp_path / "newer"
    text.write_text("This is no database. " * 100)
    with closing(sqlite3.connect(foreign)) as connection:
        connection.execute("CREATE TABLE songs (name TEXT)")
    async with opened(newer):
        pass
    with closing(sqlite3.connect(newer)) as connection:
        connection.execute("PRAGMA user_version=99")
    for path in (text, foreign, newer, tmp_path, tmp_path / "no" / "folder"):
        before = path.read_bytes() if path.is_file() else None
        with pytest.raises(StoreFailed) as raised:
            await StoreFile(path, SERVER).open()
        assert str(path) in str(raised.value)
        assert (path.read_bytes() if path.is_file() else None) == before


async def test_a_disk_that_fails_is_noticed_and_nothing_is_written_behind_the_gap(tmp_path: Path) -> None:
    path = tmp_path / "queue"
    async with opened(path) as file:
        file.write(Batch(ANN, (whole("r", b"1"),)))
        await file.stored()
        assert file._connection is not None
        file._connection.execute("PRAGMA max_page_count=1")
        file.write(Batch(ANN, (records("r", b"x" * 100_000),)))
        with pytest.raises(StoreFailed):
            await file.stored()
        assert file.failure is not None
        file.write(Batch(ANN, (records("r", b"small"),)))
        with pytest.raises(StoreFailed):
            await file.stored()
    async with opened(path) as file:
        assert await file.room("ann", "r") == Stored("r", b"1", [])
