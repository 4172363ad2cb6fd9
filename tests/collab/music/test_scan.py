"""The catalogue becomes what the folder is, whoever wrote its files."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog

from collab.metrics import Metrics
from collab.music.library import id_of_path
from collab.music.reader import Reader
from collab.music.scan import LINES_MAX, Scanner, Tally
from collab.music.tags import Tags, Unreadable
from storage.catalogue import Catalogue, TrackRow
from storage.sqlite import open_sqlite
from tests.collab.music.files import tag_mp3, whole_album, write
from tests.collab.music.hostile import write_contents, write_entries, write_tagged


@pytest.fixture
async def catalogue(tmp_path: Path) -> AsyncIterator[Catalogue]:
    store = await open_sqlite(tmp_path / "tutti.db")
    yield store.catalogue
    await store.close()


class World:
    """A folder of music, and who keeps the catalogue as it is."""

    def __init__(self, root: Path, catalogue: Catalogue) -> None:
        self.root = root
        root.mkdir(exist_ok=True)
        self.catalogue = catalogue
        self.metrics = Metrics()
        self.scanner = self.another()
        self.lines: list[tuple[str, str]] = []

    def another(self) -> Scanner:
        """A node that knows nothing of the first one but by the database."""
        return Scanner(self.root, self.catalogue, self.metrics, lambda: 1_000_000)

    async def scan(self) -> Tally:
        with structlog.testing.capture_logs() as logs:
            tally = await self.scanner.scan()
        self.lines = [(line["path"], line["why"]) for line in logs if line["event"] == "music_refused"]
        return tally

    async def rows(self) -> dict[str, TrackRow]:
        known = await self.catalogue.known()
        rows = await self.catalogue.tracks([file.id for file in known.values()])
        return {row.path: row for row in rows.values()}


@pytest.fixture
def world(tmp_path: Path, catalogue: Catalogue) -> World:
    return World(tmp_path / "music", catalogue)


async def test_a_folder_becomes_a_catalogue(world: World) -> None:
    whole_album(world.root / "Ada" / "Units")
    assert await world.scan() == Tally(files=6, added=6)
    rows = await world.rows()
    assert set(rows) == {
        f"Ada/Units/{suffix}.{suffix}" for suffix in ("mp3", "flac", "ogg", "opus", "m4a", "wav")
    }
    row = rows["Ada/Units/flac.flac"]
    seen = (world.root / row.path).stat()
    assert (row.id, row.size_bytes, row.mtime_ns) == (id_of_path(row.path), seen.st_size, seen.st_mtime_ns)
    assert (row.title, row.artists, row.album, row.key) == ("Ångström", ("Ada", "Grace"), "Units", "11A")
    assert row.added_ms == 1_000_000
    found = await world.catalogue.search("ångstr", 10)
    assert found.total == 6


async def test_a_scan_that_is_repeated_changes_nothing(world: World) -> None:
    whole_album(world.root)
    await world.scan()
    before = await world.rows()
    assert await world.scan() == Tally(files=6)
    # Neither does that of another node, or of this one after a restart.
    assert not (await world.another().scan()).is_news
    assert await world.rows() == before


async def test_two_nodes_scan_at_once(world: World) -> None:
    for number in range(30):
        write(world.root / f"{number}.ogg")
    await asyncio.gather(world.another().scan(), world.another().scan())
    assert len(await world.rows()) == 30
    assert await world.scan() == Tally(files=30)


async def test_a_file_that_moves_keeps_its_id(world: World) -> None:
    write(world.root / "a" / "song.ogg")
    write(world.root / "stays.ogg")
    await world.scan()
    (world.root / "b").mkdir()
    (world.root / "a" / "song.ogg").rename(world.root / "b" / "Other Song.ogg")
    assert await world.scan() == Tally(files=2, moved=1)
    rows = await world.rows()
    assert rows["b/Other Song.ogg"].id == id_of_path("a/song.ogg")
    assert rows["b/Other Song.ogg"].title == "Other Song"


async def test_a_file_that_changes_keeps_its_id(world: World) -> None:
    file = write(world.root / "song.mp3")
    await world.scan()
    tag_mp3(file, {"TIT2": "Song, remastered"})
    assert await world.scan() == Tally(files=1, changed=1)
    assert (await world.rows())["song.mp3"].title == "Song, remastered"
    assert (await world.rows())["song.mp3"].id == id_of_path("song.mp3")


async def test_files_that_change_places_keep_their_ids(world: World) -> None:
    one, two = write(world.root / "one.ogg"), write(world.root / "two.ogg", seconds=2)
    await world.scan()
    one.rename(world.root / "three.ogg")
    two.rename(one)
    (world.root / "three.ogg").rename(two)
    assert await world.scan() == Tally(files=2, moved=2)
    rows = await world.rows()
    assert {path: row.id for path, row in rows.items()} == {
        "one.ogg": id_of_path("two.ogg"),
        "two.ogg": id_of_path("one.ogg"),
    }
    assert rows["one.ogg"].duration_ms > rows["two.ogg"].duration_ms


async def test_a_file_that_is_gone_goes(world: World) -> None:
    write(world.root / "a.ogg")
    write(world.root / "b.ogg")
    await world.scan()
    (world.root / "a.ogg").unlink()
    assert await world.scan() == Tally(files=1, gone=1)
    assert list(await world.rows()) == ["b.ogg"]


async def test_a_track_that_becomes_none_goes(world: World) -> None:
    file = write(world.root / "a.ogg")
    write(world.root / "b.ogg")
    await world.scan()
    file.write_bytes(b"no music any more")
    assert await world.scan() == Tally(files=2, gone=1, refused=1)
    assert list(await world.rows()) == ["b.ogg"]


async def test_an_empty_or_missing_folder_empties_nothing(world: World) -> None:
    write(world.root / "a.ogg")
    await world.scan()
    before = await world.rows()
    disk = world.root.rename(world.root.parent / "disk")
    assert (await world.scan()).gone == 0
    [(path, why)] = world.lines
    assert path == str(world.root)
    assert "Mount its disk" in why
    world.root.mkdir()
    assert (await world.scan()).gone == 0
    assert not world.lines, "it is said once"
    assert await world.rows() == before
    world.root.rmdir()
    disk.rename(world.root)
    assert await world.scan() == Tally(files=1)


async def test_a_folder_that_cannot_be_read_takes_nothing_away(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.getuid() == 0:
        pytest.skip("nothing is closed to root")
    write(world.root / "closed" / "a.ogg")
    write(world.root / "b.ogg")
    await world.scan()
    (world.root / "closed").chmod(0)
    try:
        assert (await world.scan()).gone == 0
        assert [path for path, _ in world.lines] == ["closed"]
    finally:
        (world.root / "closed").chmod(0o700)


async def test_a_file_that_cannot_be_read_now_is_read_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a track that moved keeps its id meanwhile."""
    song = write(world.root / "song.ogg")
    write(world.root / "b.ogg")
    await world.scan()
    song.rename(world.root / "moved.ogg")
    write(world.root / "new.ogg")

    async def read(reader: Reader, path: str) -> Tags:
        raise Unreadable("It cannot be read.")

    with monkeypatch.context() as patch:
        patch.setattr(Reader, "read", read)
        assert await world.scan() == Tally(files=3, moved=1, refused=2)
        assert sorted(world.lines) == [(path, "It cannot be read.") for path in ("moved.ogg", "new.ogg")]
        assert await world.scan() == Tally(files=3, refused=2)
        assert not world.lines, "it is said once"
    assert await world.scan() == Tally(files=3, added=1, changed=1)
    moved = (await world.rows())["moved.ogg"]
    assert (moved.id, moved.title) == (id_of_path("song.ogg"), "moved")


