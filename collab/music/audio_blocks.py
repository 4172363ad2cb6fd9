"""What was read of the music a moment ago, for whoever listens to the same.

People in a Jam fetch the same song within seconds of each other. Each block of a file is read once: who wants
it while it is on its way waits for that read, and those who come later find it here, as long as there is
room. Reads run in a few threads of their own, so a slow disk holds up neither the event loop nor whatever
else uses threads. Knows blocks. Does not know responses, or how fast somebody listens.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeAlias, TypeVar

from collab.metrics import Metrics
from collab.music.audio_file import AudioFile, Contents

T = TypeVar("T")

# Some 10 s of an ordinary song, for one hop to a thread and one stretch of a disk.
BLOCK_BYTES: Final = 256 * 1024
# A handful of songs; what plays now, what is next, and what some trail behind in.
CACHE_BYTES_MAX: Final = 64 * 1024 * 1024
# Reads that wait for a disk at the same time; more would not make it faster.
READERS: Final = 8

_Key: TypeAlias = tuple[Contents, int]


class AudioBlocks:
    """Lives in one event loop."""

    def __init__(self, metrics: Metrics, bytes_max: int = CACHE_BYTES_MAX) -> None:
        self._metrics = metrics
        self._bytes_max = bytes_max
        self._bytes = 0
        # The one that was wanted last is at the end.
        self._kept: dict[_Key, bytes] = {}
        self._coming: dict[_Key, asyncio.Future[bytes]] = {}
        self._threads = ThreadPoolExecutor(READERS, "tutti audio")

    def in_thread(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """What else may wait for the disk, such as opening a file."""
        return asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def block(self, file: AudioFile, number: int) -> bytes:
        """The bytes from `number * BLOCK_BYTES` on, `BLOCK_BYTES` of them but at the end. Raises OSError and
        FileGone. Who is cancelled while waiting does not take the block from others."""
        key = file.contents, number
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._kept[key] = kept
            return kept
        coming = self._coming.get(key)
        if coming is None:
            coming = self._read(key, file)
        return await asyncio.shield(coming)

    def _read(self, key: _Key, file: AudioFile) -> asyncio.Future[bytes]:
        def read_block() -> bytes:
            return file.read(key[1] * BLOCK_BYTES, BLOCK_BYTES)

        def landed(coming: asyncio.Future[bytes]) -> None:
            del self._coming[key]
            if not coming.cancelled() and coming.exception() is None:
                self._keep(key, coming.result())

        coming = self.in_thread(read_block)
        self._coming[key] = coming
        coming.add_done_callback(landed)
        return coming

    def _keep(self, key: _Key, block: bytes) -> None:
        self._metrics.audio_read_bytes.inc(len(block))
        self._kept[key] = block
        self._bytes += len(block)
        while self._bytes > self._bytes_max:
            self._bytes -= len(self._kept.pop(next(iter(self._kept))))
