"""A process that touches the music so that the server need not.

Looks through the folder, opens files and parses what strangers wrote into them. Whatever a file does to it (a
crash, a parser that never ends, all memory used up) it does to this process, which has little memory, low
priority and nothing to lose; the server ends it and starts another. It ends by itself when its server does.
Started by `reader` as `python -m collab.music.reader_process ROOT`.
"""

import os
import signal
import stat
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import BinaryIO, Final, assert_never

from watchfiles import watch

from collab.music.bounded_file import BoundedFile
from collab.music.folder import open_below
from collab.music.reader_messages import (
    FILES_A_PAGE,
    REQUESTS,
    Answer,
    Bad,
    Good,
    Moved,
    Page,
    Read,
    Request,
    Still,
    Walk,
    Walked,
    Watch,
    line,
)
from collab.music.tags import Unfit, read_tags
from collab.music.walk import Blind, Fault, File, walk

# Python and what it has read need a tenth; a picture is held a few times over.
_MEMORY_BYTES_MAX: Final = 1 << 30
_NICENESS: Final = 10
# Changes come in swarms: an album is copied file by file.
_GATHER_MS: Final = 2_000
_QUIET_MS: Final = 500
_STILL_MS: Final = 2_000
_SHOWN_CHARS_MAX: Final = 300


def main() -> None:
    answers = _own_stdout()
    _restrain()
    root = Path(sys.argv[1])
    requests: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_listen, args=(requests,), daemon=True).start()
    while True:
        for answer in _answers(root, REQUESTS.decode(requests.get())):
            answers.write(line(answer))
            answers.flush()


def _listen(requests: SimpleQueue[bytes]) -> None:
    for request in sys.stdin.buffer:
        requests.put(request)
    # The server is gone, and whatever keeps us busy is for nobody.
    os._exit(0)


def _own_stdout() -> BinaryIO:
    """Where answers go. What else writes to stdout, a library's warning say, must not stand between them."""
    own = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return own


def _restrain() -> None:
    # Ctrl-C in a terminal, and what a service's manager sends to all of its processes, is meant for the
    # server, which ends us when it ends.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    if sys.platform == "win32":
        return
    import resource

    os.nice(_NICENESS)
    for limit, most in ((resource.RLIMIT_AS, _MEMORY_BYTES_MAX), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(limit, (most, most))


def _answers(root: Path, request: Request) -> Iterator[Answer]:
    match request:
        case Walk():
            yield from _pages(root)
            yield Walked()
        case Read():
            yield _read(root, request.path)
        case Watch():
            yield from _movements(root)
        case _:
            assert_never(request)


def _pages(root: Path) -> Iterator[Page]:
    page = Page([], [], [])
    for found in walk(root):
        match found:
            case File():
                page.files.append(found)
            case Fault():
                page.faults.append((_printable(found.path), found.why))
            case Blind():
                page.blind.append((found.path if _is_utf8(found.path) else "", found.why))
        if len(page.files) + len(page.faults) + len(page.blind) >= FILES_A_PAGE:
            yield page
            page = Page([], [], [])
    yield page


def _read(root: Path, path: str) -> Good | Bad:
    try:
        descriptor = open_below(root, path)
        with BoundedFile(descriptor) as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return Bad("It is no file (any more); take it away.")
            return Good(read_tags(file, path.rpartition("/")[2].rpartition(".")[0]))
    except Unfit as error:
        return Bad(str(error))
    except OSError as error:
        why = f"It cannot be read ({error.strerror or error}); look at the disk and at who may read it."
        return Bad(why, is_passing=True)
    except Exception as error:
        # The guard of what parsers may come to. The next file has not deserved it.
        return Bad(f"Its reader failed ({type(error).__name__}); write its tags anew.")


def _movements(root: Path) -> Iterator[Moved | Still | Bad]:
    if not root.is_dir():
        yield Bad("The music folder is not there (yet), so it cannot be watched.")
        return
    try:
        for changes in watch(
            root,
            watch_filter=None,
            debounce=_GATHER_MS,
            step=_QUIET_MS,
            rust_timeout=_STILL_MS,
            yield_on_timeout=True,
            raise_interrupt=False,
            ignore_permission_denied=True,
        ):
            yield Moved() if changes else Still()
    except OSError as error:
        yield Bad(f"The system does not tell of changes in the music folder: {error}.")


def _printable(path: str) -> str:
    """For a line in a log: the end, which says most."""
    text = path if len(path) <= _SHOWN_CHARS_MAX else f"…{path[-_SHOWN_CHARS_MAX:]}"
    return text.encode("utf-8", "backslashreplace").decode()


def _is_utf8(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


if __name__ == "__main__":
    with suppress(BrokenPipeError):  # the server is gone; there is nobody to tell
        main()
