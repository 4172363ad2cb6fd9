"""Who is in the room, and what they point at.

Ephemeral: newest wins, nothing is stored, what changes between two flushes is conflated. A room shows its
first hundred members and everyone who shows something of themselves; a thousand silent listeners are not
announced to each other. Knows members and counters; does not know sockets: their end is reported to it.
"""

from collab.messages import Member, Presence, SetPresence

SHOWN_MAX = 100


class Presences:
    """The members of one room, by connection id."""

    def __init__(self, room: str) -> None:
        self._room = room
        self._members: dict[str, Member] = {}
        self._shown: dict[str, None] = {}
        self._changed: dict[str, None] = {}
        self._left: list[str] = []

    def enter(self, member: Member) -> None:
        self._members[member.id] = member
        if member.id in self._left:
            # Left and came back between two flushes: not to be reported as gone.
            self._left.remove(member.id)
        if len(self._shown) < SHOWN_MAX:
            self._show(member.id)

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

    def leave(self, connection: str) -> None:
        if self._members.pop(connection, None) is None:
            return
        self._changed.pop(connection, None)
        if connection in self._shown:
            del self._shown[connection]
            self._left.append(connection)

    def shown(self) -> tuple[Member, ...]:
        """What a newcomer is told."""
        return tuple(self._members[connection] for connection in self._shown)

    def take(self) -> Presence | None:
        """Everything that changed since the last call, once; None if nothing did."""
        if not self._changed and not self._left:
            return None
        message = Presence(
            self._room, tuple(self._members[connection] for connection in self._changed), tuple(self._left)
        )
        self._changed.clear()
        self._left.clear()
        return message

    @property
    def has_news(self) -> bool:
        return bool(self._changed or self._left)

    def _show(self, connection: str) -> None:
        self._shown[connection] = None
        self._changed[connection] = None
