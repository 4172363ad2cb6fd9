"""What is written to the folder, with music that takes no time."""

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from collab.music.pieces import studio
from collab.music.pieces.compositions import COMPOSITIONS
from collab.music.pieces.messages import MESSAGES, Failed, Rendered
from collab.music.pieces.score import Score
from collab.music.pieces.studio import render

NAMES = [f"{compose().name}.ogg" for compose in COMPOSITIONS]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that holds nothing but its edition."""
    monkeypatch.setattr(studio, "file_of", lambda score: score.digest().encode())
    monkeypatch.setattr(studio, "edition_in", lambda path: Path(path).read_text())
    monkeypatch.setattr(studio, "edition_of", Score.digest)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "pieces"


def visible(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def test_all_pieces_are_rendered_once(folder: Path) -> None:
    assert list(render(folder)) == NAMES
    assert visible(folder) == sorted(NAMES)
    assert list(render(folder)) == []


def test_each_is_there_when_it_is_said(folder: Path) -> None:
    for number, name in enumerate(render(folder), 1):
        assert (folder / name).exists()
        assert len(visible(folder)) == number


def test_another_edition_and_what_was_damaged_are_replaced(folder: Path) -> None:
    list(render(folder))
    (folder / NAMES[3]).write_text("an older edition")
    (folder / NAMES[5]).unlink()
    assert list(render(folder)) == [NAMES[3], NAMES[5]]


def test_files_of_others_stay(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "mine.ogg").write_text("mine")
    list(render(folder))
    assert (folder / "mine.ogg").read_text() == "mine"


def test_drafts_of_a_process_that_was_killed_are_cleared(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / f".{NAMES[0]}.draft").write_bytes(b"half")
    list(render(folder))
    assert not list(folder.glob(".*.draft"))


def test_a_full_disk_leaves_no_draft(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rendering = render(folder)
    next(rendering)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        next(rendering)
    assert visible(folder) == [NAMES[0]]
    assert not list(folder.glob(".*.draft"))


def test_of_two_processes_one_renders(folder: Path) -> None:
    """The second waits for the first, and finds all done."""
    first = render(folder)
    names = [next(first)]
    others: list[str] = []
    second = threading.Thread(target=lambda: others.extend(render(folder)))
    second.start()
    names += first
    second.join()
    assert names == NAMES
    assert others == []


def test_a_folder_with_all_of_them_need_not_be_writable(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(render(folder))
    monkeypatch.setattr(studio, "_alone", None)
    assert list(render(folder)) == []


# -- the process -----------------------------------------------------------------------------------------

PROGRAM = (sys.executable, "-m", "collab.music.pieces.studio")


def test_it_ends_with_the_server_and_leaves_nothing_half_done(tmp_path: Path) -> None:
    with subprocess.Popen([*PROGRAM, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert isinstance(MESSAGES.decode(process.stdout.readline()), Rendered)
        process.stdin.close()
        process.wait()
    assert 1 <= len(visible(tmp_path)) < len(NAMES)
    for name in visible(tmp_path):
        assert (tmp_path / name).read_bytes().startswith(b"OggS")


def test_a_file_that_cannot_be_written_whole_is_one_sentence(tmp_path: Path) -> None:
    with subprocess.Popen(
        ["sh", "-c", 'ulimit -f 100; exec "$@"', "sh", *PROGRAM, tmp_path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        [line] = process.stdout
        assert process.wait() == 0
    message = MESSAGES.decode(line)
    assert isinstance(message, Failed)
    assert message.why.startswith(
        f"The sample pieces cannot be written to {tmp_path} (File too large); make room"
    )
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]
