"""The time in the rooms of one server, while somebody listens.

Asks for it only while a Jam is here: `wanted` says so. When to ask and what to believe is `jam.clock`'s; this
is what it needs of a connection. Pure: `now_ms` is the client's own monotonic clock, float ms. Does not know
sockets; who sends the probe stamps it as late as possible.
"""

from collections.abc import Callable
from typing import Final

from collab.messages import Probe, Time
from jam.clock import ClockFilter, Exchange

MakeFilter = Callable[[float], ClockFilter]


class RoomClock:
    """See the module. `filter` is None while nobody wants to know; it is for looking: how sure is it, and how
    far away is the server."""

    def __init__(self, make: MakeFilter = ClockFilter) -> None:
        self.filter: ClockFilter | None = None
        self._make: Final = make
        self._is_wanted = False
        self._is_connected = False
        # A new connection may be another path, and another node: the filter has to be told, once it is asked.
        self._is_new = False

    def connected(self) -> None:
        """A session stands."""
        self._is_connected = self._is_new = True

    def disconnected(self) -> None:
        """What was asked will not be answered."""
        self._is_connected = False

    def want(self, is_wanted: bool) -> None:
        """Whether a Jam is here. What was measured is forgotten with the last one: clocks drift."""
        self._is_wanted = is_wanted
        if not is_wanted:
            self.filter = None

    def probe(self, now_ms: float) -> Probe | None:
        """What to send at this moment, which is its stamp; None for nothing. Taking it counts as sending."""
        if not (self._is_wanted and self._is_connected):
            return None
        if self.filter is None:
            self.filter = self._make(now_ms)
        elif self._is_new:
            self.filter.reconnected(now_ms)
        self._is_new = False
        return Probe(_us(now_ms)) if self.filter.handle_timer(now_ms) else None

    def receive(self, answer: Time, came_ms: float) -> bool:
        """An answer, and when its bytes came. True if the room's time is known by now and was not before, or
        steps."""
        known = self.filter
        if known is None or not self._is_connected:
            return False
        was_set, restarts = known.is_set, known.restarts
        known.receive(Exchange(answer.t0, answer.t1, answer.t2, _us(came_ms)))
        return known.is_set and (not was_set or known.restarts != restarts)

    def offset_ms(self, now_ms: float) -> float | None:
        """By how much the room's time is ahead of the client's clock; None until it was measured."""
        if self.filter is None or not self.filter.is_set:
            return None
        return self.filter.offset_ms(now_ms)

    def get_timer(self) -> float | None:
        """When `probe` wants to be called, ms; None: not by waiting."""
        if not (self._is_wanted and self._is_connected):
            return None
        return 0.0 if self.filter is None or self._is_new else self.filter.get_timer()


def _us(ms: float) -> int:
    return round(ms * 1000)
