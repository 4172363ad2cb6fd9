"""Who sits in a room, and with which role.

The seats by connection, the roles of the document's members, and what follows when roles change: whoever's
role is another one is told, whoever lost it is shown out. Knows the company, to which a seat gives access.
Does not know where roles come from, nor how anybody got in: the door decides that.
"""

from dataclasses import dataclass

from collab.company import Company
from collab.effects import Evict, RoomEffect, Send
from collab.kind import Roles
from collab.messages import Member, RoleChanged, SetPresence
from collab.roles import allowed


@dataclass(frozen=True, slots=True)
class Seat:
    """One connection in the room. A request over HTTP passes through one too, unseen. `is_vouched`: the
    server itself asks for this user, who need not be a member; the document's kind alone decides. `is_new`:
    its client id was drawn for it, so nothing can have been settled under it."""

    connection: str
    user: str
    name: str
    client: str
    is_seen: bool = True
    is_vouched: bool = False
    is_new: bool = False


class Seating:
    """The seats of one room. `seats` and `members` are for reading."""

    def __init__(self, room: str, members: Roles, company: Company) -> None:
        self._room = room
        self.members = members
        self.seats: dict[str, Seat] = {}
        self.company = company
        # Connections that have not opened the room since its epoch changed; their bases mean another history.
        self._adrift: set[str] = set()

    def may_stay(self, seat: Seat) -> bool:
        return seat.is_vouched or allowed("open", self.members.get(seat.user))

    def take(self, seat: Seat) -> None:
        """A connection has opened the room, or has opened it again."""
        if seat.is_seen and seat.connection not in self.seats:
            self.company.enter(Member(seat.connection, seat.user, seat.name))
        self.seats[seat.connection] = seat
        self._adrift.discard(seat.connection)

    def leave(self, connection: str) -> None:
        """No effect if it had no seat."""
        seat = self.seats.pop(connection, None)
        self._adrift.discard(connection)
        if seat is not None and seat.is_seen:
            self.company.leave(connection, seat.user)

    def cast_adrift(self) -> None:
        """Another epoch: nobody may submit before they have opened the room anew."""
        self._adrift.update(self.seats)

    def submitter(self, connection: str) -> Seat | None:
        """The seat of a connection that may speak; None if it has to open the room first."""
        return None if connection in self._adrift else self.seats.get(connection)

    def show(self, connection: str, request: SetPresence) -> None:
        """What others see of a connection. No effect if that is older than what they see, or nobody's."""
        seat = self.seats.get(connection)
        if seat is not None and allowed("presence", self.members.get(seat.user)):
            self.company.show(connection, request)

    def set_members(self, members: Roles) -> list[RoomEffect]:
        """The roles from now on."""
        before, self.members = self.members, members
        effects: list[RoomEffect] = []
        for seat in list(self.seats.values()):
            role = members.get(seat.user)
            if role == before.get(seat.user):
                continue
            effects.append(Send(seat.connection, RoleChanged(self._room, role or "")))
            if not self.may_stay(seat):
                effects.append(self._show_out(seat))
        return effects

    def close(self) -> list[RoomEffect]:
        """The document is gone, and nobody stays."""
        self.members = {}
        effects: list[RoomEffect] = []
        for seat in list(self.seats.values()):
            effects += [Send(seat.connection, RoleChanged(self._room, "")), self._show_out(seat)]
        return effects

    def _show_out(self, seat: Seat) -> Evict:
        self.leave(seat.connection)
        return Evict(seat.connection)
