"""Three rules that are in use elsewhere, to have something to compare with.

Each is a clock and a controller of the same shape as those of `jam/`, so that the model cannot tell them
apart. Thresholds look at readings that are smoothed as ours are.
"""

from collections import deque
from statistics import median

from jam.clock import Exchange
from jam.drift import Decision, Keep, Seek

WINDOW = 5
WEIGHT = 0.35
# A rate correction ends at the decision that is a second after it began, be the clock a little slow.
CORRECTION_MS = 999.0


def offset_ms(exchange: Exchange) -> float:
    """As one exchange alone has it."""
    return ((exchange.t1 - exchange.t0) + (exchange.t2 - exchange.t3)) / 2000


class SteadyProbes:
    """A probe at a steady pace, after some quick ones; it waits for nobody."""

    def __init__(
        self, now_ms: float, every_ms: float, *, quick: int = 0, quick_every_ms: float = 0.0
    ) -> None:
        self._due_ms = now_ms
        self._every_ms = every_ms
        self._quick, self._quick_every_ms = quick, quick_every_ms
        self._offset_ms: float | None = None

    def get_timer(self) -> float:
        return self._due_ms

    def handle_timer(self, now_ms: float) -> bool:
        if now_ms < self._due_ms:
            return False
        self._quick -= 1
        self._due_ms += self._quick_every_ms if self._quick > 0 else self._every_ms
        return True

    @property
    def is_set(self) -> bool:
        return self._offset_ms is not None

    def room_ms(self, now_ms: float) -> float:
        assert self._offset_ms is not None, "the session asks is_set first"
        return now_ms + self._offset_ms


class LastSample(SteadyProbes):
    """Believes the newest exchange, whatever it took."""

    def __init__(self, now_ms: float) -> None:
        super().__init__(now_ms, 5_000)

    def receive(self, exchange: Exchange) -> None:
        self._offset_ms = offset_ms(exchange)


class QuickestOf(SteadyProbes):
    """Believes the quickest of the last eight exchanges; one a minute, after three quick ones."""

    def __init__(self, now_ms: float) -> None:
        super().__init__(now_ms, 60_000, quick=3, quick_every_ms=1_000)
        self._last: deque[Exchange] = deque(maxlen=8)

    def receive(self, exchange: Exchange) -> None:
        self._last.append(exchange)
        self._offset_ms = offset_ms(min(self._last, key=lambda exchange: exchange.rtt_ms))


class MedianOf(SteadyProbes):
    """Believes the median of the last 200 exchanges, one a second; starts anew when it has heard
    nothing for a minute."""

    def __init__(self, now_ms: float) -> None:
        super().__init__(now_ms, 1_000)
        self._last: deque[float] = deque(maxlen=200)
        self._heard_us = 0

    def receive(self, exchange: Exchange) -> None:
        if exchange.t3 - self._heard_us > 60_000_000:
            self._last.clear()
        self._heard_us = exchange.t3
        self._last.append(offset_ms(exchange))
        self._offset_ms = median(self._last)


class _Smoothed:
    """Median of five, then weight 0.35, as the readings of the rule that is judged."""

    def __init__(self) -> None:
        self._recent: deque[float] = deque(maxlen=WINDOW)
        self._smoothed_ms: float | None = None

    def add(self, error_ms: float) -> float:
        self._recent.append(error_ms)
        middle_ms = median(self._recent)
        before_ms = middle_ms if self._smoothed_ms is None else self._smoothed_ms
        self._smoothed_ms = before_ms + WEIGHT * (middle_ms - before_ms)
        return self._smoothed_ms

    def clear(self) -> None:
        self._recent.clear()
        self._smoothed_ms = None


class SeekAbove:
    """Seeks when the error is above 50 ms; else lets it stand."""

    def __init__(self) -> None:
        self._error = _Smoothed()

    def decide(self, now_ms: float, wanted_ms: float, position_ms: float) -> Decision:
        error_ms = self._error.add(wanted_ms - position_ms)
        if abs(error_ms) <= 50:
            return Keep(1.0)
        self._error.clear()
        return Seek(wanted_ms)


class RateThenSeek:
    """From 60 ms on plays so much faster or slower that a second makes up for it; from 400 ms on seeks."""

    def __init__(self) -> None:
        self._error = _Smoothed()
        self._rate = 1.0
        self._until_ms = 0.0
        self._is_correcting = False

    def decide(self, now_ms: float, wanted_ms: float, position_ms: float) -> Decision:
        if self._is_correcting:
            if now_ms < self._until_ms:
                return Keep(self._rate)
            self._is_correcting = False
            self._error.clear()
        error_ms = self._error.add(wanted_ms - position_ms)
        if abs(error_ms) >= 400:
            self._error.clear()
            return Seek(wanted_ms)
        if abs(error_ms) < 60:
            return Keep(1.0)
        self._is_correcting = True
        self._until_ms = now_ms + CORRECTION_MS
        self._rate = 1 + (wanted_ms - position_ms) / 1_000
        return Keep(self._rate)


class HardSync:
    """Seeks when the median error is above 2 ms over ten seconds, 5 ms over two, or 50 ms over half a second;
    else plays up to 500 ppm faster or slower."""

    def __init__(self) -> None:
        # Readings at four a second, and the limit in ms.
        self._long = deque[float](maxlen=40), 2
        self._short = deque[float](maxlen=8), 5
        self._shortest = deque[float](maxlen=2), 50

    def decide(self, now_ms: float, wanted_ms: float, position_ms: float) -> Decision:
        windows = (self._long, self._short, self._shortest)
        for readings, _ in windows:
            readings.append(wanted_ms - position_ms)
        for readings, limit_ms in windows:
            middle_ms = median(readings)
            if len(readings) == readings.maxlen and abs(middle_ms) > limit_ms:
                for others, _ in windows:
                    others.clear()
                return Seek(position_ms + middle_ms)
        readings, _ = self._short
        if len(readings) != readings.maxlen:
            return Keep(1.0)
        return Keep(1 + min(max(median(readings) / 2_000, -0.0005), 0.0005))
