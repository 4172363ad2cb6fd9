"""What the process that touches the music finds, and that no file gets the better of it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from collab.music.reader import Reader, ReaderLost, open_reader
from collab.music.tags import Unfit
from tests.collab.music.files import tag_mp3, write
from tests.collab.music.hostile import comments, flac_block, write_entries


@pytest.fixture
async def reader(tmp_path: Path) -> AsyncIterator[Reader]:
    (tmp_path / "music").mkdir()
    async with open_reader(tmp_path / "music") as reader:
        yield reader


class Walked:
    """Everything that a walk said."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[int, int]] = {}
        self.faults: dict[str, str] = {}
        self.blind: dict[str, str] = {}


async def walked(reader: Reader) -> Walked:
    found = Walked()
    async for page in reader.walk():
        found.files.update((path, (size, mtime)) for path, size, mtime in page.files)
        found.faults.update(page.faults)
        found.blind.update(page.blind)
    return found


async def test_a_walk_finds_music_by_its_name(reader: Reader, tmp_path: Path) -> None:
    music = tmp_path / "music"
    for name in ("a.mp3", "B.FLAC", "deep/er/c.ogg", "d.opus", "e.m4a", "f.wav"):
        write(music / name.lower()).rename(music / name)
    for name in ("cover.jpg", "notes.txt", ".hidden.mp3", "._a.mp3", ".folder/x.mp3", "mp3", "a.mp3.part"):
        (music / name).parent.mkdir(exist_ok=True)
        (music / name).write_bytes(b"x")
    found = await walked(reader)
    assert set(found.files) == {"a.mp3", "B.FLAC", "deep/er/c.ogg", "d.opus", "e.m4a", "f.wav"}
    seen = (music / "a.mp3").stat()
    assert found.files["a.mp3"] == (seen.st_size, seen.st_mtime_ns)
    assert not found.faults
    assert not found.blind


async def test_many_files_come_in_pages(reader: Reader, tmp_path: Path) -> None:
    for number in range(2_500):
        (tmp_path / "music" / f"{number}.mp3").write_bytes(b"x")
    pages = [len(page.files) async for page in reader.walk()]
    assert pages == [1_000, 1_000, 500]
    # And the next question is answered as ever.
    assert len((await walked(reader)).files) == 2_500


async def test_what_is_no_file_is_a_fault_and_nothing_is_followed(reader: Reader, tmp_path: Path) -> None:
    expected = dict(write_entries(tmp_path / "music" / "e", tmp_path / "outside"))
    found = await walked(reader)
    assert [path.rpartition("/")[2] for path in found.files] == ["fine.mp3"]
    assert len(found.faults) == len(expected)
    for path, why in expected.items():
        shown = next(
            each for each in found.faults if path.endswith(each.lstrip("…")[-200:].removeprefix("e/"))
        )
        assert why in found.faults[shown], path


async def test_a_folder_that_is_missing_or_no_folder_is_blind(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    for name in ("nowhere", "file"):
        async with open_reader(tmp_path / name) as reader:
            found = await walked(reader)
        assert not found.files
        assert list(found.blind) == [""]


async def test_it_reads_tags_and_says_why_not(reader: Reader, tmp_path: Path) -> None:
    music = tmp_path / "music"
    tag_mp3(write(music / "a" / "song.mp3"), {"TIT2": "Song", "TPE1": "Ada"})
    (music / "text.mp3").write_bytes(b"text")
    (music / "out.mp3").symlink_to(write(tmp_path / "outside.mp3"))
    tags = await reader.read("a/song.mp3")
    assert (tags.title, tags.artists, tags.media_type) == ("Song", ("Ada",), "audio/mpeg")
    for path in ("text.mp3", "gone.mp3", "out.mp3", "../outside.mp3", "a", "a/../../outside.mp3"):
        with pytest.raises(Unfit):
            await reader.read(path)
    assert (await reader.read("a/song.mp3")).title == "Song"


def busy() -> bytes:
    """A file whose tags take hours: each of half a million artists is compared with all before."""
    return flac_block(4, comments(*(b"ARTIST=%d" % number for number in range(500_000))))


async def test_a_file_that_keeps_its_reader_busy_is_given_up(tmp_path: Path) -> None:
    (tmp_path / "busy.flac").write_bytes(busy())
    write(tmp_path / "song.mp3")
    async with open_reader(tmp_path, read_timeout_s=1.0) as reader:
        with pytest.raises(Unfit, match="could not be read within 1 s"):
            await reader.read("busy.flac")
        assert (await reader.read("song.mp3")).title == "song"


async def test_a_reader_that_breaks_down_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "busy.flac").write_bytes(busy())
    write(tmp_path / "song.mp3")
    async with open_reader(tmp_path) as reader:
        assert (await reader.read("song.mp3")).title == "song"
        reading = asyncio.create_task(reader.read("busy.flac"))
        await asyncio.sleep(0)
        assert reader.process is not None
        reader.process.kill()
        with pytest.raises(Unfit, match="broke down"):
            await reading
        assert (await reader.read("song.mp3")).title == "song"


async def test_a_disk_that_does_not_answer_is_not_asked_file_by_file(tmp_path: Path) -> None:
    write(tmp_path / "song.mp3")
    # No time at all, as on a disk that hangs.
    async with open_reader(tmp_path, read_timeout_s=0, walk_timeout_s=0) as reader:
        with pytest.raises(ReaderLost, match="look at its disk"):
            await walked(reader)
        for _ in range(2):
            with pytest.raises(Unfit):
                await reader.read("song.mp3")
        with pytest.raises(ReaderLost, match="look at its disk"):
            await reader.read("song.mp3")


async def test_what_is_not_there_cannot_be_watched(tmp_path: Path) -> None:
    async with open_reader(tmp_path / "nowhere") as reader:
        with pytest.raises(ReaderLost):
            await anext(reader.movements())


async def test_movements_are_told(reader: Reader, tmp_path: Path) -> None:
    async for is_news in reader.movements():
        if is_news:
            break
        write(tmp_path / "music" / "song.mp3")
