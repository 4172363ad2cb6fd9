"""Something that is done soon, but not more often than it may be.

Whoever has news says `soon`, any number of times; it is done once for all of them. Knows one timer. Does not
know what is done.
"""

import asyncio
from collections.abc import Callable


class Ticker:
    """Calls `work` `delay_s` after the first `soon` since it was last called."""

    def __init__(self, delay_s: float) -> None:
        self._delay_s = delay_s
        self._timer: asyncio.TimerHandle | None = None

    def soon(self, work: Callable[[], None]) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._delay_s, self._tick, work)

    def end(self) -> None:
        """Forgets what was to be done."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tick(self, work: Callable[[], None]) -> None:
        self._timer = None
        work()
