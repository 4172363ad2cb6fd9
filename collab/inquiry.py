"""One question to the store for what many want to know.

Who arrives asks about themselves, and thousands arrive together: asked one by one, their questions cost the
node and the database more than all else about an arrival. One question is under way at a time, and whatever
is asked meanwhile goes into the next, so an answer is never older than its question, and a crowd holds one
connection. As many can wait as have sockets here. Knows keys and who waits for which. Does not know what they
mean.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

# In one question. Everybody whom an answer is for goes on in one turn of the loop: those few, that takes some
# milliseconds.
KEYS_MAX: Final = 16
# From one question to the next, unless so many wait already: of those who come one every few milliseconds
# some gather, and nobody notices that a playlist opens so much later.
GATHER_S: Final = 0.01


class Inquiry(Generic[K, V]):
    """`fetch` gives what there is of the keys it is handed. Who asks when nobody did lately does not wait."""

    def __init__(
        self, fetch: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]], gather_s: float = GATHER_S
    ) -> None:
        self._fetch = fetch
        self._gather_s = gather_s
        self._waiting: deque[tuple[K, asyncio.Future[V | None]]] = deque()
        self._running: asyncio.Task[None] | None = None

    async def ask(self, *keys: K) -> list[V | None]:
        """What there is of each, in order, asked for from now on; None: nothing. Raises what `fetch` does."""
        loop = asyncio.get_running_loop()
        answers: list[asyncio.Future[V | None]] = [loop.create_future() for _ in keys]
        self._waiting += zip(keys, answers, strict=True)
        if self._running is None and self._waiting:
            self._running = asyncio.create_task(self._run(), name="inquiry")
        return await asyncio.gather(*answers)

    async def _run(self) -> None:
        try:
            while self._waiting:
                asked = [self._waiting.popleft() for _ in range(min(KEYS_MAX, len(self._waiting)))]
                # Who has gone meanwhile needs no answer.
                await self._answer([(key, future) for key, future in asked if not future.done()])
                if len(self._waiting) < KEYS_MAX:
                    await asyncio.sleep(self._gather_s)
        finally:
            self._running = None

    async def _answer(self, asked: list[tuple[K, asyncio.Future[V | None]]]) -> None:
        if not asked:
            return
        try:
            found = await self._fetch(list(dict.fromkeys(key for key, _ in asked)))
        except Exception as error:
            # Also a bug: whoever is not answered would wait for ever.
            for _, future in asked:
                if not future.done():
                    future.set_exception(error)
            return
        for key, future in asked:
            if not future.done():
                future.set_result(found.get(key))
