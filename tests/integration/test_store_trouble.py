"""A database that fails, blocks or answers late, under a whole node."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import Any, cast

import pytest

from collab import connection as connection_module
from collab import room_runner
from collab.batch import Batch
from collab.closing import CloseCode
from collab.codec import Encoding
from collab.connection import Node
from collab.load import UNDECIDED_BYTES_MAX
from collab.messages import Ack, Goodbye, Hello, Leave, Open, Opened, Ops, Probe, Refused, Submit, Time
from collab.patience import Patience
from storage.sqlite_file import DATABASE_NAME
from storage.store import OutcomeUnknown, Unavailable
from tests.collab.serving import HUNG_S
from tests.integration.faulty_store import FaultyStore
from tests.integration.world import WireClient, World, new_id, world

SEED = 11


class Troubled:
    """A node and the store that it thinks is real."""

    def __init__(self, node: World, store: FaultyStore) -> None:
        self.node = node
        self.store = store

    async def log(self, document: str) -> list[tuple[int, str, int]]:
        rows = await self.node.store.ops(document, 0, 1 << 30)
        return [(row.version, row.client_id, row.seq) for row in rows]


@pytest.fixture
async def troubled(tmp_path: Path) -> AsyncIterator[Troubled]:
    stores: list[FaultyStore] = []

    def wrap(store: Any) -> Any:
        stores.append(FaultyStore(store))
        return stores[0]

    # A test that cannot take its node down must not hang the others.
    async with asyncio.timeout(3 * HUNG_S), world(tmp_path, wrap=wrap) as node:
        yield Troubled(node, stores[0])


async def edit_until_saved(client: WireClient, document: str, seq: int) -> None:
    """Sends one submission, the same bytes again when that is asked for, until it is answered for good."""
    submission = Submit(document, seq, 0, {"a": {"description": f"{client.id} {seq}"}})
    await client.send(submission)
    while True:
        answer = await client.receive(cast(type[Any], (Ops, Ack, Refused)))
        match answer:
            case Refused(retryable=True):
                await client.send(submission)
            case Refused():
                raise AssertionError(answer)
            case Ack(seq=answered) if answered == seq:
                return
            case Ops() if any((row.client, row.seq) == (client.id, seq) for row in answer.ops):
                return


async def test_edits_go_on_through_a_store_that_fails_everywhere(
    troubled: Troubled, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def at_once(patience: Patience) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(Patience, "pause", at_once)
    node = troubled.node
    ann = await node.person("Ann")
    document, other = await node.playlist(ann), await node.playlist(ann)
    async with node.client(ann) as one, node.client(ann) as two, node.client(ann) as three:
        troubled.store.fail_often(SEED, share=0.3)
        for client in (one, two, three):
            await client.open(document)
        await three.open(other)

        async def edit(client: WireClient, room: str, count: int) -> None:
            for seq in range(1, count + 1):
                await edit_until_saved(client, room, seq)

        await asyncio.gather(edit(one, document, 40), edit(two, document, 40), edit(three, other, 40))
        troubled.store.heal()
        assert troubled.store.failures > 50
        log = await troubled.log(document)
        assert [version for version, _, _ in log] == list(range(1, 81))
        assert sorted((client, seq) for _, client, seq in log) == sorted(
            (client.id, seq) for client in (one, two) for seq in range(1, 41)
        )
        assert [seq for _, _, seq in await troubled.log(other)] == list(range(1, 41))


async def test_a_failing_disk_is_not_asked_without_pause(
    troubled: Troubled, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses = 0

    async def note(patience: Patience) -> None:
        nonlocal pauses
        pauses += 1
        if pauses == 5:
            troubled.store.heal()

    monkeypatch.setattr(Patience, "pause", note)
    node = troubled.node
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    async with node.client(ann) as client:
        await client.open(document)
        troubled.store.before = lambda method: Unavailable("full") if method == "commit" else None
        await edit_until_saved(client, document, 1)
        assert pauses == 5


@pytest.mark.parametrize("error", [Unavailable("full"), OutcomeUnknown("lost")])
async def test_a_node_whose_disk_fails_can_still_be_stopped(troubled: Troubled, error: Exception) -> None:
    node = troubled.node
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    async with node.client(ann) as client:
        await client.open(document)
        tried = asyncio.Event()

        def fail(method: str) -> Exception | None:
            if method != "commit":
                return None
            tried.set()
            return error

        troubled.store.before = fail
        await client.send(client.append(document, 1, 0, 0))
        await tried.wait()
        await node.server.hub.drain()
        assert await client.ends() == CloseCode.DRAIN
    # The fixture takes the node down while the room still has something to write.


async def test_a_bug_under_the_committer_ends_the_room_and_not_the_node(troubled: Troubled) -> None:
    node = troubled.node
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    async with node.client(ann) as client:
        await client.open(document)
        troubled.store.before = lambda method: RuntimeError("a bug") if method == "commit" else None
        await client.send(client.append(document, 1, 0, 0))
        assert await client.ends() == CloseCode.INTERNAL
        assert [goodbye.code for goodbye in client.left(Goodbye)] == ["internal"]
        troubled.store.heal()
        async with node.client(ann, client_id=client.id) as back:
            assert (await back.open(document)).version == 0
            await edit_until_saved(back, document, 1)


async def test_a_bug_in_one_room_leaves_the_others_alone(
    troubled: Troubled, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = troubled.node
    ann = await node.person("Ann")
    broken, sound = await node.playlist(ann), await node.playlist(ann)
    decide = Batch.decide

    def fail(batch: Any, *args: Any) -> Any:
        assert batch.head.document != broken, "an invariant"
        return decide(batch, *args)

    monkeypatch.setattr(Batch, "decide", fail)
    async with node.client(ann) as unlucky, node.client(ann) as lucky:
        await unlucky.open(broken)
        await lucky.open(sound)
        await unlucky.send(unlucky.append(broken, 1, 0, 0))
        assert await unlucky.ends() == CloseCode.INTERNAL
        await edit_until_saved(lucky, sound, 1)


async def test_a_bug_while_a_token_is_checked_ends_that_socket_only(troubled: Troubled) -> None:
    node = troubled.node
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    async with node.client(ann) as client, node.socket() as raw:
        await client.open(document)
        troubled.store.before = lambda method: RuntimeError("a bug") if method == "client_owners" else None
        stranger = WireClient(raw, Encoding.MSGPACK, new_id(), ann)
        await stranger.send(Hello(ann.token, stranger.id))
        assert await stranger.ends() == CloseCode.OVERLOADED
        assert [goodbye.code for goodbye in stranger.left(Goodbye)] == ["internal"]
        await edit_until_saved(client, document, 1)


async def test_who_submits_while_the_store_is_stuck_is_not_read_from(troubled: Troubled) -> None:
    """P11: what a connection makes a node hold is bounded by bytes, however many it may submit at once."""
    node = troubled.node
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    async with node.client(ann) as client, node.client(ann) as other:
        await client.open(document)
        await other.open(document)
        [connection] = [c for c in node.server.hub.connections.values() if c.client == client.id]
        shared = connection._node
        tried, answer = troubled.store.gate("commit")
        large = "x" * 8000
        sending = [
            asyncio.create_task(client.send(Submit(document, seq, 0, {"a": {"description": [large] * 5}})))
            for seq in range(1, 41)
        ]
        await tried.wait()
        async with asyncio.timeout(HUNG_S):
            while not connection._brake.is_held:  # noqa: ASYNC110 - nothing tells the tests of it
                await asyncio.sleep(0)
        await edit_until_answered(other)
        assert connection._undecided_bytes <= 2 * UNDECIDED_BYTES_MAX
        assert shared.undecided_bytes == connection._undecided_bytes
        answer.set()
        await asyncio.gather(*sending)
        for seq in range(1, 41):
            assert (await client.receive(Refused)).seq == seq
        await until_light(shared)
        assert connection._undecided_bytes == 0
        assert not connection._brake.is_held


async def test_a_node_that_holds_too_much_is_busy(
    troubled: Troubled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "NODE_UNDECIDED_BYTES_MAX", 100)
    node = troubled.node
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    async with node.client(ann) as client:
        await client.open(document)
        await client.send(Submit(document, 1, 0, {"a": {"description": "x" * 100}}))
        refusal = await client.receive(Refused)
        assert (refusal.code, refusal.seq, refusal.retryable) == ("busy", 1, True)
        await client.send(Submit(document, 1, 0, {"a": {}}))
        await client.receive(Ack)


# -- coming and going while the store is slow -------------------------------------------------------------


@pytest.mark.parametrize("method", ["client_owners", "load", "settled"])
async def test_who_goes_while_the_store_is_asked_leaves_nothing_behind(
    troubled: Troubled, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.setattr(room_runner, "LINGER_S", 0.0)
    node, hub = troubled.node, troubled.node.server.hub
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    asked, answer = troubled.store.gate(method)
    async with node.socket() as raw:
        client = WireClient(raw, Encoding.MSGPACK, new_id(), ann)
        await client.send(Hello(ann.token, client.id), Open(document), Leave(document), Open(document))
        await asked.wait()
        raw.transport.abort()
        if method == "client_owners":
            # Nothing is read meanwhile, so nobody can know that it is gone.
            answer.set()
        await until_empty(hub.connections)
        answer.set()
    await until_empty(hub._runners)
    assert not hub._sockets_from


async def test_an_edit_does_not_wait_until_a_crowd_is_in(troubled: Troubled) -> None:
    node = troubled.node
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    async with AsyncExitStack() as stack:
        client, *crowd = [await stack.enter_async_context(node.client(ann)) for _ in range(25)]
        await client.open(document)
        asked, answer = troubled.store.gate("settled")
        for one in crowd:
            await one.send(Open(document))
        await asked.wait()
        await client.send(Submit(document, 1, 0, {"a": {"description": "x"}}), Probe(0))
        await client.receive(Time)
        methods: list[str] = []
        troubled.store.before = methods.append
        answer.set()
        for one in crowd:
            await one.receive(Opened)
        assert methods.count("settled") >= len(crowd) // room_runner.ADMITTED_AT_ONCE
        assert methods[: methods.index("commit")].count("settled") <= 1


async def test_leaving_and_opening_in_one_frame_is_being_there(troubled: Troubled) -> None:
    node = troubled.node
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    async with node.client(ann) as client:
        await client.open(document)
        await client.send(Leave(document), Open(document))
        assert (await client.receive(Opened)).version == 0
        await edit_until_saved(client, document, 1)
        await client.send(Open(document), Leave(document))
        await client.send(Submit(document, 2, 1, {"a": {"description": "from outside"}}))
        assert (await client.receive(Refused)).code == "not_open"


async def test_who_comes_while_a_room_ends_enters_its_next_life(
    troubled: Troubled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room_runner, "LINGER_S", 0.0)
    node = troubled.node
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    saving, saved = troubled.store.gate("add_snapshot")
    async with node.client(ann) as first, node.client(ann) as second:
        await first.open(document)
        await edit_until_saved(first, document, 1)
        await first.send(Leave(document))
        await saving.wait()
        await second.send(Open(document), Open(document))
        await first.send(Open(document))
        saved.set()
        assert (await second.receive(Opened)).version == 1
        assert (await first.receive(Opened)).version == 1
        await edit_until_saved(second, document, 1)
        await edit_until_saved(first, document, 2)


async def test_who_comes_while_the_last_room_of_a_node_ends_is_sent_elsewhere(
    troubled: Troubled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room_runner, "LINGER_S", 0.0)
    node, hub = troubled.node, troubled.node.server.hub
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    saving, saved = troubled.store.gate("add_snapshot")
    async with node.client(ann) as first, node.client(ann) as second:
        await first.open(document)
        await edit_until_saved(first, document, 1)
        await first.send(Leave(document))
        await saving.wait()
        await second.send(Open(document))
        runner = hub.runner(document)
        assert runner is not None
        async with asyncio.timeout(HUNG_S):
            while not runner.has_arrivals:  # noqa: ASYNC110 - nothing tells the tests of it
                await asyncio.sleep(0)
        hub._is_closing = True
        saved.set()
        assert (await second.receive(Refused)).code == "unavailable"
    await until_empty(hub._runners)


# -- a locked file ----------------------------------------------------------------------------------------


async def test_a_locked_file_stops_edits_and_nothing_else(tmp_path: Path) -> None:
    async with world(tmp_path) as node:
        ann = await node.person("Ann")
        document, other = await node.playlist(ann), await node.playlist(ann)
        with closing(sqlite3.connect(tmp_path / DATABASE_NAME, isolation_level=None)) as intruder:
            async with node.client(ann) as client, node.client(ann) as reader:
                await client.open(document)
                intruder.execute("BEGIN EXCLUSIVE")
                submission = client.append(document, 1, 0, 0)
                await client.send(submission)
                assert (await reader.open(other)).version == 0, "reading goes on"
                assert not client.left(Ops)
                intruder.execute("ROLLBACK")
                [row] = await client.rows(1)
                assert (row.version, row.seq) == (1, 1)


async def until_empty(things: Any) -> None:
    async with asyncio.timeout(HUNG_S):
        while things:  # noqa: ASYNC110 - nothing tells the tests of it
            await asyncio.sleep(0)


async def until_light(node: Node) -> None:
    async with asyncio.timeout(HUNG_S):
        while node.undecided_bytes:  # noqa: ASYNC110 - nothing tells the tests of it
            await asyncio.sleep(0)


async def edit_until_answered(client: WireClient) -> None:
    """Others are read from, several times around the loop."""
    for t0 in range(10):
        await client.send(Probe(t0))
        assert (await client.receive(Time)).t0 == t0
