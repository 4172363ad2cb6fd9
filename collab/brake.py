"""Whether a client is read from.

There are several reasons not to, at the same time, and each ends by itself: reading goes on when the last has
ended. TCP then holds the client back, so whoever sends faster than it may, waits. Knows reasons and their
timer. Does not know messages or rates.
"""

import asyncio
from enum import Flag, auto

from collab.frames import FrameSink


class Reason(Flag):
    """Why nothing is read just now."""

    NONE = 0
    # Who the client is, is being looked up.
    TOKEN = auto()
    # It submits faster than it may.
    RATE = auto()
    # It asks and does not read the answers.
    OUTBOX = auto()
    # Much of what it submitted is not decided yet.
    UNDECIDED = auto()


class Brake:
    """Pauses and resumes one sink."""

    __slots__ = ("_held", "_sink", "_timer")

    def __init__(self, sink: FrameSink) -> None:
        self._sink = sink
        self._held = Reason.NONE
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_held(self) -> bool:
        return bool(self._held)

    def hold(self, reason: Reason) -> None:
        self._held |= reason
        self._sink.pause_reading()

    def release(self, reason: Reason) -> None:
        """Ends one reason; nothing if it did not hold."""
        if self._held & reason:
            self._held &= ~reason
            if not self._held:
                self._sink.resume_reading()

    def hold_for(self, duration_ms: int) -> None:
        """Holds for the rate, in place of what is left of the last time: a debt includes earlier ones."""
        self.end()
        self.hold(Reason.RATE)
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(duration_ms / 1000, self.release, Reason.RATE)

    def end(self) -> None:
        """Leaves no timer behind; the connection is over."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