async def test_hostile_files_change_nothing_but_their_own_line(world: World, tmp_path: Path) -> None:
    whole_album(world.root / "good")
    await world.scan()
    before = await world.rows()
    expected = {
        **{f"contents/{name}": why for name, why in write_contents(world.root / "contents")},
        **{f"tagged/{name}": why for name, why in write_tagged(world.root / "tagged")},
        **{f"entries/{name}": why for name, why in write_entries(world.root / "entries", tmp_path / "out")},
    }
    assert len(expected) >= 50
    fine = set(before) | {next(f"{p.relative_to(world.root)}" for p in world.root.rglob("fine.mp3"))}
    tally = await world.scan()
    assert (tally.added, tally.changed, tally.moved, tally.gone) == (1, 0, 0, 0)
    assert tally.refused == len(expected) == len(world.lines)
    said = dict(world.lines)
    assert len(said) == len(expected), "one line each"
    for path, why in expected.items():
        shown = (
            path
            if path in said
            else next(line for line in said if line.startswith("…") and path.endswith(line[1:]))
        )
        assert why in said[shown], path
        assert said[shown].endswith(".")
    after = await world.rows()
    assert set(after) == fine
    assert {path: after[path] for path in before} == before
    # And it is not said again.
    assert (await world.scan()).refused == len(expected)
    assert not world.lines
    # Once they are gone, nothing is left of them.
    for folder in ("contents", "tagged", "entries"):
        shutil.rmtree(world.root / folder)
    assert (await world.scan()).refused == 0
    assert await world.rows() == before


async def test_lines_are_bounded(world: World) -> None:
    write(world.root / "good.ogg")
    for number in range(LINES_MAX + 10):
        (world.root / f"{number}.mp3").write_bytes(b"")
    tally = await world.scan()
    assert tally.refused == LINES_MAX + 10
    assert len(world.lines) == LINES_MAX + 1
    assert "more than 1,000" in world.lines[-1][1]


async def test_metrics(world: World) -> None:
    write(world.root / "a.ogg")
    (world.root / "b.mp3").write_bytes(b"text")
    await world.scan()
    text = world.metrics.render().decode()
    assert "tutti_music_files 1.0" in text
    assert "tutti_music_files_refused 1.0" in text
    assert "tutti_music_files_to_read 0.0" in text
    assert 'tutti_music_scan_state{tutti_music_scan_state="idle"} 1.0' in text
    assert "tutti_music_scan_seconds" in text
