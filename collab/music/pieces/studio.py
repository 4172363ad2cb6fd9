"""A process that renders the pieces that a folder lacks, while the server does its work.

Rendering keeps a core busy for some seconds, so it is not done in the server's own process, and with little
priority. A piece is there whole or not at all: it is written under a hidden name, made to stay on the disk,
and renamed. Of several processes on one folder one renders, and the others wait and find all done. It ends by
itself when its server does. Started by `renderer` as `python -m collab.music.pieces.studio FOLDER`.
"""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from collab.music.pieces.compositions import COMPOSITIONS
from collab.music.pieces.edition import SUFFIX, edition_in, edition_of, file_of
from collab.music.pieces.messages import Failed, Message, Rendered, line
from collab.music.pieces.score import Score

_LOCK: Final = ".lock"
_DRAFT: Final = ".draft"
_NICENESS: Final = 10


def main() -> None:
    folder = Path(sys.argv[1])
    # Ctrl-C in a terminal is meant for the server, which ends us when it ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        os.nice(_NICENESS)
    threading.Thread(target=_end_with_server, daemon=True).start()
    with suppress(BrokenPipeError):  # the server ended a moment ago
        for message in _messages(folder):
            os.write(1, line(message))


def _end_with_server() -> None:
    """Nobody writes to us; that stdin ends means that the server did."""
    os.read(0, 1)
    os._exit(0)


def _messages(folder: Path) -> Iterator[Message]:
    try:
        for name in render(folder):
            yield Rendered(name)
    except OSError as error:
        yield Failed(
            f"The sample pieces cannot be written to {folder} ({error.strerror or error}); make room there "
            "and let the server write, or start it with --no-samples."
        )


def render(folder: Path) -> Iterator[str]:
    """Renders what is missing or of another edition, and says the name of each piece when its file is there.
    Waits while another process does so. Raises OSError."""
    scores = [compose() for compose in COMPOSITIONS]
    # Who has all of them may have a folder that cannot be written.
    if all(_is_there(folder, score) for score in scores):
        return
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        for draft in folder.glob(f".*{_DRAFT}"):
            draft.unlink()  # of a process that was killed
        for score in scores:
            if not _is_there(folder, score):
                path = _path(folder, score)
                _write(path, file_of(score))
                yield path.name


def _path(folder: Path, score: Score) -> Path:
    return folder / f"{score.name}{SUFFIX}"


def _is_there(folder: Path, score: Score) -> bool:
    path = _path(folder, score)
    return path.exists() and edition_in(path) == edition_of(score)


def _write(path: Path, contents: bytes) -> None:
    draft = path.with_name(f".{path.name}{_DRAFT}")
    try:
        with draft.open("wb") as file:
            file.write(contents)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
    if sys.platform != "win32":
        _sync(path.parent)


def _sync(folder: Path) -> None:
    """The name, too, shall survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Ends with the process, however that ends. Windows has no need of it: there one server has a folder."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    with (folder / _LOCK).open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    main()
