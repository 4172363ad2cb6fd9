"""Whether the bus still carries what we say.

A connection may look well for minutes after the other end is gone, and a subscription may be lost without a
word. So a node says a number through the bus every second and listens for it: what it does not hear for three
seconds is lost. Knows numbers and times. Does not know what carries them.
"""

from collections import OrderedDict
from dataclasses import dataclass

# Who is heard at all is heard within LOST_AFTER; older numbers are of no interest.
_KEPT = 8


@dataclass(frozen=True, slots=True)
class BusTimes:
    """In seconds. A connection that lasted `healthy_after_s` was well: the next one is tried at once."""

    heartbeat_every_s: float = 1.0
    lost_after_s: float = 3.0
    connect_s: float = 2.0
    # What an opening room waits for its subscription at most; the comparison of heads finds what it misses.
    subscribe_s: float = 0.1
    healthy_after_s: float = 5.0
    # What cannot be read makes a room ask the store at most this often.
    look_every_s: float = 0.1
    # What a node that stops gives its last words.
    last_words_s: float = 0.5


class Pulse:
    """The heartbeats of one connection, which begins at `now_us`."""

    def __init__(self, now_us: int, times: BusTimes) -> None:
        self._every_us = round(times.heartbeat_every_s * 1e6)
        self._lost_after_us = round(times.lost_after_s * 1e6)
        self._sent: OrderedDict[int, int] = OrderedDict()
        self._heard_us = now_us
        self._next_us = now_us
        self.is_heard = False

    def get_timer(self) -> int:
        """When to look at `is_lost` and `is_due` again, in us."""
        return min(self._next_us, self._heard_us + self._lost_after_us)

    def is_due(self, now_us: int) -> bool:
        return now_us >= self._next_us

    def is_lost(self, now_us: int) -> bool:
        return now_us >= self._heard_us + self._lost_after_us

    def beat(self, number: int, now_us: int) -> None:
        """A heartbeat leaves. No two have the same number, not even those of two connections."""
        self._next_us = now_us + self._every_us
        self._sent[number] = now_us
        if len(self._sent) > _KEPT:
            self._sent.popitem(last=False)

    def hear(self, number: int, now_us: int) -> int | None:
        """A heartbeat came back. Returns how long that took, in us; None if it is not one that we wait for,
        such as a repeated one."""
        sent_us = self._sent.pop(number, None)
        if sent_us is None:
            return None
        self._heard_us = now_us
        self.is_heard = True
        return now_us - sent_us
