"""What the doors of a Jam need from the Jam itself.

Keys lie in the store; whether one opens is decided in the Jam's room, on the newest state, by a command like
any other. Implemented beside the hub; the tests have a small one of their own.
"""

from dataclasses import dataclass
from typing import Protocol

from jam.state import Role, Standing


@dataclass(frozen=True, slots=True)
class DoorState:
    """A Jam's door as of now. `role` is that of whoever asks, None for somebody who is no member.

    Keys of another `generation` open nothing. `guests_invite`: guests, too, may let others in.
    """

    generation: int
    role: Role | None
    guests_invite: bool
    ended: bool


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
