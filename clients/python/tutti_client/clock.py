"""What time it is here.

Everything in a client that asks for the time asks one value, so that a program (or a test) can run a client
by a clock of its own: an hour off, or a little too fast. Durations that asyncio waits for are its own.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Clock:
    """`monotonic_ms` never steps back, never shows less than 0, and is as fine as there is: the room's time
    is measured against it. `wall_ms` is the device's own idea of the time since 1970; it may be wrong and
    jump."""

    monotonic_ms: Callable[[], float]
    wall_ms: Callable[[], int]

    def now_ms(self) -> int:
        """`monotonic_ms` in whole ms, for all that is not measured."""
        return int(self.monotonic_ms())


# Not the event loop's: some loops read theirs once in a turn, in whole ms.
DEVICE: Final = Clock(lambda: time.perf_counter_ns() / 1e6, lambda: time.time_ns() // 1_000_000)
