"""What an editor works with: a client, and its copies of playlists.

Two ports, and how our own SDK keeps them. Another one does behind `program`. Knows the SDK and actions. Does
not know who edits, or why.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol, assert_never

from collab.replay.hand import Action, Insert, Move, Remove
from collab.replay.steps import Item
from ot.digest import digest
from tutti_client import EditsRefused, Event, Playlist, Tutti
from tutti_client.signal import Signal

# A server that is killed comes back within this time, or the replay gives up.
PATIENCE_S = 120.0

# What to do in a list with these uids.
Plan = Callable[[Sequence[str]], Sequence[Action]]
# An item as a track.
Tracks = Callable[[Item], Mapping[str, Any]]


class Copy(Protocol):
    """One client's copy of a playlist."""

    @property
    def id(self) -> str: ...

    def listen(self, listener: Callable[[Event], None]) -> None:
        """`listener` hears at least what a replay counts: acks, refusals, new names and what was repaired."""

    async def make(self, plan: Plan, tracks: Tracks) -> list[list[str]]:
        """Does what `plan`, which may be asked again, wants in the list as it is then. Returns the uids that
        each action made."""

    async def saved(self) -> None:
        """Returns when all that was edited is durable or was refused."""

    async def seen(self, version: int) -> None:
        """Returns when everything up to `version` has arrived here."""

    async def digest(self) -> str:
        """Of the list as it is shown."""

    async def close(self) -> None: ...


class Client(Protocol):
    """One connection."""

    def go_offline(self) -> None: ...

    def go_online(self) -> None: ...

    async def open(self, document: str) -> Copy: ...

    async def sessions(self) -> int:
        """How many there were so far."""


class OwnCopy:
    """A playlist of our SDK."""

    def __init__(self, playlist: Playlist) -> None:
        self._playlist = playlist
        self._signal = Signal()
        playlist.listen(lambda _: self._signal.notify())

    @property
    def id(self) -> str:
        return self._playlist.id

    def listen(self, listener: Callable[[Event], None]) -> None:
        self._playlist.listen(listener)

    async def make(self, plan: Plan, tracks: Tracks) -> list[list[str]]:
        uids = [str(entry["uid"]) for entry in self._playlist.entries]
        return [self._act(action, tracks) for action in plan(uids)]

    def _act(self, action: Action, tracks: Tracks) -> list[str]:
        match action:
            case Remove(start, n):
                self._playlist.remove(start, n)
                return []
            case Insert(index, items):
                return self._playlist.insert(index, [tracks(item) for item in items])
            case Move(start, n, before):
                self._playlist.move(start, n, before)
                return []
        assert_never(action)

    async def saved(self) -> None:
        with suppress(EditsRefused):
            await self._playlist.saved()

    async def seen(self, version: int) -> None:
        while self._playlist.version < version:
            await self._signal.wait()

    async def digest(self) -> str:
        return digest(self._playlist.replica.document)

    async def close(self) -> None:
        await self._playlist.close(discard=True)


class OwnClient:
    """A connection of our SDK."""

    def __init__(self, tutti: Tutti) -> None:
        self._tutti = tutti

    def go_offline(self) -> None:
        self._tutti.go_offline()

    def go_online(self) -> None:
        self._tutti.go_online()

    async def open(self, document: str) -> OwnCopy:
        return OwnCopy(await self._tutti.open_playlist(document, timeout_s=PATIENCE_S))

    async def sessions(self) -> int:
        return self._tutti.sessions
