"""When to say that something ends.

A certificate's end is known for months and forgotten all the same, so it is announced 30, 14, 7, 3 and 1 days
ahead, and once it has come. Each is said once; who starts late hears only the nearest. Knows the schedule.
Does not know certificates, logs or clocks: `now_ms` is handed in.
"""

from typing import Final

# P17. The last one: it has ended.
DAYS_AHEAD: Final = (30, 14, 7, 3, 1, 0)
_DAY_MS: Final = 24 * 3600 * 1000


class Expiry:
    """Of what ends at `ends_ms`."""

    def __init__(self, ends_ms: int) -> None:
        self.ends_ms = ends_ms
        self._said: int | None = None

    def due(self, now_ms: int) -> int | None:
        """How many days ahead is to be announced now, 0 if it has ended; None if there is nothing to say, or
        it was said. Asking counts as saying it."""
        left_ms = self.ends_ms - now_ms
        reached = [days for days in DAYS_AHEAD if left_ms <= days * _DAY_MS]
        if not reached or reached[-1] == self._said:
            return None
        self._said = reached[-1]
        return self._said
