"""The one thread that writes.

SQLite has one writer at a time; giving it a thread of its own keeps every wait for the disk off the event
loop and makes the order of writes the order of calls. Knows how work gets there and back, and how much may
wait. Does not know what the work is.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from storage.store import Unavailable

P = ParamSpec("P")
T = TypeVar("T")

# The committer has one group under way, requests over HTTP one write each: more than this is a pile-up
# behind a disk that does not answer, and the callers should hear of it.
WAITING_MAX = 1_000


class Writer:
    """Runs functions one after the other on one thread of its own."""

    def __init__(self, waiting_max: int = WAITING_MAX) -> None:
        self._places = threading.BoundedSemaphore(waiting_max)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tutti-writer")

    async def run(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """What `work` returns or raises. Raises Unavailable when too much waits already. Work that has begun
        ends even if the caller is cancelled."""
        if not self._places.acquire(blocking=False):
            raise Unavailable("Too many writes wait for the database.")
        future = self._thread.submit(work, *args, **kwargs)
        future.add_done_callback(self._leave)
        return await asyncio.wrap_future(future)

    def _leave(self, _future: Future[T]) -> None:
        self._places.release()

    def close(self) -> None:
        """Ends the thread after what was submitted is done."""
        self._thread.shutdown()
