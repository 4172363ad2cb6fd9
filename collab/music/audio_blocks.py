"""What was read of the music a moment ago, for whoever listens to the same.

People in a Jam fetch the same song within seconds of each other, so each block of a file is read once. Knows
blocks. Does not know responses, or how fast somebody listens.
"""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from collab.metrics import Metrics
from collab.music.audio_file import AudioFile, Contents
from collab.music.shared import Shared

T = TypeVar("T")

# Some 10 s of an ordinary song, for one hop to a thread and one stretch of a disk.
BLOCK_BYTES: Final = 256 * 1024
# A handful of songs; what plays now, what is next, and what some trail behind in.
CACHE_BYTES_MAX: Final = 64 * 1024 * 1024
# Reads that wait for a disk at the same time; more would not make it faster.
READERS: Final = 8


class AudioBlocks:
    """Lives in one event loop."""

    def __init__(self, metrics: Metrics, bytes_max: int = CACHE_BYTES_MAX) -> None:
        self._metrics = metrics
        self._shared = Shared[tuple[Contents, int]](READERS, bytes_max)

    def in_thread(self, work: Callable[[], T]) -> Awaitable[T]:
        """What else may wait for the disk, such as opening a file."""
        return self._shared.in_thread(work)

    async def block(self, file: AudioFile, number: int) -> bytes:
        """The bytes from `number * BLOCK_BYTES` on, `BLOCK_BYTES` of them but at the end. Raises OSError and
        FileGone."""

        def read() -> bytes:
            block = file.read(number * BLOCK_BYTES, BLOCK_BYTES)
            self._metrics.audio_read_bytes.inc(len(block))
            return block

        return await self._shared.get((file.contents, number), read)
