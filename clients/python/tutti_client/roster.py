"""Who else is in a playlist, and what we show of ourselves.

Newest wins, and nothing of this is stored: after a new connection the server tells who is here, and we tell
again what we show. Knows members and counters. Does not know what a state means: that is `playlist`'s.
"""

from typing import Final

from collab.messages import Body, Member, Presence, SetPresence

# A cursor that moves all the time is told this often; what lies between is never sent.
EVERY_MS: Final = 100


class Roster:
    """The members of one room, by member id, and our own state there."""

    def __init__(self, room: str) -> None:
        self._room = room
        self._members: dict[str, Member] = {}
        self._total = 0
        self._state: Body | None = None
        self._counter = 0
        self._is_due = False
        self._due_ms = 0

    @property
    def members(self) -> tuple[Member, ...]:
        return tuple(self._members.values())

    @property
    def present(self) -> int:
        """How many connections are in the room: more than `members` where a crowd is not named."""
        return max(self._total, len(self._members))

    def opened(self, members: tuple[Member, ...], total: int = 0) -> None:
        """The room is open, on a connection that may be a new one."""
        self._members = {member.id: member for member in members}
        self._total = total
        self._is_due = self._state is not None

    def receive(self, message: Presence) -> None:
        for member in message.members:
            known = self._members.get(member.id)
            if known is None or known.counter <= member.counter:
                self._members[member.id] = member
        for member_id in message.left:
            self._members.pop(member_id, None)
        self._total = message.total

    def show(self, state: Body) -> None:
        """Replaces what others see of us."""
        self._is_due = self._is_due or state != self._state
        self._state = state

    def outgoing(self, now_ms: int) -> list[SetPresence]:
        """What to send now, while the room is open."""
        if not self._is_due or self._state is None or now_ms < self._due_ms:
            return []
        self._is_due = False
        self._due_ms = now_ms + EVERY_MS
        self._counter += 1
        return [SetPresence(self._room, self._counter, self._state)]

    def get_timer(self) -> int | None:
        """When `outgoing` has something, in ms; None: not by waiting."""
        return self._due_ms if self._is_due else None
