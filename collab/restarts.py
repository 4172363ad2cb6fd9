"""When a worker that died is started again.

At once after a life of some length; one that dies again and again waits longer each time, so that a fault
which no new start cures costs little. Knows lives and pauses. Does not know processes or clocks.
"""

from dataclasses import dataclass
from typing import Final

# Whoever served this long was not killed by its start.
LONG_LIFE_S: Final = 10.0
FIRST_PAUSE_S: Final = 0.5
LAST_PAUSE_S: Final = 30.0
# So many short lives in a row are no accident.
SHORT_LIVES_MAX: Final = 5


@dataclass(slots=True)
class Restarts:
    """Of one worker."""

    short_lives: int = 0

    def died(self, lived_s: float) -> float:
        """How long to wait before the next start, in seconds."""
        if lived_s >= LONG_LIFE_S:
            self.short_lives = 0
            return 0.0
        self.short_lives += 1
        return min(LAST_PAUSE_S, FIRST_PAUSE_S * (1 << min(self.short_lives - 1, 16)))

    @property
    def are_hopeless(self) -> bool:
        """Whether starting it yet again would be of no use, unless something outside changes."""
        return self.short_lives >= SHORT_LIVES_MAX
