"""The server's clock.

Wall time as it was when the process started, carried on by the monotonic clock: it agrees with the world and
never steps back, whatever happens to the machine's own clock meanwhile. Where nodes share a database, it is
steered towards the database's, so slowly that nobody who listens to music hears it. Knows how it is
corrected. Does not know by what: `cluster_clock` measures that.
"""

import time
from collections.abc import Callable
from typing import Final

# As fast as NTP corrects a clock (500 us a second, as Unix' adjtime does), and half of what listeners' own
# clocks can follow (`jam.clock`). Ten milliseconds take 20 s.
SLEW_PPM: Final = 500
# The log may be this far ahead: its clock was another one, before a restart or on the database's last host.
# What is further ahead was a mistake then, and to follow it would end everybody's tokens now.
LOG_AHEAD_MAX_MS: Final = 600_000
# Nodes differ by less; and what happened on a node that is a little ahead waits that little.
LOG_AHEAD_MIN_MS: Final = 250


class Clock:
    """Milliseconds and microseconds since 1970. `wall_ns` and `monotonic_ns` are the machine's clocks."""

    def __init__(
        self,
        wall_ns: Callable[[], int] = time.time_ns,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self.monotonic_ns = monotonic_ns
        self._since_ns = monotonic_ns()
        self._start_us = wall_ns() // 1000 - self._since_ns // 1000
        # What is added to the above: at `_since_ns`, and in the end.
        self._correction_us = 0
        self._target_us = 0

    def now_us(self) -> int:
        return self.at_us(self.monotonic_ns())

    def at_us(self, monotonic_ns: int) -> int:
        """What this clock showed when `monotonic_ns` did this; lately, not before it was last corrected."""
        return self._start_us + monotonic_ns // 1000 + self._corrected_by_us(monotonic_ns)

    def now_ms(self) -> int:
        return self.now_us() // 1000

    # -- correction --------------------------------------------------------------------------------------

    def machine_us(self, monotonic_ns: int) -> int:
        """What it would have shown uncorrected."""
        return self._start_us + monotonic_ns // 1000

    @property
    def correction_left_us(self) -> int:
        """By how much it is still to be moved."""
        return self._target_us - self._corrected_by_us(self.monotonic_ns())

    def step(self, by_us: int) -> None:
        """Moves it at once. For the time before anybody was told the time."""
        now_ns = self.monotonic_ns()
        self._target_us = self._correction_us = self._corrected_by_us(now_ns) + by_us
        self._since_ns = now_ns

    def steer(self, by_us: int) -> None:
        """Moves it by so much in the course of time, instead of what is still left of the last correction."""
        now_ns = self.monotonic_ns()
        self._correction_us = self._corrected_by_us(now_ns)
        self._target_us = self._correction_us + by_us
        self._since_ns = now_ns

    def reach(self, at_ms: int) -> bool:
        """The log says that this time was, so it is not earlier: moves the clock there if it is far behind.
        False if it is so far behind that the log must be wrong."""
        behind_ms = at_ms - self.now_ms()
        if LOG_AHEAD_MIN_MS < behind_ms <= LOG_AHEAD_MAX_MS:
            self.step(behind_ms * 1000)
        return behind_ms <= LOG_AHEAD_MAX_MS

    def _corrected_by_us(self, monotonic_ns: int) -> int:
        most_us = max(0, monotonic_ns - self._since_ns) * SLEW_PPM // 1_000_000_000
        left_us = self._target_us - self._correction_us
        return self._correction_us + max(-most_us, min(most_us, left_us))
