"""When a folder is looked through: at once, when something moves, and when somebody says so."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog

from collab.config import Settings
from collab.errors import CannotStart
from collab.fields import check_track
from collab.metrics import Metrics
from collab.music import keeper as keeper_module
from collab.music.keeper import Keeper
from collab.music.library import Library, id_of_path
from collab.music.opening import open_music
from storage.catalogue import TrackRow
from storage.sqlite import open_sqlite
from storage.store import Unavailable
from tests.collab.music.files import FORMATS, whole_album, write

# What lasts longer hangs.
HUNG_S = 30


@pytest.fixture
async def catalogue(tmp_path: Path) -> AsyncIterator[Any]:
    """An `Observed` one; what else it is asked, the database answers."""
    store = await open_sqlite(tmp_path / "data")
    yield Observed(store.catalogue)
    await store.close()


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper_module, "PAUSE_S", 0)
    monkeypatch.setattr(keeper_module, "PAUSE_FACTOR", 0)


class Observed:
    """A catalogue, and whoever waits for it to become something."""

    def __init__(self, catalogue: Any) -> None:
        self._catalogue = catalogue
        self._written = asyncio.Event()

    def __getattr__(self, name: str) -> object:
        return getattr(self._catalogue, name)

    async def put(self, rows: Sequence[TrackRow]) -> None:
        await self._catalogue.put(rows)
        self._written.set()

    async def remove(self, ids: Sequence[str]) -> None:
        await self._catalogue.remove(ids)
        self._written.set()

    async def becomes(self, *paths: str) -> None:
        async with asyncio.timeout(HUNG_S):
            while set(await self._catalogue.known()) != set(paths):
                await self._written.wait()
                self._written.clear()


@asynccontextmanager
async def kept(root: Path, catalogue: Any, *, is_watched: bool) -> AsyncIterator[Keeper]:
    keeper = Keeper(root, catalogue, Metrics(), lambda: 1, is_watched=is_watched)
    task = asyncio.create_task(keeper.keep_running())
    try:
        yield keeper
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_what_moves_in_a_watched_folder_is_found(tmp_path: Path, catalogue: Any) -> None:
    root = tmp_path / "music"
    write(root / "a.ogg")
    async with kept(root, catalogue, is_watched=True):
        await catalogue.becomes("a.ogg")
        write(root / "new" / "b.ogg")
        await catalogue.becomes("a.ogg", "new/b.ogg")
        (root / "new").rename(root / "old")
        await catalogue.becomes("a.ogg", "old/b.ogg")
        assert (await catalogue.known())["old/b.ogg"].id == id_of_path("new/b.ogg")


async def test_another_folder_is_looked_through_when_somebody_says_so(tmp_path: Path, catalogue: Any) -> None:
    root = tmp_path / "pieces"
    write(root / "a.ogg")
    async with kept(root, catalogue, is_watched=False) as keeper:
        await catalogue.becomes("a.ogg")
        write(root / "b.ogg")
        keeper.look_soon()
        await catalogue.becomes("a.ogg", "b.ogg")


async def test_where_the_system_does_not_tell_time_does(
    tmp_path: Path, catalogue: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is mounted later, for one: there is nothing to watch yet."""
    monkeypatch.setattr(keeper_module, "UNTOLD_EVERY_S", 0.01)
    monkeypatch.setattr(keeper_module, "WATCH_AGAIN_S", HUNG_S)
    root = tmp_path / "disk"
    async with kept(root, catalogue, is_watched=True):
        write(tmp_path / "mounting" / "a.ogg").parent.rename(root)
        await catalogue.becomes("a.ogg")


class Sick:
    """A catalogue whose database does not answer the first time."""

    def __init__(self, catalogue: Any) -> None:
        self._catalogue = catalogue
        self._is_sick = True

    def __getattr__(self, name: str) -> object:
        if self._is_sick:
            self._is_sick = False
            raise Unavailable("no answer")
        return getattr(self._catalogue, name)


async def test_a_database_that_does_not_answer_is_asked_again(
    tmp_path: Path, catalogue: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper_module, "UNTOLD_EVERY_S", 0.01)
    write(tmp_path / "pieces" / "a.ogg")
    sick = Sick(catalogue)
    with structlog.testing.capture_logs() as logs:
        async with kept(tmp_path / "pieces", sick, is_watched=False):
            await catalogue.becomes("a.ogg")
    assert [line["why"] for line in logs if line["event"] == "music_not_scanned"] == ["no answer"]


# -- put together -----------------------------------------------------------------------------------------


@asynccontextmanager
async def opened(settings: Settings, catalogue: Any, *, keeps: bool = True) -> AsyncIterator[Library | None]:
    async with open_music(settings, catalogue, Metrics(), lambda: 1, keeps=keeps) as library:
        yield library


async def test_an_operators_folder_is_closed(tmp_path: Path, catalogue: Any) -> None:
    root = tmp_path / "music"
    whole_album(root)
    async with opened(Settings(data=tmp_path, music=root), catalogue) as library:
        assert library == Library(root, catalogue, is_closed=True)
        await catalogue.becomes(*(f"{suffix}.{suffix}" for suffix in (*FORMATS, "m4a")))
        songs = await library.songs([id_of_path("mp3.mp3"), "x" * 22])
    [song] = songs.values()
    check_track(song)
    assert song == {
        "track": f"tutti:track:{id_of_path('mp3.mp3')}",
        "title": "Ångström",
        "artists": ["Ada", "Grace"],
        "album": "Units",
        "duration_ms": song["duration_ms"],
        "isrc": "USRC17607839",
        "key": "11A",
        "tempo": 12_850,
    }


async def test_another_worker_only_looks_things_up(tmp_path: Path, catalogue: Any) -> None:
    async with opened(Settings(data=tmp_path, music=tmp_path / "gone"), catalogue, keeps=False) as library:
        assert library is not None
        assert await library.track(id_of_path("a.mp3")) is None


async def test_who_wants_no_music_gets_none(tmp_path: Path, catalogue: Any) -> None:
    async with opened(Settings(data=tmp_path, samples=False), catalogue) as library:
        assert library is None


async def test_a_file_is_no_folder(tmp_path: Path, catalogue: Any) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CannotStart, match="is no folder"):
        async with opened(Settings(data=tmp_path, music=tmp_path / "file"), catalogue):
            pass
