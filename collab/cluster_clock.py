"""One time for all nodes of a cluster.

Nodes follow the clock of the database that they share: each measures how far it is from it, by the same
filter as listeners measure how far they are from the node (`jam.clock`), so that what two nodes say about one
Jam differs by less than anybody hears. The first measurement sets the clock, before anybody is told the time;
from then on it is steered and never steps, also when the database's own clock does. A database without a
clock of its own has one node, which keeps its own. Knows probes. Does not know what a clock is used for.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from collab.clock import Clock
from collab.metrics import Metrics
from jam.clock import ClockFilter, Exchange
from storage.store import StoreError

log = structlog.get_logger("tutti.clock")

# Between two measurements the estimated rate carries the clock on.
STEER_EVERY_S: Final = 1.0
# Slewing this away takes over three minutes; an operator should know.
FAR_MS: Final = 100.0


class ClusterClock:
    """Keeps `clock` with what `ask` says, in us since 1970 (`Store.clock_us`; None: nothing to follow).
    `pause` waits for so many seconds."""

    def __init__(
        self,
        ask: Callable[[], Awaitable[int | None]],
        clock: Clock,
        metrics: Metrics,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._ask = ask
        self._pause = pause
        self._clock = clock
        self._metrics = metrics
        self._filter = ClockFilter(self._monotonic_ms())
        self._follows = True
        self._is_far = False

    async def begin(self) -> None:
        """Measures, and sets the clock. Nobody may have been told the time yet. Raises StoreError."""
        # Not a probe: a first question also makes the connection.
        self._follows = await self._ask() is not None
        while self._follows and not self._filter.is_set:
            await self._measure()
        if self._follows:
            off_us = self._off_us()
            self._clock.step(off_us)
            self._show()
            log.info("clock_set", by_ms=round(off_us / 1000, 3), error_ms=round(self._error_ms(), 3))

    async def keep_running(self) -> None:
        while self._follows:
            try:
                await self._measure()
            except StoreError:
                # The database is away, which others tell of; the filter's rate carries the clock on.
                await self._pause(STEER_EVERY_S)
            if self._filter.is_set:
                self._clock.steer(self._off_us())
                self._show()

    async def _measure(self) -> None:
        """Waits for the filter's next probe, at most as long as the clock may go unsteered, and sends it."""
        due_s = (self._filter.get_timer() - self._monotonic_ms()) / 1000
        await self._pause(min(STEER_EVERY_S, max(0.0, due_s)))
        if self._filter.handle_timer(self._monotonic_ms()):
            asked_us = self._monotonic_us()
            shown_us = await self._ask()
            if shown_us is None:
                self._follows = False
                return
            self._filter.receive(Exchange(asked_us, shown_us, shown_us, self._monotonic_us()))

    def _off_us(self) -> int:
        """How far the database's clock is ahead of what ours shows."""
        now_ns = self._clock.monotonic_ns()
        return round(self._filter.room_ms(now_ns / 1e6) * 1000) - self._clock.at_us(now_ns)

    def _error_ms(self) -> float:
        return self._filter.sd_ms(self._monotonic_ms()) + self._filter.bound_ms

    def _show(self) -> None:
        now_ns = self._clock.monotonic_ns()
        left_ms = self._clock.correction_left_us / 1000
        machine_off_us = self._clock.at_us(now_ns) - self._clock.machine_us(now_ns)
        self._metrics.clock_machine_offset_seconds.set(machine_off_us / 1e6 + left_ms / 1e3)
        self._metrics.clock_correction_left_seconds.set(left_ms / 1e3)
        self._metrics.clock_error_seconds.set(self._error_ms() / 1e3)
        is_far = abs(left_ms) > FAR_MS
        if is_far and not self._is_far:
            log.warning("clock_far", off_ms=round(left_ms), hint="Does the database's clock step?")
        self._is_far = is_far

    def _monotonic_us(self) -> int:
        return self._clock.monotonic_ns() // 1000

    def _monotonic_ms(self) -> float:
        return self._clock.monotonic_ns() / 1e6
