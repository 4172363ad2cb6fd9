"""Changes over HTTP whose answers get lost: what happened is found out, or said to be unknown."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from collab import deeds, documents, errand
from collab.bus_memory import MemoryBus
from collab.clock import Clock
from collab.documents import HubDocuments
from collab.errors import Refusal
from collab.hub import Hub
from collab.kinds import Kinds
from collab.metrics import Metrics
from collab.playlist import Playlist
from storage.memory import CommitFault, MemoryStore
from storage.rows import OpRow
from storage.store import OutcomeUnknown, Store, Unavailable
from tests.integration.faulty_store import FaultyStore

KINDS: Kinds = {"playlist": Playlist()}
ANN = "a" * 22
NAME = "N" * 22


class Node:
    """A hub on a store that fails when it is told to; `memory` is what it really holds."""

    def __init__(self, memory: MemoryStore) -> None:
        self.memory = memory
        self.store = FaultyStore(memory)
        store = cast(Store, self.store)
        clock = Clock()
        self.hub = Hub(KINDS, store, MemoryBus(), clock, Metrics())
        self.documents = HubDocuments(self.hub, store, KINDS, clock)
        self.playlist = ""

    async def say(self, text: str, **more: Any) -> int:
        op = {"a": {"description": text}}
        return await self.documents.edit(self.playlist, ANN, op, **more)

    async def rows(self) -> list[OpRow]:
        return await self.memory.ops(self.playlist, 0, 1000)


@pytest.fixture
async def node(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Node]:
    for name, seconds in {"LOOKUP_S": 0.05, "LOOKUP_PAUSE_S": 0.001}.items():
        monkeypatch.setattr(errand, name, seconds)
    monkeypatch.setattr(documents, "_PAUSE_S", 0.0)
    node = Node(MemoryStore())
    async with node.hub.running():
        node.playlist = await node.documents.create(ANN, {"name": "Friday"}, 0)
        yield node


def once(method: str, error: Exception) -> Any:
    """A fault that happens the first time."""
    left = [error]
    return lambda called: left.pop() if called == method and left else None


async def code_of(work: Any) -> str:
    with pytest.raises(Refusal) as caught:
        await work
    return caught.value.code


@pytest.mark.parametrize("fault", list(CommitFault))
async def test_a_lost_answer_is_found_by_the_room(node: Node, fault: CommitFault) -> None:
    node.memory.fail_next_commit(fault)
    with deeds.watched() as done:
        assert await node.say("x") == 1
    assert done.any
    assert len(await node.rows()) == 1


async def test_a_room_that_dies_after_the_commit_leaves_an_outcome(node: Node) -> None:
    node.store.after = once("commit", RuntimeError("a bug"))
    with deeds.watched() as done:
        assert await node.say("x") == 1
    assert done.any, "whatever fails now fails after a commit"
    assert len(await node.rows()) == 1


async def test_a_room_that_dies_before_it_is_no_failure_that_may_be_repeated(node: Node) -> None:
    node.store.before = once("commit", RuntimeError("a bug"))
    with deeds.watched() as done:
        assert await code_of(node.say("x")) == "outcome_unknown"
    assert not done.any


async def test_what_waits_too_long_is_withdrawn(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errand, "TIMEOUT_S", 0.05)
    begun, go_on = node.store.gate("commit")
    first = asyncio.create_task(node.say("one"))
    await begun.wait()
    second = asyncio.create_task(node.say("two"))
    refusal = await asyncio.gather(second, return_exceptions=True)
    assert isinstance(refusal[0], Refusal)
    assert (refusal[0].code, refusal[0].retryable) == ("busy", True), "nothing of it can be written now"
    assert await code_of(first) == "outcome_unknown", "its commit is under way"
    go_on.set()
    assert await node.say("three") == 2
    assert len(await node.rows()) == 2


async def test_a_commit_that_ends_while_it_is_looked_for_is_found(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errand, "TIMEOUT_S", 0.02)
    monkeypatch.setattr(errand, "LOOKUP_S", 5.0)
    begun, go_on = node.store.gate("commit")
    asked = 0

    def before(method: str) -> Exception | None:
        nonlocal asked
        if method != "settled" or not begun.is_set():
            return None
        asked += 1
        if asked == 3:
            go_on.set()
        return Unavailable("away") if asked == 1 else None

    node.store.before = before
    assert await node.say("x") == 1
    assert asked >= 3
    view = await node.documents.read(node.playlist, ANN)
    assert view.head.version == 1, "whoever heard of it reads it"


async def test_one_name_is_one_change(node: Node) -> None:
    assert await node.documents.outcome(node.playlist, NAME) is None
    assert await node.say("x", client=NAME) == 1
    assert await node.say("x", client=NAME, base=0) == 1, "the very same"
    assert await node.say("y", client=NAME) == 1, "made anew from a newer state, by a repeated request"
    assert len(await node.rows()) == 1
    assert await node.documents.outcome(node.playlist, NAME) == 1


async def test_only_a_name_that_may_have_been_used_is_looked_up(node: Node) -> None:
    asked: list[str] = []
    node.store.before = asked.append
    # The second and third find the room loaded.
    assert await node.say("w") == 1
    assert await node.say("x") == 2
    assert await node.say("y", client="M" * 22, is_new=True) == 3
    assert "settled" not in asked
    assert await node.say("z", client=NAME) == 4
    assert asked.count("settled") == 1


async def test_a_refusal_is_an_outcome_too(node: Node) -> None:
    long = "x" * 10_000
    for _ in range(2):
        assert await code_of(node.say(long, client=NAME)) == "attribute_invalid"
    assert await code_of(node.documents.outcome(node.playlist, NAME)) == "attribute_invalid"


async def test_a_base_of_another_history_is_not_taken_for_one_of_this(node: Node) -> None:
    assert await code_of(node.say("x", base=0, epoch="another")) == "busy"
    assert await node.rows() == []


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_playlist_is_made_once_however_often_the_answer_is_lost(node: Node, when: str) -> None:
    setattr(node.store, when, once("create_document", OutcomeUnknown("lost")))
    with deeds.watched() as done:
        made = await node.documents.create(ANN, {"name": "Saturday"}, 0, NAME)
    assert done.any
    assert made == NAME
    await node.say("x")
    assert await node.documents.create(ANN, {"name": "Saturday"}, 0, NAME) == NAME, "a repeat finds it"
    infos, total = await node.memory.documents_of(ANN, "playlist", 0, 10)
    assert total == len(infos) == 2


async def test_a_doubt_stays_one_when_the_database_goes_away(node: Node) -> None:
    errors = [OutcomeUnknown("lost"), Unavailable("away"), Unavailable("away"), Unavailable("away")]
    node.store.before = lambda method: errors.pop(0) if method == "create_document" else None
    with pytest.raises(OutcomeUnknown):
        await node.documents.create(ANN, {"name": "Saturday"}, 0)
    node.store.before = lambda method: Unavailable("away") if method == "create_document" else None
    with pytest.raises(Unavailable):
        await node.documents.create(ANN, {"name": "Saturday"}, 0)


async def test_somebody_elses_id_is_not_taken(node: Node) -> None:
    with pytest.raises(Exception, match="exists"):
        await node.documents.create("b" * 22, {"name": "Mine"}, 0, node.playlist)


async def test_members_and_deletions_survive_a_lost_answer(node: Node) -> None:
    node.store.after = once("set_member", OutcomeUnknown("lost"))
    with deeds.watched() as done:
        await node.documents.set_member(node.playlist, "b" * 22, "editor")
    assert done.any
    assert (await node.memory.members(node.playlist))["b" * 22] == "editor"
    node.store.after = once("delete_document", OutcomeUnknown("lost"))
    await node.documents.delete(node.playlist, ANN)
    assert await node.memory.document_info(node.playlist) is None


async def test_what_one_node_answered_the_other_reads_at_once(node: Node) -> None:
    """Without a bus between them, and with a room that is open on both."""
    hub = Hub(KINDS, cast(Store, node.store), MemoryBus(), Clock(), Metrics())
    other = HubDocuments(hub, cast(Store, node.store), KINDS, Clock(), has_neighbours=True)
    async with hub.running():
        await other.edit(node.playlist, ANN, {"a": {"description": "there"}})
        assert await node.say("here") == 2
        room = hub.runner(node.playlist)
        assert room is not None
        assert room.room is not None
        assert room.room.head.version == 1, "nobody told it yet"
        assert (await other.read(node.playlist, ANN)).attributes["description"] == "here"
        node.store.before = lambda method: Unavailable("away") if method == "heads" else None
        assert (await other.read(node.playlist, ANN)).head.version == 2
