"""What several want at the same time is made once.

Bytes that take a while to make, by a key: who wants them while they are on their way waits for that, and
those who come later find them here, as long as there is room. They are made in a few threads of their own,
so that a slow disk holds up neither the event loop nor whatever else uses threads. Knows keys and bytes. Does
not know what they are.
"""

import asyncio
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class Shared(Generic[K]):
    """Lives in one event loop, and keeps at most `bytes_max`: what was wanted last."""

    def __init__(self, threads: int, bytes_max: int) -> None:
        self._threads = ThreadPoolExecutor(threads, "tutti music")
        self._bytes_max = bytes_max
        self._bytes = 0
        # The one that was wanted last is at the end.
        self._kept: dict[K, bytes] = {}
        self._coming: dict[K, asyncio.Future[bytes]] = {}

    def in_thread(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """What nobody shares, and may take its time as well."""
        return asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def get(self, key: K, make: Callable[[], bytes]) -> bytes:
        """What `make` gives, which runs in a thread if nobody else wanted the same just now. Raises what it
        raises. Who is cancelled while waiting does not take it from others."""
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._kept[key] = kept
            return kept
        coming = self._coming.get(key)
        if coming is None:
            coming = self._coming[key] = self.in_thread(make)
            coming.add_done_callback(lambda made: self._made(key, made))
        return await asyncio.shield(coming)

    def _made(self, key: K, made: asyncio.Future[bytes]) -> None:
        del self._coming[key]
        if made.cancelled() or made.exception() is not None:
            return
        self._kept[key] = made.result()
        self._bytes += len(made.result())
        while self._bytes > self._bytes_max:
            self._bytes -= len(self._kept.pop(next(iter(self._kept))))
