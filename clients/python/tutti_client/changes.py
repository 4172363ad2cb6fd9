"""What happens to a playlist, for who wants to follow it.

An iterator that takes its time loses detail, not truth: when too much waits, all of it is dropped and one
`Reloaded` says to read the list anew. Knows events. Does not know the list.
"""

from collections import deque
from typing import Final

from tutti_client.errors import ClientError
from tutti_client.events import Change, Event, Reloaded, Renamed
from tutti_client.signal import Signal

WAITING_MAX: Final = 1024

PlaylistChange = Change | Reloaded | Renamed


class Changes:
    """An asynchronous iterator over changes, from the moment it was made. Ends when the playlist is closed
    here; raises why, when it is closed from elsewhere."""

    def __init__(self) -> None:
        self._waiting: deque[PlaylistChange] = deque()
        self._signal = Signal()
        self._is_over = False
        self._error: ClientError | None = None

    def __aiter__(self) -> "Changes":
        return self

    async def __anext__(self) -> PlaylistChange:
        while not self._waiting:
            if self._error is not None:
                raise self._error
            if self._is_over:
                raise StopAsyncIteration
            await self._signal.wait()
        return self._waiting.popleft()

    def receive(self, event: Event, version: int) -> None:
        """Takes what is a change; `version` is the replica's."""
        if not isinstance(event, Change | Reloaded | Renamed):
            return
        if len(self._waiting) >= WAITING_MAX:
            self._waiting.clear()
            event = Reloaded(version)
        self._waiting.append(event)
        self._signal.notify()

    def end(self, error: ClientError | None = None) -> None:
        """Nothing more will come."""
        self._is_over = True
        self._error = error
        self._signal.notify()
