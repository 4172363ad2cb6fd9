"""What those in a room on this node are shown of each other, and of who is there on other nodes.

Ephemeral: newest wins, nothing is stored, what changes between two flushes is conflated. A room shows its
first hundred members and everyone who shows something of themselves; a thousand silent listeners are but a
number. Each node decides that for its own members, by what it knows of the others then, so a room of two
nodes may show a few more. Knows members and counters; does not know sockets: their end is reported to it.
"""

from collections.abc import Iterable

from collab.messages import Member, Presence, SetPresence

SHOWN_MAX = 100
# While silent listeners come and go all the time, their number is told again when it is wrong by a 20th.
TOTAL_PART = 20


class Presences:
    """The members of one room, by connection id."""

    def __init__(self, room: str) -> None:
        self._room = room
        self._members: dict[str, Member] = {}
        self._shown: dict[str, None] = {}
        self._silent: dict[str, None] = {}
        # On other nodes: those who are shown, and how many are not.
        self._others: dict[str, Member] = {}
        self._silent_others = 0
        self._changed: dict[str, None] = {}
        self._left: dict[str, None] = {}
        self._told_total = 0

    # -- on this node ------------------------------------------------------------------------------------

    def enter(self, member: Member) -> None:
        self._members[member.id] = member
        if len(self._shown) + len(self._others) < SHOWN_MAX:
            self._show(member.id)
        else:
            self._silent[member.id] = None

    def set(self, connection: str, request: SetPresence) -> bool:
        """Takes a newer state of a member. False if it is older than what stands, or nobody's."""
        member = self._members.get(connection)
        if member is None or request.counter <= member.counter:
            return False
        self._members[connection] = Member(
            member.id, member.user, member.name, request.counter, request.state
        )
        self._show(connection)
        return True

    def leave(self, connection: str) -> Member | None:
        """Returns who is shown in their place, if somebody is."""
        self._members.pop(connection, None)
        self._silent.pop(connection, None)
        if connection not in self._shown:
            return None
        del self._shown[connection]
        self._went(connection)
        if not self._silent or len(self._shown) + len(self._others) >= SHOWN_MAX:
            return None
        successor = next(iter(self._silent))
        self._show(successor)
        return self._members[successor]

    def is_shown(self, connection: str) -> bool:
        """Whether others see this member of ours."""
        return connection in self._shown

    def own(self, connection: str) -> Member:
        return self._members[connection]

    @property
    def silent(self) -> int:
        """How many of ours are not shown."""
        return len(self._silent)

    # -- on other nodes ----------------------------------------------------------------------------------

    def show_others(self, members: Iterable[Member], left: Iterable[str], silent: int) -> None:
        """What is new of those on other nodes; `silent` is how many of them there are besides."""
        for id in left:
            if self._others.pop(id, None) is not None:
                self._went(id)
        for member in members:
            self._others[member.id] = member
            self._changed[member.id] = None
            self._left.pop(member.id, None)
        self._silent_others = silent

    # -- what is told ------------------------------------------------------------------------------------

    def shown(self) -> tuple[Member, ...]:
        """What a newcomer is told."""
        return (*(self._members[connection] for connection in self._shown), *self._others.values())

    @property
    def total(self) -> int:
        """How many are in the room if that is more than are shown; else 0."""
        silent = len(self._silent) + self._silent_others
        return len(self._shown) + len(self._others) + silent if silent else 0

    def take(self, *, exactly: bool = False) -> Presence | None:
        """Everything that changed since the last call, once; None if nothing did. `exactly`: also by how few
        the number of members changed."""
        if not (self.has_news or (exactly and self.total != self._told_total)):
            return None
        changed = (self._members.get(id) or self._others[id] for id in self._changed)
        message = Presence(self._room, tuple(changed), tuple(self._left), self.total)
        self._changed.clear()
        self._left.clear()
        self._told_total = message.total
        return message

    @property
    def has_news(self) -> bool:
        wrong_by = abs(self.total - self._told_total)
        return bool(self._changed or self._left) or (
            wrong_by > 0 and (not self.total or wrong_by * TOTAL_PART >= self._told_total)
        )

    def _show(self, connection: str) -> None:
        self._silent.pop(connection, None)
        self._shown[connection] = None
        self._changed[connection] = None
        # Left and came back between two flushes: not to be reported as gone.
        self._left.pop(connection, None)

    def _went(self, id: str) -> None:
        self._changed.pop(id, None)
        self._left[id] = None
