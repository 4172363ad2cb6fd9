"""What is asked of a Jam without a socket, and of its room.

Keys lie in the store; whether one opens is decided in the Jam's room, on the newest state, by a command like
any other: that is what the doors ask of the Jam (`Jams`). What the Jam asks of the hub (`JamRooms`) is less:
to look, and to decide. The tests have a small one of each of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from collab.messages import Body
from jam.commands import Join
from jam.state import Jam, Role, Standing
from storage.rows import Head


@dataclass(frozen=True, slots=True)
class JamView:
    """A Jam as it was committed last, at `head.version`. `order`: ids of its entries, what plays first."""

    head: Head
    jam: Jam
    order: Sequence[str]


class JamRooms(Protocol):
    """Jams where they are decided. Every method raises StoreError if the database fails; those that name a
    document raise Refusal `not_found` if it is no Jam, and `busy` if races were lost."""

    async def create(self, owner: str, snapshot: Body, now_ms: int) -> str:
        """A new Jam with this state and one member, its host; returns its id."""

    async def look(self, document: str) -> JamView:
        """Asks for no role."""

    async def command(self, document: str, user: str, client: str, body: Body) -> int:
        """Decides a command as if a socket had sent it, from a client id that nobody used before. Returns the
        version that it became, or the present one if it changed nothing. Raises Refusal: `not_found` to those
        who are no members, or what the Jam says."""

    async def let_in(self, document: str, wish: Join) -> int:
        """Decides about somebody who holds a key; returns as `command`. Raises Refusal."""

    async def wake(self, document: str, user: str, name: str) -> None:
        """Somebody is back, for a moment at least, in a Jam in which nobody was left. Raises Refusal `busy`,
        and `not_found` to those who are no members."""

    async def delete(self, document: str, user: str) -> None:
        """Deletes the Jam; its room closes for everybody. Raises Refusal `forbidden` to all but the host."""


@dataclass(frozen=True, slots=True)
class DoorState:
    """A Jam's door as of now. `role` is that of whoever asks, None for somebody who is no member.

    Keys of another `generation` open nothing. `guests_invite`: guests, too, may let others in. `waits`:
    whoever asks has knocked, and the host has not answered yet.
    """

    generation: int
    role: Role | None
    guests_invite: bool
    ended: bool
    waits: bool = False


class Jams(Protocol):
    """Jams, by document id. Every method raises Refusal `not_found` if there is no such Jam, `busy` if races
    were lost, and StoreError if the database fails."""

    async def door(self, document: str, user: str) -> DoorState:
        """The newest committed state."""

    async def join(self, document: str, user: str, name: str, role: Standing, generation: int) -> int:
        """Lets somebody in who holds a key of `generation` for `role`, or announces them where the host wants
        to be asked; returns the version at which that is so. Whoever is a member stays what they are. Raises
        Refusal `jam_full` with the count, and `key_invalid` or any other for a door that does not open."""

    async def rotate(self, document: str, user: str) -> int:
        """Ends all codes and invite links made so far, as this user; returns the new generation. Raises
        Refusal `forbidden`, `jam_ended`."""
