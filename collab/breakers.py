"""Circuit breakers: what fails for most is not asked for a while.

One for each dependency and kind, as promises.md section 2 has them: when half of at least 20 questions of the
last seconds failed, nothing is asked for about five seconds, then one question decides. Failures are those of
the dependency, and its silence; refusals, bugs and questions that were given up say nothing about it. Only
reads stand behind a breaker: a commit without an answer is unknown, and no breaker may turn that into failed.
Knows the library. Does not know what is asked.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

import structlog
from interlock import CircuitBreaker, CircuitOpenError, Config, CoreEventListener, State, WindowType

from collab.metrics import Metrics
from storage.store import StoreError, Unavailable

log = structlog.get_logger("tutti.breakers")

T = TypeVar("T")

Name = Literal["loads", "authorisation", "client_ids"]

# While the one question that decides is under way.
_PROBE_RETRY_MS: Final = 1_000


class NotNow(Unavailable):
    """Not asked at all: the breaker is open, or too much is being tried again. Come back after
    `retry_after_ms`."""

    def __init__(self, retry_after_ms: int) -> None:
        super().__init__("The database does not answer just now, so it is spared for a while.")
        self.retry_after_ms = retry_after_ms


@dataclass(frozen=True, slots=True)
class BreakerTimes:
    """An answer takes at most `answer_s`. It is open for `open_s`, up to `spread` of that less or more, drawn
    once for each breaker, so that nodes do not come back together. `at_once`: so many are asked, the others
    wait their turn, in order; that wait is ours, and no silence of the dependency."""

    answer_s: float
    at_once: int = 8
    failure_share: float = 0.5
    questions_min: int = 20
    window_s: int = 10
    open_s: float = 5.0
    spread: float = 0.2


_TIMES: Final[dict[Name, BreakerTimes]] = {
    # Each is some statements: four keep a database beyond a network busy enough, and eight kept commits from
    # its cores when a crowd wanted hundreds of rooms.
    "loads": BreakerTimes(answer_s=2.0, at_once=4),
    "authorisation": BreakerTimes(answer_s=0.25),
    "client_ids": BreakerTimes(answer_s=2.0),
}


class Breaker:
    """`ask` through it. `draw` is between 0 and 1."""

    def __init__(
        self,
        name: Name,
        metrics: Metrics,
        now_ms: Callable[[], int],
        draw: float | None = None,
        times: BreakerTimes | None = None,
    ) -> None:
        self._times = times = times or _TIMES[name]
        drawn = random.random() if draw is None else draw
        self._circuit = CircuitBreaker(
            name=name,
            config=Config(
                failure_rate_threshold=times.failure_share,
                minimum_number_of_calls=times.questions_min,
                window_type=WindowType.TIME_BASED,
                window_size=times.window_s,
                wait_duration_in_open=times.open_s * (1 + times.spread * (2 * drawn - 1)),
                permitted_calls_in_half_open=1,
            ),
            clock=_Clock(now_ms),
            classifier=_Failures(),
            listener=_Listener(metrics),
        )
        self._turns = asyncio.Semaphore(times.at_once)
        metrics.breaker_state.labels(breaker=name).state(State.CLOSED)

    async def ask(self, question: Callable[[], Awaitable[T]]) -> T:
        """What the question returns or raises; Unavailable if that takes too long, and it is cancelled: a
        store throws away what a cancelled read was using. Raises NotNow without asking while open."""
        async with self._turns:
            try:
                return await self._circuit.call_async(self._bounded, question)
            except CircuitOpenError as closed:
                after_s = closed.retry_after
                raise NotNow(_PROBE_RETRY_MS if after_s is None else int(after_s * 1000) + 1) from None

    async def _bounded(self, question: Callable[[], Awaitable[T]]) -> T:
        try:
            async with asyncio.timeout(self._times.answer_s) as deadline:
                return await question()
        except TimeoutError:
            if not deadline.expired():
                raise
            raise Unavailable(f"The database did not answer within {self._times.answer_s:g} s.") from None


@dataclass(frozen=True, slots=True)
class _Clock:
    now_ms: Callable[[], int]

    def monotonic(self) -> float:
        return self.now_ms() / 1000


class _Failures:
    def is_failure(self, *, result: object, exception: Exception | None) -> bool:
        return isinstance(exception, StoreError)


class _Listener(CoreEventListener):
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def on_state_change(self, *, name: str, old: State, new: State) -> None:
        self._metrics.breaker_state.labels(breaker=name).state(new)
        if new is not State.HALF_OPEN:
            log.warning("breaker_open" if new is State.OPEN else "breaker_closed", breaker=name)

    def on_rejected(self, *, name: str) -> None:
        self._metrics.breaker_rejected.labels(breaker=name).inc()
