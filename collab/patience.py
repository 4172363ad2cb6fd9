"""Attempts at the same thing, and the pauses between them.

Each pause is longer than the one before up to a bound, and none is exactly as long as it could be, so that
what failed together is not tried again together. What rooms read of the store, they read until it answers.
They share one budget for it, so a store that is down hears a few attempts a second, however many rooms there
are, and all go on as soon as one was answered. Knows series of attempts. Does not know what is tried.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import TypeVar

import structlog

from collab.breakers import Breaker, NotNow
from collab.clock import Clock
from collab.inquiry import Inquiry
from collab.metrics import Metrics
from collab.retry_budget import RetryBudget, Thrift
from storage.rows import Settled
from storage.store import Store, StoreError

log = structlog.get_logger("tutti.patience")

T = TypeVar("T")

FIRST_S = 0.05
LAST_S = 2.0


class Patience:
    """`pause` after each failure, `reset` after a success. A pause is at least `least` of what it could be:
    nothing, where many who failed together must not come back together."""

    def __init__(self, least: float = 0.5) -> None:
        self._least = least
        self._next_s = FIRST_S

    async def pause(self) -> None:
        await asyncio.sleep(self._next_s * random.uniform(self._least, 1.0))
        self._next_s = min(2 * self._next_s, LAST_S)

    def reset(self) -> None:
        self._next_s = FIRST_S


class Perseverance:
    """What all rooms of a node have in common when they read."""

    def __init__(self, store: Store, metrics: Metrics, clock: Clock) -> None:
        self._metrics = metrics
        self._clock = clock
        self.outcomes = Inquiry(store.settled)
        self._budget = RetryBudget(Thrift(), clock.now_ms())
        self._loads = Breaker("loads", metrics, clock.now_ms)
        self._answered = asyncio.Event()

    def of(self, document: str, is_over: Callable[[], bool]) -> "Reads":
        """For the room of a document, which gives up once `is_over`."""
        return Reads(self, document, is_over)

    async def ask(self, question: Callable[[], Awaitable[T]]) -> T:
        answer = await question()
        self._answered.set()
        return answer

    async def ask_for_load(self, question: Callable[[], Awaitable[T]]) -> T:
        return await self.ask(lambda: self._loads.ask(question))

    def begin(self) -> None:
        """A first attempt."""
        self._budget.asked()

    def may_retry(self) -> bool:
        if self._budget.take(self._clock.now_ms()):
            return True
        self._metrics.retries_held.inc()
        return False

    async def is_back(self) -> bool:
        """Waits a while for anybody's answer: then whoever waits may ask, too."""
        self._answered.clear()
        try:
            async with asyncio.timeout(LAST_S * random.uniform(0.5, 1.0)):
                await self._answered.wait()
        except TimeoutError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Reads:
    """What one room reads of the store; made by `Perseverance.of`."""

    _shared: Perseverance
    _document: str
    _is_over: Callable[[], bool]

    async def ask(self, question: Callable[[], Awaitable[T]]) -> T:
        """The store's answer, asked for until it comes: what is waiting here is somebody's edit. Raises its
        StoreError only when it is over."""
        patience = Patience()
        self._shared.begin()
        while True:
            try:
                return await self._shared.ask(question)
            except StoreError as error:
                self._note(error)
            await patience.pause()
            while not (self._shared.may_retry() or self._is_over() or await self._shared.is_back()):
                pass

    async def load(self, question: Callable[[], Awaitable[T]]) -> T:
        """As `ask`, for what nobody is in yet: raises NotNow rather than let people wait for a store that
        does not answer."""
        patience = Patience()
        self._shared.begin()
        while True:
            try:
                return await self._shared.ask_for_load(question)
            except NotNow:
                raise
            except StoreError as error:
                self._note(error)
            await patience.pause()
            if not self._shared.may_retry():
                raise NotNow(int(LAST_S * 1000))

    async def outcomes(self, clients: Collection[str]) -> dict[str, Settled]:
        """As `ask`: how the last submissions of clients on the document ended, of those who ever made one."""
        if not clients:
            return {}
        keys = [(self._document, client) for client in clients]
        rows = await self.ask(lambda: self._shared.outcomes.ask(*keys))
        return {row.client_id: row for row in rows if row is not None}

    def _note(self, error: StoreError) -> None:
        log.warning("store_unavailable", room=self._document, error=str(error))
        if self._is_over():
            raise error
