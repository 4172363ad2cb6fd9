"""Which files of music a folder holds.

Walks the tree once, by names and sizes only; no file is opened. No link is followed, so nothing outside the
folder is found and no loop entered. What cannot be a track, though its name says so, is named as a fault with
a sentence; what is no music by its name is passed over. Knows folders. Does not know what is in files, nor
what was there before.
"""

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

SUFFIXES: Final = (".mp3", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".wav")
# As the catalogue writes a path, in JSON and ASCII: what PostgreSQL can index, with room to spare. A path of
# 400 letters fits in any script.
PATH_BYTES_MAX: Final = 2_500
FILE_BYTES_MAX: Final = 4 << 30
# As many rows as the catalogue is measured for, several times over.
FILES_MAX: Final = 500_000

_NAME: Final = "Its name is not UTF-8; rename it."
_LINK: Final = "It is a symbolic link, and none is followed; put the files here, or mount their folder here."
_PATH: Final = "Its path is too long; shorten its name or those of its folders to 400 letters in all."
_SIZE: Final = f"It is larger than {FILE_BYTES_MAX >> 30} GiB; cut it, or encode it smaller."
_EMPTY: Final = "It is empty; copy it anew."
_NO_FILE: Final = "It is no file, but a pipe, a socket or a device; take it away."


class File(NamedTuple):
    """`path` is relative, with `/`."""

    path: str
    size_bytes: int
    mtime_ns: int


class Fault(NamedTuple):
    """Something that cannot be a track. `path` may be no UTF-8."""

    path: str
    why: str


class Blind(NamedTuple):
    """A folder whose files are not known: those below `path`; "" is the root."""

    path: str
    why: str


def is_music(name: str) -> bool:
    """By its name. Hidden files are other programs' business, and half-copied ones are often hidden."""
    return name.lower().endswith(SUFFIXES) and not name.startswith(".")


def walk(root: Path) -> Iterator[File | Fault | Blind]:
    """Everything below `root`, which may be a link itself. Raises nothing: what cannot be read is blind."""
    before = _identity(root)
    folders = [""]
    count = 0
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(root / folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except FileNotFoundError as error:
            if not folder:
                yield Blind(folder, _reason(error))
            continue  # it was there a moment ago
        except OSError as error:
            yield Blind(folder, _reason(error))
            continue
        for entry in entries:
            match _look(entry, f"{folder}/{entry.name}" if folder else entry.name):
                case None:
                    pass
                case str() as inner:
                    folders.append(inner)
                case File() if count >= FILES_MAX:
                    yield Blind("", f"There are more than {FILES_MAX:,} files, and the rest is left out.")
                    return
                case found:
                    count += isinstance(found, File)
                    yield found
    if _identity(root) != before:
        yield Blind("", "Another disk was mounted here, or taken away, while it was looked through.")


def _identity(root: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(root)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _look(entry: os.DirEntry[str], path: str) -> File | Fault | Blind | str | None:
    """What an entry is: a folder is its path, None is of no interest."""
    if entry.name.startswith("."):
        return None
    try:
        if entry.is_dir(follow_symlinks=False):
            return Fault(path, fault) if (fault := _path_fault(path)) else path
        if entry.is_symlink():
            return Fault(path, _LINK) if is_music(entry.name) or entry.is_dir() else None
        if not is_music(entry.name):
            return None
        found = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    except OSError as error:
        # A link that leads round in circles, or a disk that fails: whatever was known of it stays.
        return Blind(path, _reason(error))
    fault = _path_fault(path) or _file_fault(found)
    return Fault(path, fault) if fault else File(path, found.st_size, found.st_mtime_ns)


def _path_fault(path: str) -> str:
    if not path.isascii():
        try:
            path.encode()
        except UnicodeEncodeError:
            return _NAME
    return _PATH if len(json.dumps(path)) > PATH_BYTES_MAX else ""


def _file_fault(found: os.stat_result) -> str:
    if not stat.S_ISREG(found.st_mode):
        return _NO_FILE
    if found.st_size > FILE_BYTES_MAX:
        return _SIZE
    return "" if found.st_size else _EMPTY


def _reason(error: OSError) -> str:
    return f"It cannot be read ({error.strerror or error}); look at the disk and at who may read it."
