"""Documents without a socket, on the real hub over the store in memory."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator

import pytest

from collab import room_runner
from collab.bus_memory import MemoryBus
from collab.clock import Clock
from collab.codec import pack_body
from collab.documents import HubDocuments
from collab.errors import Refusal
from collab.hub import Hub
from collab.ids import ROOM_CLIENT, is_server_client
from collab.kinds import Kinds
from collab.metrics import Metrics
from collab.playlist import Playlist
from collab.room_runner import RoomRunner
from storage.memory import MemoryStore
from storage.rows import OpRow
from tests.collab.ballot import AWAY_MS, Ballot, BallotKind, BallotState, dump

BALLOT, PLAYLIST, OPERA = "B" * 22, "P" * 22, "O" * 22
KINDS: Kinds = {"playlist": Playlist(), "ballot": BallotKind()}


class Node:
    def __init__(self, store: MemoryStore) -> None:
        self.store = store
        self.clock = Clock()
        self.metrics = Metrics()
        self.hub = Hub(KINDS, store, MemoryBus(), self.clock, self.metrics)
        self.documents = HubDocuments(self.hub, store, KINDS, self.clock)

    async def create(self, document: str, kind: str, owner: str, state: Ballot) -> None:
        body = pack_body(dump(state))
        await self.store.create_document(document, kind, "epoch", owner, body, self.clock.now_ms(), "host")

    async def ballot(self) -> Ballot:
        state = (await self.documents.look(BALLOT, "ballot")).state
        assert isinstance(state, BallotState)
        return state.ballot

    async def rows(self) -> list[OpRow]:
        return await self.store.ops(BALLOT, 0, 1000)


@pytest.fixture
async def node(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Node]:
    monkeypatch.setattr(room_runner, "LINGER_S", 0.0)
    node = Node(MemoryStore())
    await node.create(BALLOT, "ballot", "hal", Ballot({"hal": "host"}))
    async with node.hub.running():
        yield node


def loaded(node: Node, document: str = BALLOT) -> RoomRunner:
    runner = node.hub.runner(document)
    assert runner is not None
    return runner


async def unloaded(node: Node, document: str = BALLOT) -> None:
    while node.hub.runner(document) is not None:  # noqa: ASYNC110 - nothing tells the tests of it
        await asyncio.sleep(0)


async def test_a_room_that_is_over_leaves_no_garbage(node: Node) -> None:
    """Python would look for it hours later, and thousands of rooms would wait in memory."""
    gc.collect()
    gc.disable()
    try:
        joining = {"do": "join", "role": "guest"}
        assert await node.documents.propose(BALLOT, "ballot", "ann", "Ann", joining) == 1
        runner, room = weakref.ref(loaded(node)), weakref.ref(loaded(node).room)
        await unloaded(node)
        await asyncio.sleep(0)  # its task ends
        assert (runner(), room()) == (None, None)
    finally:
        gc.enable()


async def test_somebody_who_is_no_member_is_let_in_by_the_server(node: Node) -> None:
    joining = {"do": "join", "role": "guest"}
    assert await node.documents.propose(BALLOT, "ballot", "ann", "Ann", joining) == 1
    assert dict((await node.ballot()).roles) == {"hal": "host", "ann": "guest"}
    assert await node.store.members(BALLOT) == {"hal": "host", "ann": "guest"}
    [row] = await node.rows()
    assert (row.author, is_server_client(row.client_id)) == ("ann", True)
    assert await node.documents.propose(BALLOT, "ballot", "ann", "Ann", joining) == 1, "nothing changed"


async def test_what_the_kind_refuses_is_raised(node: Node) -> None:
    for body, code in (({"do": "fly"}, "forbidden"), ({"fly": 1}, "op_malformed")):
        with pytest.raises(Refusal) as caught:
            await node.documents.propose(BALLOT, "ballot", "ann", "Ann", body)
        assert caught.value.code == code


@pytest.mark.parametrize("where", ["in memory", "in the store"])
async def test_a_document_of_another_kind_does_not_exist(node: Node, where: str) -> None:
    if where == "in memory":
        await node.documents.propose(BALLOT, "ballot", "ann", "Ann", {"do": "join", "role": "guest"})
    else:
        await unloaded(node)
    for attempt in (
        node.documents.read(BALLOT, "hal"),
        node.documents.edit(BALLOT, "hal", {"a": {"name": "x"}}),
        node.documents.bring_back(BALLOT, "hal", 0, {"a": {"name": "x"}}),
        node.documents.propose(BALLOT, "playlist", "hal", "Hal", {"a": {"name": "x"}}),
        node.documents.look("N" * 22, "ballot"),
    ):
        with pytest.raises(Refusal) as caught:
            await attempt
        assert caught.value.code == "not_found"
    assert (await node.store.heads([BALLOT]))[BALLOT].version <= 1


async def test_a_kind_that_this_program_does_not_know_is_somebody_elses(node: Node) -> None:
    await node.create(OPERA, "opera", "hal", Ballot({"hal": "host"}))
    with pytest.raises(Refusal) as caught:
        await node.documents.propose(OPERA, "opera", "hal", "Hal", {"do": "join"})
    assert (caught.value.code, caught.value.retryable) == ("unavailable", True)


async def test_a_deletion_ends_the_room(node: Node) -> None:
    await node.documents.propose(BALLOT, "ballot", "ann", "Ann", {"do": "join", "role": "guest"})
    with pytest.raises(Refusal) as caught:
        await node.documents.delete(BALLOT, "ann")
    assert caught.value.code == "forbidden"
    await node.documents.delete(BALLOT, "hal")
    await unloaded(node)
    with pytest.raises(Refusal):
        await node.documents.look(BALLOT, "ballot")


async def test_a_room_without_people_lives_until_what_it_waits_for_has_happened(node: Node) -> None:
    soon_ms = node.clock.now_ms() + AWAY_MS // 10
    await node.create(PLAYLIST, "ballot", "hal", Ballot({"hal": "host"}, closes_ms=soon_ms))
    await node.documents.propose(PLAYLIST, "ballot", "ann", "Ann", {"do": "join", "role": "guest"})
    await unloaded(node, PLAYLIST)
    [closed] = [row for row in await node.store.ops(PLAYLIST, 0, 10) if row.client_id == ROOM_CLIENT]
    assert (closed.seq, closed.author) == (closed.version, "")
    assert closed.at_ms >= soon_ms


async def test_wishes_in_vain_are_counted(node: Node) -> None:
    await node.create(PLAYLIST, "ballot", "hal", Ballot({"hal": "host"}, wants=("fly",)))
    await node.documents.propose(PLAYLIST, "ballot", "ann", "Ann", {"do": "join", "role": "guest"})
    counter = node.metrics.refused_proposals.labels(code="forbidden")
    assert counter._value.get() >= 1
