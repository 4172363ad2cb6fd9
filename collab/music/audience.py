"""What those who fetch music from a node at the same time share.

There are so many of them at most, because each holds a file and a block of it for as long as they like; and
they take turns. A fast reader never makes anybody wait by itself, and fifty of them would fill every turn of
the event loop: so after each piece one waits for another turn, in which only a few go on, and edits find the
loop free. Knows counts and turns. Does not know what is sent.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from collab.errors import Refusal
from collab.metrics import Metrics

# A player fetches a song and the next one; somebody has a few devices and tabs, and an app a few people.
LISTENERS_A_USER_MAX: Final = 16
# 400 MiB if everybody is somewhere else in another song. More at once would only make all of them slower.
LISTENERS_MAX: Final = 1_024
# A turn of the loop sends so many pieces, which takes the kernel some 0.2 ms; an ack needs about five turns.
PIECES_A_TURN: Final = 4

_RETRY_MS: Final = 2_000
_SO_MANY: Final = "You fetch as many songs at the same time as one may; wait for one of them."


class Audience:
    """Lives in one event loop."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._listeners: Counter[str] = Counter()
        self._few = asyncio.Semaphore(PIECES_A_TURN)

    @contextmanager
    def seat(self, user: str) -> Iterator[None]:
        """Held while this user listens. Raises Refusal `rate_limited` or `overloaded`."""
        if self._listeners[user] >= LISTENERS_A_USER_MAX:
            raise Refusal("rate_limited", _SO_MANY, _RETRY_MS)
        if self._listeners.total() >= LISTENERS_MAX:
            raise Refusal("overloaded", retry_after_ms=_RETRY_MS)
        self._listeners[user] += 1
        try:
            with self._metrics.audio_listeners.track_inprogress():
                yield
        finally:
            self._listeners[user] -= 1
            if not self._listeners[user]:
                del self._listeners[user]

    async def turn(self) -> None:
        """Returns when this listener may send another piece."""
        async with self._few:
            await asyncio.sleep(0)
