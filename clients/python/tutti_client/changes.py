"""What happens to a playlist or in a Jam, for who wants to follow it.

An iterator that takes its time loses detail, not truth: when too much waits, all of it is dropped and one
`Reloaded` says to read everything anew. Knows events. Does not know what they are about.
"""

from collections import deque
from typing import Final, Generic, TypeVar

from tutti_client.errors import ClientError
from tutti_client.events import Change, Event, Happened, Reacted, Reloaded, Renamed
from tutti_client.signal import Signal

WAITING_MAX: Final = 1024

PlaylistChange = Change | Reloaded | Renamed
JamChange = Happened | Reacted | Reloaded | Renamed
C = TypeVar("C")

# What an iterator takes, of all events.
PLAYLIST_CHANGES: Final[tuple[type[PlaylistChange], ...]] = (Change, Reloaded, Renamed)
JAM_CHANGES: Final[tuple[type[JamChange], ...]] = (Happened, Reacted, Reloaded, Renamed)


class Changes(Generic[C]):
    """An asynchronous iterator over changes, from the moment it was made. Ends when the playlist or the Jam
    is closed here; raises why, when it is closed from elsewhere."""

    def __init__(self, kinds: tuple[type[C], ...]) -> None:
        """`kinds` are what it takes; `Reloaded` is one of them."""
        self._kinds = kinds
        self._waiting: deque[C | Reloaded] = deque()
        self._signal = Signal()
        self._is_over = False
        self._error: ClientError | None = None

    def __aiter__(self) -> "Changes[C]":
        return self

    async def __anext__(self) -> C | Reloaded:
        while not self._waiting:
            if self._error is not None:
                raise self._error
            if self._is_over:
                raise StopAsyncIteration
            await self._signal.wait()
        return self._waiting.popleft()

    def receive(self, event: Event, version: int) -> None:
        """Takes what is a change; `version` is the replica's."""
        if not isinstance(event, self._kinds):
            return
        if len(self._waiting) >= WAITING_MAX:
            self._waiting.clear()
            self._waiting.append(Reloaded(version))
        else:
            self._waiting.append(event)
        self._signal.notify()

    def end(self, error: ClientError | None = None) -> None:
        """Nothing more will come."""
        self._is_over = True
        self._error = error
        self._signal.notify()
