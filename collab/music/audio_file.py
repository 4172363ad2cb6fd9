"""A file of music that is open.

Whoever listens holds on to the very file that stood there when they began: it may be deleted meanwhile, or
another put in its place. Only if it is written to where it stands does it end for them, because half of the
one and half of the other is neither. The descriptor is closed when nothing holds the file any more: not a
response, nor a read that still runs for somebody else in a thread. (It leans on CPython's reference counting,
as `load` does.) Knows descriptors. Does not know paths, requests or who else reads.
"""

import os
import sys
from dataclasses import dataclass

from collab.music.library import FileGone

_CHANGED = "The file of this track was changed while it was read; ask for it anew."


@dataclass(frozen=True, slots=True)
class Contents:
    """What tells whether bytes read at two times are of the same contents. The clock of a file system ticks
    every few ms, so size and time are as sure as one gets without reading it all."""

    device: int
    inode: int
    size_bytes: int
    mtime_ns: int


class AudioFile:
    """Owns `descriptor` from the first. Raises OSError if it cannot even be looked at."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.contents = self._contents()

    def __del__(self) -> None:
        os.close(self._descriptor)

    @property
    def etag(self) -> str:
        """A strong validator, in quotes; the same on every node that sees the file with these times."""
        return f'"{self.contents.size_bytes:x}-{self.contents.mtime_ns:x}"'

    def read(self, start: int, count: int) -> bytes:
        """These bytes, fewer only at the end. Blocks as long as the disk does, so call it in a thread. Raises
        OSError, and FileGone if the contents are no longer what they were."""
        read = _read_at(self._descriptor, start, count)
        # Looked at after reading: bytes that were written before that have moved the time by now.
        if self._contents() != self.contents or len(read) < min(count, self.contents.size_bytes - start):
            raise FileGone(_CHANGED)
        return read

    def _contents(self) -> Contents:
        looked = os.fstat(self._descriptor)
        return Contents(looked.st_dev, looked.st_ino, looked.st_size, looked.st_mtime_ns)


if sys.platform == "win32":
    from threading import Lock

    _seeking = Lock()

    def _read_at(descriptor: int, start: int, count: int) -> bytes:
        """Two steps, so one at a time."""
        with _seeking:
            os.lseek(descriptor, start, os.SEEK_SET)
            return os.read(descriptor, count)

else:

    def _read_at(descriptor: int, start: int, count: int) -> bytes:
        return os.pread(descriptor, count, start)
