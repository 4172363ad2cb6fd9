"""The server's clock.

Wall time as it was when the process started, carried on by the monotonic clock: it agrees with the world
and never steps back, whatever happens to the machine's own clock meanwhile.
"""

import time


class Clock:
    """Milliseconds and microseconds since 1970."""

    def __init__(self) -> None:
        self._start_us = time.time_ns() // 1000 - time.monotonic_ns() // 1000

    def now_us(self) -> int:
        return self.at_us(time.monotonic_ns())

    def at_us(self, monotonic_ns: int) -> int:
        """What this clock showed when `time.monotonic_ns` did this."""
        return self._start_us + monotonic_ns // 1000

    def now_ms(self) -> int:
        return self.now_us() // 1000
