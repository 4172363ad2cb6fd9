"""What a track is called, and that its file is opened where it is and nowhere else."""

import os
from pathlib import Path

import pytest

from collab.ids import is_id
from collab.music.library import FileGone, Library, id_of_path
from storage.catalogue import Catalogue, TrackRow


class NoCatalogue:
    """Nothing here asks it."""


def library(root: Path) -> Library:
    catalogue: Catalogue = NoCatalogue()  # type: ignore[assignment]
    return Library(root, catalogue)


def row(path: str) -> TrackRow:
    return TrackRow(
        id=id_of_path(path), path=path, size_bytes=4, mtime_ns=0, title="A", artists=(), album="",
        duration_ms=1000, isrc="", recording_id="", tempo=None, key="", energy=None,
        media_type="audio/mpeg", artwork="", added_ms=0,
    )  # fmt: skip


def read(root: Path, path: str) -> bytes:
    descriptor = library(root).open(row(path))
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


def test_a_file_is_opened_where_it_lies(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "song.mp3").write_bytes(b"song")
    assert read(tmp_path, "a/b/song.mp3") == b"song"


def test_the_root_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "song.mp3").write_bytes(b"song")
    (tmp_path / "music").symlink_to(tmp_path / "disk")
    assert read(tmp_path / "music", "song.mp3") == b"song"


@pytest.mark.parametrize(
    "path", ["", ".", "..", "../outside", "a/../../outside", "/outside", "a//b", "a/./b"]
)
def test_no_path_leads_out(tmp_path: Path, path: str) -> None:
    (tmp_path / "outside").write_bytes(b"secret")
    (tmp_path / "music" / "a").mkdir(parents=True)
    (tmp_path / "music" / "a" / "b").write_bytes(b"song")
    with pytest.raises(FileGone):
        library(tmp_path / "music").open(row(path))


def test_no_link_is_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "song.mp3").write_bytes(b"secret")
    root = tmp_path / "music"
    root.mkdir()
    (root / "folder").symlink_to(outside)
    (root / "song.mp3").symlink_to(outside / "song.mp3")
    for path in ("folder/song.mp3", "song.mp3"):
        with pytest.raises(FileGone):
            library(root).open(row(path))


def test_only_files_are_opened_and_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "folder.mp3").mkdir()
    os.mkfifo(tmp_path / "pipe.mp3")
    for path in ("folder.mp3", "pipe.mp3", "gone.mp3"):
        with pytest.raises(FileGone):
            library(tmp_path).open(row(path))


def test_an_open_file_outlives_its_name(tmp_path: Path) -> None:
    (tmp_path / "song.mp3").write_bytes(b"song")
    descriptor = library(tmp_path).open(row("song.mp3"))
    (tmp_path / "song.mp3").unlink()
    with os.fdopen(descriptor, "rb") as file:
        assert file.read() == b"song"


def test_nothing_stays_open_after_a_refusal(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    before = len(os.listdir("/proc/self/fd"))
    for path in ("a", "a/gone", "gone/gone"):
        with pytest.raises(FileGone):
            library(tmp_path).open(row(path))
    assert len(os.listdir("/proc/self/fd")) == before


def test_ids_come_from_paths_and_are_fixed_for_ever() -> None:
    assert id_of_path("a/b.mp3") == "03NxHfQxp6K8kymbhAnXCk"
    assert is_id(id_of_path("caf\udce9.mp3"))
    assert id_of_path("a.mp3") != id_of_path("b.mp3")
