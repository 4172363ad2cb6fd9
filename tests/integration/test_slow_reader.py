"""What happens to a client that reads slowly (P11), on a real socket with full kernel buffers."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from collab import connection as connection_module
from collab.closing import CloseCode
from collab.messages import Digest, Goodbye, Ops, Submit
from collab.outbox import BEHIND_BYTES
from tests.integration.world import Person, WireClient, World, world

# Some 16 KiB an op: the kernel takes a few megabytes before anything waits in the server.
ENTRIES_PER_OP = 25


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as node:
        yield node


@asynccontextmanager
async def slow_client(node: World, person: Person) -> AsyncIterator[WireClient]:
    """A client whose socket takes little and reads nothing by itself."""
    raw = socket.create_connection(("127.0.0.1", node.port))
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
    async with node.client(person, sock=raw, max_queue=1, ping_interval=None) as client:
        yield client


async def overrun(writer: WireClient, document: str, seq: int, until: asyncio.Event) -> int:
    """Submits large ops, one after the other, until the event is set. Returns the last seq."""
    while not until.is_set():
        entries = [writer.entry(title="t" * 100, note="n" * 500) for _ in range(ENTRIES_PER_OP)]
        await writer.send(Submit(document, seq, seq - 1, {"l": [["i", entries], *keep(seq - 1)]}))
        [row] = await writer.rows(1)
        assert row.seq == seq
        seq += 1
    return seq - 1


def keep(ops_before: int) -> list[list[object]]:
    return [["k", ops_before * ENTRIES_PER_OP]] if ops_before else []


async def test_a_slow_reader_is_caught_up_with_merged_ops(
    node: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    fell_behind = asyncio.Event()
    original = connection_module.Connection.fell_behind

    def note(connection: connection_module.Connection) -> None:
        original(connection)
        fell_behind.set()

    monkeypatch.setattr(connection_module.Connection, "fell_behind", note)
    async with node.client(ann) as writer, slow_client(node, ann) as slow:
        await writer.open(document)
        await slow.open(document)
        before = await overrun(writer, document, 1, fell_behind)
        again = asyncio.Event()
        connection = next(c for c in node.server.hub.connections.values() if c.client == slow.id)
        assert not connection.outbox.is_clear
        assert connection.outbox.buffered_bytes <= BEHIND_BYTES + 64 * 1024
        # More is said while it is left out, and nobody else waits for it.
        for seq in range(before + 1, before + 81):
            await writer.send(Submit(document, seq, before, {"a": {"description": str(seq)}}))
        await writer.rows(80)
        again.set()
        version, merged = 0, 0
        while version < before + 80:
            for row in (await slow.receive(Ops)).ops:
                assert row.version - row.count == version, "no gap, nothing twice"
                version = row.version
                merged += row.count > 1
        assert merged, "what it missed came composed"
        digest = await writer.receive(Digest)
        while digest.version < version:
            digest = await writer.receive(Digest)
        fresh = await slow.open(document)
        assert fresh.version == version


async def test_merged_ops_larger_than_a_frame_come_once(node: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """They leave in parts, and the last part leaving is what says that the client can take more."""
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    fell_behind = asyncio.Event()
    original = connection_module.Connection.fell_behind

    def note(connection: connection_module.Connection) -> None:
        original(connection)
        fell_behind.set()

    monkeypatch.setattr(connection_module.Connection, "fell_behind", note)
    async with node.client(ann) as writer, slow_client(node, ann) as slow:
        await writer.open(document)
        await slow.open(document)
        last = await overrun(writer, document, 1, fell_behind)
        more = asyncio.Event()
        for _ in range(20):
            more.clear()
            asyncio.get_running_loop().call_soon(more.set)
            last = await overrun(writer, document, last + 1, more)
        version = 0
        while version < last:
            for row in (await slow.receive(Ops)).ops:
                assert row.version - row.count == version, "no gap, nothing twice"
                version = row.version
        assert (await slow.open(document)).version == last
        assert not slow.left(Ops)


async def test_a_reader_that_never_drains_is_told_to_come_back(
    node: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "STUCK_AFTER_S", 0.0)
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    async with node.client(ann) as writer, slow_client(node, ann) as stuck:
        await writer.open(document)
        epoch = (await stuck.open(document)).epoch
        gone = asyncio.Event()
        hub = node.server.hub
        leaves = hub.gone

        def note(connection: connection_module.Connection) -> None:
            leaves(connection)
            gone.set()

        monkeypatch.setattr(hub, "gone", note)
        last = await overrun(writer, document, 1, gone)
        assert await stuck.ends() == CloseCode.SLOW_CONSUMER
        assert [goodbye.code for goodbye in stuck.left(Goodbye)] == ["slow_consumer"]
        got = max(row.version for message in stuck.left(Ops) for row in message.ops)
        async with node.client(ann, client_id=stuck.id) as back:
            opened = await back.open(document, epoch=epoch, version=got)
            assert opened.reason == "resumed"
            assert got + sum(row.count for row in opened.ops) == last
