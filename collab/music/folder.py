"""A folder that nobody leaves.

Paths below the music folder were found once, and the folder lives on: where a file was, there may be a link
to somewhere else by now. So a file is opened step by step, and no step may be a link or lead upwards. Knows
paths and descriptors. Does not know what is in a file.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

# A pipe in a file's place must not be waited for; Windows would otherwise translate line ends.
_FILE_FLAGS: Final = (
    os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
)
_FOLDER_FLAGS: Final = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)


def open_below(root: Path, path: str) -> int:
    """A descriptor, for reading, of what `path` (relative, with `/`) leads to below `root`; the caller closes
    it. It need not be a regular file. Raises OSError, or ValueError for a path with empty steps or dots."""
    *folders, name = path.split("/")
    if not {"", ".", ".."}.isdisjoint((*folders, name)):
        raise ValueError("a path below the music folder has neither empty steps nor dots")
    if sys.platform == "win32":
        return _open_resolved(root, path)
    with _folder(root, folders) as folder:
        return os.open(name, _FILE_FLAGS, dir_fd=folder)


@contextmanager
def _folder(root: Path, steps: list[str]) -> Iterator[int]:
    # The root itself may be a link: the operator named it.
    folder = os.open(root, os.O_RDONLY)
    try:
        for step in steps:
            outer, folder = folder, os.open(step, _FOLDER_FLAGS, dir_fd=folder)
            os.close(outer)
        yield folder
    finally:
        os.close(folder)


def _open_resolved(root: Path, path: str) -> int:
    """Where folders cannot be opened: the path must lead where it says, as far as one can see."""
    wanted = root.resolve(strict=True) / path
    if wanted.resolve(strict=True) != wanted:
        raise OSError("a link stands in the way")
    return os.open(wanted, _FILE_FLAGS)
