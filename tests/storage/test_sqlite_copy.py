"""Copies of a database file: whole, as of one moment, and never mistaken for the database itself."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage import sqlite_copy, sqlite_file
from storage.rows import Head
from storage.sqlite import SqliteStore, open_sqlite, restoring_sqlite
from storage.store import StoreRefused
from tests.contracts.backends import after, batch, op


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "data" / "tutti.db"


async def written(store: SqliteStore, head: Head, count: int) -> Head:
    for _ in range(count):
        commit = batch(head, op(head.version + 1))
        assert await store.commit([commit]) == [True]
        head = after(head, commit)
    return head


async def make(database: Path, count: int = 3) -> Path:
    """A database with one document of so many ops, closed."""
    store = await open_sqlite(database.parent)
    await written(store, await store.create_document("doc", "playlist", "epoch", "ada", b"empty", 1), count)
    await store.close()
    return database


def put_back(copy: Path, database: Path) -> None:
    for file in database.parent.glob("tutti.db*"):
        file.unlink()
    shutil.copy(copy, database)


def refusal(database: Path, copy: Path) -> str:
    with pytest.raises(StoreRefused) as refused:
        sqlite_file.back_up(database, copy)
    assert not list(copy.parent.glob("*.part*"))
    return str(refused.value)


async def refused_start(folder: Path) -> str:
    with pytest.raises(StoreRefused) as refused:
        await open_sqlite(folder)
    return str(refused.value)


async def test_beside_a_writer_it_is_of_one_moment(database: Path, tmp_path: Path) -> None:
    store = await open_sqlite(database.parent)
    head = await store.create_document("doc", "playlist", "epoch", "ada", b"empty", 1)
    head = await written(store, head, 50)
    copy = tmp_path / "copy.db"
    copying = asyncio.create_task(asyncio.to_thread(sqlite_file.back_up, database, copy))
    while not copying.done():
        head = await written(store, head, 1)
    await copying
    with closing(sqlite3.connect(copy)) as connection:
        (versions, newest) = connection.execute("SELECT count(*), max(version) FROM operations").fetchone()
        (version,) = connection.execute("SELECT version FROM documents").fetchone()
    assert 50 <= versions == newest == version <= head.version
    await store.close()


async def test_it_is_one_file_and_must_be_declared(database: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    sqlite_file.back_up(await make(database), copy)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["copy.db"]
    put_back(copy, database)
    assert "run `tutti restored`" in await refused_start(database.parent)
    visitor = await open_sqlite(database.parent, visitor=True)
    assert [head.version for head in await visitor.all_documents()] == [3]
    await visitor.close()
    async with restoring_sqlite(database.parent) as store:
        assert "in use" in await refused_start(database.parent)
        await store.begin_anew([("doc", "new")])
    again = await open_sqlite(database.parent)
    assert (await again.heads(["doc"]))["doc"] == Head("doc", "playlist", "new", 3, 4)
    await again.close()


async def test_a_declaration_that_breaks_off_must_be_repeated(database: Path) -> None:
    """Also of a file that was copied by other means, which says nothing of itself."""
    await make(database)
    with pytest.raises(RuntimeError):
        async with restoring_sqlite(database.parent):
            raise RuntimeError("half way")
    assert "run `tutti restored`" in await refused_start(database.parent)
    async with restoring_sqlite(database.parent):
        pass
    await (await open_sqlite(database.parent)).close()


async def test_nothing_is_declared_where_nothing_is(tmp_path: Path) -> None:
    with pytest.raises(StoreRefused, match="no Tutti database"):
        async with restoring_sqlite(tmp_path / "data"):
            pass
    assert not (tmp_path / "data").exists()


async def test_the_log_of_another_database_is_not_replayed(database: Path, tmp_path: Path) -> None:
    """The server was killed, and only the file itself was replaced."""
    copy, killed = tmp_path / "copy.db", tmp_path / "killed"
    store = await open_sqlite(database.parent)
    head = await store.create_document("doc", "playlist", "epoch", "ada", b"empty", 1)
    sqlite_file.back_up(database, copy)
    await written(store, head, 3)
    shutil.copytree(database.parent, killed)
    await store.close()
    shutil.copy(copy, killed / "tutti.db")
    for opening in (open_sqlite(killed), open_sqlite(killed, visitor=True)):
        with pytest.raises(StoreRefused, match=r"tutti\.db-wal belongs to the database that was here before"):
            await opening
    with pytest.raises(StoreRefused, match="belongs"):
        async with restoring_sqlite(killed):
            pass
    (killed / "tutti.db-wal").unlink()
    async with restoring_sqlite(killed) as restored:
        assert (await restored.heads(["doc"]))["doc"] == head


async def test_nothing_is_overwritten(database: Path, tmp_path: Path) -> None:
    copy = tmp_path / "precious"
    copy.write_text("precious")
    assert "exists already" in refusal(await make(database), copy)
    assert copy.read_text() == "precious"


async def test_what_cannot_be_written_is_said(database: Path, tmp_path: Path) -> None:
    await make(database)
    assert "was not made" in refusal(database, tmp_path / "nowhere" / "copy.db")
    assert "no Tutti database" in refusal(tmp_path / "tutti.db", tmp_path / "copy.db")


async def test_a_damaged_database_gives_no_copy(database: Path, tmp_path: Path) -> None:
    data = bytearray((await make(database, 200)).read_bytes())
    middle = len(data) // 4096 // 2 * 4096
    data[middle : middle + 4096] = b"\xff" * 4096
    database.write_bytes(data)
    assert "damaged" in refusal(database, tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


async def test_an_interrupted_one_leaves_no_file_of_that_name(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sqlite_copy, "_look_through", fail)
    assert "No space left" in refusal(await make(database), tmp_path / "copy.db")
    monkeypatch.undo()
    (tmp_path / "copy.db.part").write_bytes(b"half made")
    sqlite_file.back_up(database, tmp_path / "copy.db")
