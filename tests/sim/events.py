"""Virtual time.

A queue of what will happen, in integer microseconds. Two things that are due at the same moment happen in the
order in which they were asked for, so a run depends on nothing but its seed.
"""

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any, Final

# What the wall clock of the world shows at time 0.
START_MS: Final = 1_700_000_000_000


class Event:
    """Something that will happen unless it is cancelled."""

    __slots__ = ("action", "arguments", "is_cancelled", "is_patient")

    def __init__(self, action: Callable[..., object], arguments: tuple[Any, ...], is_patient: bool) -> None:
        self.action = action
        self.arguments = arguments
        self.is_cancelled = False
        self.is_patient = is_patient

    def cancel(self) -> None:
        self.is_cancelled = True


class Events:
    """The queue. A patient event (a periodic look at something) does not count as work still to do."""

    def __init__(self) -> None:
        self.now_us = 0
        self._heap: list[tuple[int, int, Event]] = []
        self._count = 0

    @property
    def now_ms(self) -> int:
        """Wall time, as the servers see it."""
        return START_MS + self.now_us // 1000

    def after(
        self, delay_us: int, action: Callable[..., object], *arguments: Any, patient: bool = False
    ) -> Event:
        assert delay_us >= 0, "nothing happens before now"
        event = Event(action, arguments, patient)
        self._count += 1
        heappush(self._heap, (self.now_us + delay_us, self._count, event))
        return event

    def run(self, until_us: int) -> None:
        """Lets everything happen that is due up to `until_us`; then it is `until_us`."""
        heap = self._heap
        while heap and heap[0][0] <= until_us:
            due_us, _, event = heappop(heap)
            if not event.is_cancelled:
                self.now_us = due_us
                event.action(*event.arguments)
        self.now_us = until_us

    def pending(self) -> list[Event]:
        """Everything that is still to happen and is not patient; for the search for leaked timers."""
        return [event for _, _, event in self._heap if not event.is_cancelled and not event.is_patient]
