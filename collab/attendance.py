"""Who is here, since when, and since when not.

For documents that want something when somebody comes, goes or shows something. People, not connections:
somebody with two tabs is here until the second one closes, and whoever is on another node is not gone. Coming
and going is stamped with the time of the next look, which follows at once unless the store keeps the room
waiting. Knows users and connections. Does not know roles, nor what follows from an absence.
"""

from collections import Counter
from types import MappingProxyType

from collab.kind import NOBODY, Scene
from collab.messages import Body

# Whoever left longer ago than so many others counts as never seen; a Jam has fewer members.
LEFT_KEPT = 4096


class Attendance:
    """The people of one room. Both `came` and both `went` are told of every connection, once."""

    def __init__(self) -> None:
        self._connections: Counter[str] = Counter()
        self._elsewhere: Counter[str] = Counter()
        self._here: dict[str, int] = {}
        self._left_ms: dict[str, int] = {}
        self._shown: dict[str, Body] = {}
        # The connection that showed it: what a closed tab said last stands for nobody.
        self._shown_by: dict[str, str] = {}
        self._unstamped: dict[str, None] = {}
        # Of these nobody knows whether they left.
        self._lost: set[str] = set()
        self._scene = NOBODY

    def came(self, user: str) -> None:
        self._connections[user] += 1
        if self._connections[user] == 1:
            self._unstamped[user] = None

    def went(self, connection: str, user: str) -> None:
        self._end(self._connections, connection, user)

    def came_elsewhere(self, user: str) -> None:
        """Another node has a connection of this user."""
        self._elsewhere[user] += 1
        self._lost.discard(user)
        self._unstamped[user] = None

    def went_elsewhere(self, connection: str, user: str, *, lost: bool = False) -> None:
        """Another node has it no longer. `lost`: or nothing is heard of that node any more, nor could be."""
        self._end(self._elsewhere, connection, user)
        if lost:
            self._lost.add(user)

    def _end(self, connections: Counter[str], connection: str, user: str) -> None:
        connections[user] -= 1
        if self._shown_by.get(user) == connection:
            del self._shown_by[user], self._shown[user]
        if not connections[user]:
            del connections[user]
            self._unstamped[user] = None

    def showed(self, connection: str, user: str, state: Body) -> None:
        """The newest presence state of somebody who is here or elsewhere."""
        self._shown[user] = state
        self._shown_by[user] = connection

    def look(self, now_ms: int) -> Scene:
        """What there is to be seen now. The first look is the moment from which on this node watches."""
        if self._scene is NOBODY:
            self._scene = Scene(
                MappingProxyType(self._here),
                MappingProxyType(self._left_ms),
                now_ms,
                MappingProxyType(self._shown),
                MappingProxyType(self._elsewhere),
            )
        for user in self._unstamped:
            self._left_ms.pop(user, None)
            if user in self._connections:
                self._here.setdefault(user, now_ms)
            else:
                self._here.pop(user, None)
                if user not in self._elsewhere and user not in self._lost:
                    self._left_ms[user] = now_ms
        self._unstamped.clear()
        self._lost.clear()
        while len(self._left_ms) > LEFT_KEPT:
            del self._left_ms[next(iter(self._left_ms))]
        return self._scene
