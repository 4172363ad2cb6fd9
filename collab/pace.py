"""How fast people are let in.

Whoever comes makes work for some turns of the loop: a handshake, a token, a room with all that is in it. That
work is paid for in time, in which nobody more is let in: so much that the loop is free for half of it, and
those who are there are answered at once. Whatever else the loop does counts along, so arrivals give way to
it; but never so far that a crowd waits for long. Knows times. Does not know sockets or clocks.
"""

from dataclasses import dataclass
from typing import Final

# Of the loop's time, while people wait at the door: at 2 ms for each, 1,000 are in within 5 s, and 5,000
# within 30 (P7).
_SHARE: Final = 0.5
# What an arrival pays at least: its socket comes first, and most of its work when the client has answered.
_ARRIVAL_S: Final = 0.0015
# What is paid for at most, unless one turn had more work: however busy the loop is with other things, some
# 200 people a second are let in, and 1,000 within P7's 5 s. Were it less, those who are there would wait.
_DEBT_MAX_S: Final = 0.0025


@dataclass(slots=True)
class Pace:
    """`now_s` never steps back; `worked_s` is how long the loop's thread has had a core until then: a process
    that was stopped, or waits for a core, has not worked."""

    now_s: float
    worked_s: float
    _debt_s: float = 0.0

    def let_in(self, now_s: float, worked_s: float, turn_s: float) -> float:
        """Somebody was let in, in a turn with `turn_s` of work. Returns how long nobody else may be, in s."""
        work_s = max(worked_s - self.worked_s, _ARRIVAL_S)
        debt_s = self._debt_s + work_s - _SHARE * (now_s - self.now_s)
        self._debt_s = min(max(debt_s, 0.0), max(turn_s, _DEBT_MAX_S))
        self.now_s, self.worked_s = now_s, worked_s
        return self._debt_s / _SHARE
