"""Who is in a room of two nodes, on real hubs over one bus and one store in memory."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack

import pytest

from collab import company, elsewhere, room_runner
from collab.bus_memory import MemoryBus, MemoryExchange
from collab.clock import Clock
from collab.codec import pack_body
from collab.hub import Hub
from collab.jam_kind import empty_jam
from collab.kinds import all_kinds
from collab.messages import Member, Open, Opened, Presence, ServerMessage
from collab.metrics import Metrics
from collab.playlist import empty_playlist
from collab.seating import Seat
from jam.settings import Settings
from storage.memory import MemoryStore
from tests.collab.serving import HUNG_S

ROOM, JAM = "P" * 22, "J" * 22


class Guest:
    """A listener who writes down whom they see."""

    def __init__(self, name: str) -> None:
        self.id = f"{name}'s connection"
        self.seat = Seat(self.id, "ann", name, f"{name}'s client")
        self.seen: dict[str, Member] = {}
        self._news = asyncio.Event()

    def tell(self, message: ServerMessage) -> None:
        if isinstance(message, Opened):
            self.seen = {member.id: member for member in message.members}
        self._news.set()

    def overhear(self, messages: Sequence[ServerMessage]) -> None:
        for message in messages:
            if isinstance(message, Presence):
                self.seen |= {member.id: member for member in message.members}
                for id in message.left:
                    del self.seen[id]
        self._news.set()

    def evicted(self, document: str) -> None: ...

    def failed(self, document: str) -> None: ...

    async def sees(self, *names: str) -> None:
        async with asyncio.timeout(HUNG_S):
            while {member.name for member in self.seen.values()} != set(names):
                self._news.clear()
                await self._news.wait()


@pytest.fixture
async def hubs(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[Hub]]:
    monkeypatch.setattr(room_runner, "LINGER_S", 0.0)
    store, clock, exchange = MemoryStore(), Clock(), MemoryExchange()
    body = pack_body(empty_playlist({"name": "Mix"}))
    await store.create_document(ROOM, "playlist", "e1", "ann", body, clock.now_ms())
    async with AsyncExitStack() as stack:
        made = [Hub(all_kinds(), store, MemoryBus(exchange), clock, Metrics()) for _ in range(2)]
        for hub in made:
            await stack.enter_async_context(hub.running())
        yield made


@pytest.fixture
def short_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elsewhere, "LEASE_MS", 250)
    monkeypatch.setattr(company, "STATE_EVERY_MS", 100)


def enter(hub: Hub, guest: Guest, room: str = ROOM) -> None:
    hub.enter_as(guest, guest.seat, Open(room))


async def test_who_is_on_either_node_sees_who_is_on_the_other(hubs: list[Hub]) -> None:
    here, there = hubs
    ann, bob, cy = Guest("Ann"), Guest("Bob"), Guest("Cy")
    enter(here, ann)
    enter(there, bob)
    await ann.sees("Ann", "Bob")
    await bob.sees("Ann", "Bob")
    enter(there, cy)
    await ann.sees("Ann", "Bob", "Cy")
    there.exit_as(bob, ROOM)
    await ann.sees("Ann", "Cy")
    await cy.sees("Ann", "Cy")
    there.exit_as(cy, ROOM)
    await ann.sees("Ann")
    enter(there, bob)
    await bob.sees("Ann", "Bob")
    await ann.sees("Ann", "Bob")


async def test_a_jam_knows_of_its_host_on_another_node(
    hubs: list[Hub], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The room is looked at after its last member left.
    monkeypatch.setattr(room_runner, "LINGER_S", HUNG_S)
    here, there = hubs
    clock = here.clock
    body = pack_body(empty_jam("ann", "Ann", clock.now_ms(), Settings()))
    await here.store.create_document(JAM, "jam", "e1", "ann", body, clock.now_ms(), "host")
    ann, also_ann = Guest("Ann"), Guest("Also Ann")
    enter(there, ann, JAM)
    enter(here, also_ann, JAM)
    await also_ann.sees("Ann", "Also Ann")
    here.exit_as(also_ann, JAM)
    await ann.sees("Ann")
    runner = here.runner(JAM)
    assert runner is not None
    assert runner.room is not None
    scene = runner.room.company.attendance.look(clock.now_ms())
    assert (dict(scene.here), dict(scene.elsewhere), dict(scene.left_ms)) == ({}, {"ann": 1}, {})


async def test_who_is_on_a_node_that_dies_vanishes_and_returns_with_it(
    short_leases: None, hubs: list[Hub]
) -> None:
    here, there = hubs
    ann, bob = Guest("Ann"), Guest("Bob")
    enter(here, ann)
    enter(there, bob)
    await ann.sees("Ann", "Bob")
    bus = there._house.bus
    assert isinstance(bus, MemoryBus)
    bus._exchange.buses.remove(bus)
    await ann.sees("Ann")
    bus._exchange.buses.append(bus)
    await ann.sees("Ann", "Bob")
