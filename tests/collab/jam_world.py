"""Jams without their rules: the least that makes doors open, shut and change their locks."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from collab.errors import Refusal
from collab.jam_ports import DoorState
from jam.state import Role, Standing

Hook = Callable[[], Awaitable[None]]


@dataclass
class FakeJam:
    """What a test may change at any moment."""

    roles: dict[str, Role]
    names: dict[str, str] = field(default_factory=dict)
    generation: int = 1
    locked: bool = False
    ended: bool = False
    approval: bool = False
    guests_invite: bool = True
    seats: int = 32
    banned: set[str] = field(default_factory=set)
    knocks: set[str] = field(default_factory=set)
    version: int = 0

    def kick(self, user: str) -> None:
        self.roles.pop(user, None)
        self.generation += 1


async def nothing() -> None:
    pass


class FakeJams:
    """Keeps `collab.jam_ports.Jams`. `before_join` runs when somebody is about to be let in."""

    def __init__(self) -> None:
        self.jams: dict[str, FakeJam] = {}
        self.before_join: Hook = nothing
        self.joins = 0

    async def door(self, document: str, user: str) -> DoorState:
        jam = self._jam(document)
        role, waits = jam.roles.get(user), user in jam.knocks
        return DoorState(jam.generation, role, jam.guests_invite, jam.ended, waits)

    async def join(self, document: str, user: str, name: str, role: Standing, generation: int) -> int:
        self.joins += 1
        await self.before_join()
        jam = self._jam(document)
        if jam.ended:
            raise Refusal("jam_ended")
        if user in jam.roles:
            return jam.version
        if user in jam.banned:
            raise Refusal("forbidden", "You are banned here.")
        if jam.locked or generation != jam.generation:
            raise Refusal("key_invalid")
        if len(jam.roles) >= jam.seats:
            raise Refusal("jam_full", f"This Jam is full: {len(jam.roles)} take part.")
        if jam.approval:
            jam.knocks.add(user)
        else:
            jam.roles[user] = role
            jam.names[user] = name
        jam.version += 1
        return jam.version

    async def rotate(self, document: str, user: str) -> int:
        jam = self._jam(document)
        if jam.roles.get(user) not in ("host", "cohost"):
            raise Refusal("forbidden")
        jam.generation += 1
        return jam.generation

    def _jam(self, document: str) -> FakeJam:
        if document not in self.jams:
            raise Refusal("not_found")
        return self.jams[document]
