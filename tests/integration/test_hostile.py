"""Peers that mean no good, on a real socket: what they get, and that nobody else notices."""

import asyncio
import gc
import logging
import socket
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from collab import connection as connection_module
from collab import room_runner
from collab import session as session_module
from collab.closing import CloseCode
from collab.codec import Encoding, encode_message, join
from collab.connection import Connection
from collab.messages import (
    PART_BYTES_MAX,
    SUBMISSION_BYTES_MAX,
    ClientMessage,
    Goodbye,
    Hello,
    Leave,
    Open,
    Opened,
    PartFromClient,
    Probe,
    Refused,
    Submit,
    Time,
)
from collab.outbox import Outbox
from collab.session import Session
from tests.collab.serving import HUNG_S
from tests.integration.mutations import Mutations
from tests.integration.world import Person, WireClient, World, new_id, world

MIB = 2**20
SEED = 7


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as node:
        yield node


@pytest.fixture(autouse=True)
def no_traceback(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever a peer does, it is no error of ours."""
    yield
    errors = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert not errors


class Bystander:
    """Two people in a room who edit before and after."""

    def __init__(self, writer: WireClient, reader: WireClient, document: str) -> None:
        self._writer = writer
        self._reader = reader
        self._document = document
        self._seq = 0

    async def edits(self) -> None:
        base, self._seq = self._seq, self._seq + 1
        await self._writer.send(self._writer.append(self._document, self._seq, base, base))
        for client in (self._writer, self._reader):
            [row] = await client.rows(1)
            assert row.seq == self._seq


@asynccontextmanager
async def bystander(node: World, document: str, ann: Person) -> AsyncIterator[Bystander]:
    async with node.client(ann) as writer, node.client(ann, Encoding.JSON) as reader:
        await writer.open(document)
        await reader.open(document)
        yield Bystander(writer, reader, document)


def frame(*messages: ClientMessage) -> bytes:
    return join([encode_message(message, Encoding.MSGPACK) for message in messages], Encoding.MSGPACK)


@asynccontextmanager
async def deaf_client(node: World, person: Person) -> AsyncIterator[WireClient]:
    """Its socket takes little, and it reads nothing by itself."""
    raw = socket.create_connection(("127.0.0.1", node.port))
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
    async with node.client(person, sock=raw, max_queue=1, ping_interval=None) as client:
        yield client


def connection_of(node: World, client: WireClient) -> Connection:
    [connection] = [c for c in node.server.hub.connections.values() if c.client == client.id]
    return connection


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(HUNG_S):
        while not condition():  # noqa: ASYNC110 - nothing tells the tests of it
            await asyncio.sleep(0)


class Held:
    """The most that an outbox held since this was made."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.most_bytes = 0
        original = Outbox.write

        def write(outbox: Outbox, built: Any) -> None:
            original(outbox, built)
            waiting = sum(map(len, outbox._parts))
            self.most_bytes = max(self.most_bytes, outbox.buffered_bytes + waiting)

        monkeypatch.setattr(Outbox, "write", write)


async def send_until(socket: ClientConnection, payload: bytes, over: asyncio.Event) -> None:
    """Sends the same again and again without reading anything."""
    try:
        while not over.is_set():
            await socket.send(payload)
    except ConnectionClosed:
        pass


def when_gone(node: World, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    gone = asyncio.Event()
    leaves = node.server.hub.gone

    def note(connection: Connection) -> None:
        leaves(connection)
        gone.set()

    monkeypatch.setattr(node.server.hub, "gone", note)
    return gone


# -- those who ask and do not read ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "questions", [[Probe(1)] * 512, [Open(new_id()) for _ in range(512)]], ids=["time", "too many rooms"]
)
async def test_answers_that_nobody_reads_do_not_pile_up(
    node: World, monkeypatch: pytest.MonkeyPatch, questions: list[ClientMessage]
) -> None:
    ann = await node.person("Ann")
    async with bystander(node, await node.playlist(ann), ann) as others:
        async with deaf_client(node, ann) as deaf:
            held = Held(monkeypatch)
            monkeypatch.setattr(connection_module, "STUCK_AFTER_S", 0.2)
            gone = when_gone(node, monkeypatch)
            monkeypatch.setattr(session_module, "OPEN_COST", 0)
            flood = asyncio.create_task(send_until(deaf.socket, frame(*questions), gone))
            await others.edits()
            await gone.wait()
            flood.cancel()
            # Undecoded: the peer has 5 s to take what is left, and megabytes of answers are.
            with suppress(ConnectionClosed):
                async for _ in deaf.socket:
                    pass
            assert deaf.socket.close_code == CloseCode.SLOW_CONSUMER
            assert held.most_bytes <= MIB
        await others.edits()


async def test_a_thousand_opens_are_answered_as_fast_as_they_are_read(
    node: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await node.person("Ann")
    document, small = await node.playlist(ann), await node.playlist(ann)
    async with node.client(ann) as writer:
        await writer.open(document)
        entries = [writer.entry(title="t" * 100, note="n" * 400) for _ in range(4000)]
        await writer.send(Submit(document, 1, 0, {"l": [["i", entries]]}))
        await writer.rows(1)
    async with bystander(node, small, ann) as others, deaf_client(node, ann) as deaf:
        held = Held(monkeypatch)
        for _ in range(2):
            await deaf.socket.send(frame(*[Open(document)] * 500))
        await others.edits()
        opened = await deaf.receive(Opened)
        assert opened.snapshot is not None
        assert opened.snapshot.state["entries"] == entries
        assert held.most_bytes <= 4 * MIB, "one answer, and not a thousand"
        await others.edits()
        deaf.socket.transport.abort()


async def test_goodbye_reaches_a_client_for_whom_parts_still_wait(node: World) -> None:
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    async with node.client(ann) as writer:
        await writer.open(document)
        entries = [writer.entry(title="t" * 100, note="n" * 400) for _ in range(8000)]
        for seq in (1, 2):
            half = entries[(seq - 1) * 4000 : seq * 4000]
            kept = [["k", 4000]] if seq == 2 else []
            await writer.send(Submit(document, seq, seq - 1, {"l": [*kept, ["i", half]]}))
            await writer.rows(1)
    async with deaf_client(node, ann) as deaf:
        connection = connection_of(node, deaf)
        await deaf.send(Open(document))
        await until(lambda: not connection.outbox.is_clear)
        await node.server.hub.drain()
        assert await deaf.ends() == CloseCode.DRAIN
        assert [goodbye.code for goodbye in deaf.left(Goodbye)] == ["drain"]


async def test_rooms_that_are_not_there_leave_nothing_behind(node: World) -> None:
    ann = await node.person("Ann")
    hub = node.server.hub
    async with node.client(ann) as client:
        for _ in range(4):
            await client.send(*(Open(new_id()) for _ in range(25)))
            for _ in range(25):
                assert (await client.receive(Refused)).code == "not_found"
        [connection] = hub.connections.values()
        assert not connection.session.rooms
        await until(lambda: not hub._runners)


async def test_what_ended_waits_for_no_search_for_garbage(
    node: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such searches are rare on a node, and a flood of bad frames leaves connections and rooms behind."""
    monkeypatch.setattr(room_runner, "LINGER_S", 0.0)
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    gc.disable()
    try:
        async with node.client(ann) as client:
            await client.open(document)
            await client.send(Submit(document, 1, 0, {"l": "nonsense"}))
            await client.receive(Refused)
            connection = weakref.ref(connection_of(node, client))
            runner = node.server.hub.runner(document)
            assert runner is not None
            room = weakref.ref(runner.room)
            del runner
            await client.socket.send(b"nonsense")
            await client.ends()
        await until(lambda: connection() is None)
        await until(lambda: room() is None)
    finally:
        gc.enable()


# -- bad order and bad parts ------------------------------------------------------------------------------


def part(data: bytes, last: bool = True) -> ClientMessage:
    return PartFromClient(data, last)


def nested_parts(depth: int) -> bytes:
    payload = frame(Leave("nowhere"))
    for _ in range(depth):
        payload = frame(part(payload))
    return payload


async def test_what_comes_before_its_time_ends_the_connection(node: World) -> None:
    ann = await node.person("Ann")
    hello = Hello(ann.token, new_id())
    cases: list[tuple[list[ClientMessage], str, CloseCode]] = [
        ([Open(new_id())], "hello_missing", CloseCode.UNAUTHENTICATED),
        ([part(b"x", False)], "malformed", CloseCode.BAD_MESSAGE),
        ([hello, part(b"x", False)], "malformed", CloseCode.BAD_MESSAGE),
        ([hello, hello], "hello_twice", CloseCode.BAD_MESSAGE),
        ([hello, *[Leave("x")] * 100], "flood", CloseCode.FLOOD),
        ([Hello("t" * 3000, new_id())], "token_invalid", CloseCode.UNAUTHENTICATED),
    ]
    for messages, code, close_code in cases:
        async with node.socket() as raw:
            client = WireClient(raw, Encoding.MSGPACK, "", ann)
            await client.socket.send(frame(*messages))
            assert await client.ends() == close_code
            [goodbye] = client.left(Goodbye)
            assert goodbye.code == code
            assert goodbye.message.endswith(".")


@pytest.mark.parametrize(
    ("encoding", "payload", "code"),
    [
        (Encoding.MSGPACK, nested_parts(2), "malformed"),
        (Encoding.MSGPACK, nested_parts(1000), "malformed"),
        (Encoding.MSGPACK, frame(part(b"\xc1")), "malformed"),
        (Encoding.JSON, b'[{"type":"part","data":"//8=","last":true}]', "malformed"),
        (Encoding.JSON, b'[{"type":"part","data":"?","last":true}]', "malformed"),
        (Encoding.JSON, b'[{"type":"leave","room":"\\ud800"}]', "malformed"),
    ],
    ids=["nested", "deeply nested", "no message", "no UTF-8", "no base64", "surrogate"],
)
async def test_parts_that_make_no_frame_end_the_connection(
    node: World, encoding: Encoding, payload: bytes, code: str
) -> None:
    ann = await node.person("Ann")
    async with node.client(ann, encoding) as client:
        await client.socket.send(payload.decode() if encoding is Encoding.JSON else payload)
        assert await client.ends() == CloseCode.BAD_MESSAGE
        assert [goodbye.code for goodbye in client.left(Goodbye)] == [code]


async def test_endless_parts_are_bounded_and_given_back(node: World) -> None:
    ann = await node.person("Ann")
    for _ in range(3):
        async with node.client(ann) as client:
            shared = connection_of(node, client)._node
            for _ in range(SUBMISSION_BYTES_MAX // PART_BYTES_MAX + 1):
                await client.socket.send(frame(part(bytes(PART_BYTES_MAX), last=False)))
            assert await client.ends() == CloseCode.TOO_LARGE
        assert shared.depot.held_bytes == 0


async def test_who_holds_parts_in_silence_makes_room_for_who_goes_on(node: World) -> None:
    ann = await node.person("Ann")
    document = await node.playlist(ann)
    large = frame(Submit(document, 1, 0, {"x": ["y" * 1000] * 80}))
    async with node.client(ann) as silent, node.client(ann) as other:
        depot = connection_of(node, silent)._node.depot
        depot.bytes_max = 100_000
        await other.open(document)
        await other.socket.send(frame(part(large[:20_000], last=False), Probe(1)))
        await other.receive(Time)
        await silent.socket.send(frame(part(bytes(48_000), last=False), Probe(1)))
        await silent.receive(Time)
        await other.socket.send(frame(part(large[20_000:60_000], last=False)))
        assert await silent.ends() == CloseCode.OVERLOADED
        [goodbye] = silent.left(Goodbye)
        assert (goodbye.code, goodbye.retry_after_ms) == ("busy", 1000)
        assert depot.held_bytes == 60_000
        await other.socket.send(frame(part(large[60_000:])))
        assert (await other.receive(Refused)).seq == 1
        assert depot.held_bytes == 0


async def test_the_next_part_does_not_come(node: World) -> None:
    ann = await node.person("Ann")
    async with node.client(ann) as client:
        depot = connection_of(node, client)._node.depot
        depot.part_every_s = 0.01
        await client.socket.send(frame(part(bytes(48_000), last=False)))
        assert await client.ends() == CloseCode.OVERLOADED
        assert [goodbye.code for goodbye in client.left(Goodbye)] == ["busy"]
        assert depot.held_bytes == 0


# -- frames that are almost right -------------------------------------------------------------------------


async def attack(node: World, person: Person, document: str, frames: int, seed: int) -> int:
    """Sends so many mutated frames and waits for each to be dealt with. Returns how many connections were
    ended for one."""
    ended, left = 0, frames
    while left:
        async with node.client(person) as client:
            opened = await client.open(document)
            assert opened.snapshot is not None
            length = len(opened.snapshot.state["entries"])
            mutations = Mutations(seed + left, document, client.id, person.id, opened.version, length)
            try:
                for payload in islice(mutations.forever(), left):
                    left -= 1
                    await client.socket.send(payload)
                    await client.socket.send(frame(Probe(-left)))
                    while (await client.receive(Time)).t0 != -left:
                        pass
            except ConnectionClosed:
                ended += 1
                assert client.socket.close_code is not None
                assert 4000 <= client.socket.close_code < 4100, "a reason of ours, and not an error"
    return ended


async def test_mutated_frames_disturb_nobody(node: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Session, "_spend", lambda *_: [])
    ann, eve = await node.person("Ann"), await node.person("Eve")
    document, quiet = await node.playlist(ann, editor=eve), await node.playlist(ann)
    async with node.client(ann) as watcher, bystander(node, quiet, ann) as others:
        await watcher.open(document)
        attacks = asyncio.gather(*(attack(node, eve, document, 400, SEED * number) for number in (1, 2, 3)))
        while not attacks.done():
            await others.edits()
        assert sum(await attacks) > 20, "some of them were no messages"
        fresh = await watcher.open(document)
        assert fresh.snapshot is not None
        rows = await node.store.ops(document, 0, 1 << 30)
        # What an attacker sent just before its end may have been committed since.
        assert len(rows) >= fresh.version
        assert [row.version for row in rows] == list(range(1, len(rows) + 1))
        assert rows, "some of them were right"
        await watcher.send(Submit(document, 1, fresh.version, {"a": {"description": "still here"}}))
        while (await watcher.rows(1))[-1].client != watcher.id:
            pass
