"""What a `FrameSink` promises, kept by our protocol class and by the fallback over plain ASGI alike."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvloop
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from collab.closing import CloseCode
from collab.frames import FrameSink, binary_frame, text_frame
from collab.plain_frames import accept_frames
from collab.protocol import SocketProtocol
from tests.collab.serving import RawClient, SinkApp, client_frame, raw_socket, serving

OURS = (SocketProtocol, HttpToolsProtocol)
OURS_ON_H11 = (SocketProtocol, H11Protocol)
PLAIN = (WebSocketsSansIOProtocol, HttpToolsProtocol)

# The policy is the one way to choose a loop for a single module.
pytestmark = pytest.mark.filterwarnings("ignore:Overriding the .event_loop_policy. fixture")


@pytest.fixture(params=[asyncio.DefaultEventLoopPolicy, uvloop.EventLoopPolicy], ids=["asyncio", "uvloop"])
def event_loop_policy(request: pytest.FixtureRequest) -> Any:
    return request.param()


@pytest.fixture(params=[OURS, OURS_ON_H11, PLAIN], ids=["ours", "ours on h11", "plain"])
def server(request: pytest.FixtureRequest) -> Any:
    return request.param


@asynccontextmanager
async def opened(server: Any) -> AsyncIterator[tuple[SinkApp, FrameSink, ClientConnection]]:
    app = SinkApp()
    async with serving(app, *server) as served, connect(f"ws://127.0.0.1:{served.port}/") as client:
        yield app, await app.opened, client


@asynccontextmanager
async def opened_raw(server: Any) -> AsyncIterator[tuple[SinkApp, FrameSink, RawClient]]:
    app = SinkApp()
    async with serving(app, *server) as served, raw_socket(served.port) as client:
        yield app, await app.opened, client


async def fill(sink: FrameSink) -> int:
    """Writes to a peer that does not read until more than 1 MiB waits here. Bytes of payload written."""
    frame = binary_frame(bytes(1 << 18))
    frames = 0
    while sink.buffered_bytes() <= 1 << 20:
        sink.write(frame)
        frames += 1
        await asyncio.sleep(0)  # lets a sender task hand over what the server still takes
    return frames << 18


async def test_prepared_frames_arrive_as_messages(server: Any) -> None:
    async with opened(server) as (_, sink, client):
        for length in (0, 125, 126, 65_535, 65_536, 200_000):
            sink.write(binary_frame(bytes(length)))
        sink.write(text_frame("é".encode()))
        for length in (0, 125, 126, 65_535, 65_536, 200_000):
            assert await client.recv() == bytes(length)
        assert await client.recv() == "é"


async def test_messages_are_delivered_in_order_and_by_type(server: Any) -> None:
    async with opened(server) as (app, _, client):
        await client.send(b"one")
        await client.send("two")
        await client.send([b"thr", b"ee"])
        assert [await app.messages.get() for _ in range(3)] == [b"one", "two", b"three"]


async def test_the_subprotocol_is_answered(server: Any) -> None:
    app = SinkApp()
    offer = [Subprotocol("tutti.v1.json")]
    async with (
        serving(app, *server) as served,
        connect(f"ws://127.0.0.1:{served.port}/", subprotocols=offer) as client,
    ):
        assert client.subprotocol == "tutti.v1.json"


async def test_reading_pauses_between_two_messages(server: Any) -> None:
    app = SinkApp()

    def receive_one(message: bytes | str) -> None:
        app.messages.put_nowait(message)
        app.opened.result().pause_reading()

    app.receive = receive_one  # type: ignore[method-assign]
    async with serving(app, *server) as served, raw_socket(served.port) as client:
        sink = await app.opened
        client.send(*(client_frame(2, b"%d" % n) for n in range(3)))
        for n in range(3):
            assert await app.messages.get() == b"%d" % n
            await asyncio.sleep(0)
            assert app.messages.empty()
            sink.resume_reading()
        client.send(client_frame(2, b"last"))
        assert await app.messages.get() == b"last"


async def test_each_message_bears_the_time_at_which_its_bytes_came(server: Any) -> None:
    """Not when it was dealt with: what came with it, or a pause, may have taken its time."""
    app = SinkApp()
    stamps: list[int] = []

    def receive(message: bytes | str) -> None:
        stamps.append(app.opened.result().received_ns())
        app.messages.put_nowait(message)
        if len(stamps) == 2:
            app.opened.result().pause_reading()

    app.receive = receive  # type: ignore[method-assign]
    async with serving(app, *server) as served, raw_socket(served.port) as client:
        sink = await app.opened
        before_ns = time.monotonic_ns()
        client.send(b"".join(client_frame(2, b"%d" % n) for n in range(3)))
        for _ in range(2):
            await app.messages.get()
        paused_ns = time.monotonic_ns()
        sink.resume_reading()
        await app.messages.get()
        client.send(client_frame(2, b"last"))
        await app.messages.get()
        assert before_ns <= stamps[0] <= stamps[1] <= stamps[2] < stamps[3]
        if server is not PLAIN:
            assert stamps[0] == stamps[1] == stamps[2] < paused_ns


async def test_drain_is_told_when_a_slow_peer_has_read(server: Any) -> None:
    async with opened_raw(server) as (app, sink, client):
        written = await fill(sink)
        app.drained.clear()  # a sender task may have caught up in between
        read = 0
        while read < written:
            read += len((await client.read_frame())[1])
        await app.drained.wait()
        assert sink.buffered_bytes() <= 16 * 1024


async def test_close_says_why_behind_what_was_written(server: Any) -> None:
    async with opened(server) as (app, sink, client):
        sink.write(binary_frame(b"last"))
        sink.close(CloseCode.SLOW_CONSUMER, "slow")
        sink.write(binary_frame(b"too late"))
        assert await client.recv() == b"last"
        with pytest.raises(ConnectionClosed) as closed:
            await client.recv()
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (CloseCode.SLOW_CONSUMER, "slow")
        assert await app.disconnected == CloseCode.SLOW_CONSUMER


async def test_a_peer_may_be_turned_away_before_run(server: Any) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        sink = await accept_frames(scope, receive, send)
        sink.write(binary_frame(b"goodbye"))
        sink.close(CloseCode.OVERLOADED)
        await sink.run()

    async with serving(app, *server) as served, connect(f"ws://127.0.0.1:{served.port}/") as client:
        assert await client.recv() == b"goodbye"
        await client.wait_closed()
        assert client.close_code == CloseCode.OVERLOADED


async def test_nothing_is_delivered_after_close(server: Any) -> None:
    async with opened_raw(server) as (app, sink, client):
        sink.close(CloseCode.DRAIN)
        client.send(client_frame(2, b"too late"), client_frame(8, b"\x10\x69"))
        assert (await client.read_close()).code == CloseCode.DRAIN
        assert await app.disconnected == CloseCode.DRAIN
        assert app.messages.empty()


async def test_the_peers_close_code_is_told(server: Any) -> None:
    async with opened(server) as (app, _, client):
        await client.close(4321, "bye")
        assert await app.disconnected == 4321


async def test_a_close_in_a_pause_is_told_after_it(server: Any) -> None:
    async with opened_raw(server) as (app, sink, client):
        sink.pause_reading()
        client.send(client_frame(2, b"before"), client_frame(8, b"\x0f\xa1"))
        sink.resume_reading()
        assert await app.messages.get() == b"before"
        assert await app.disconnected == 4001


async def test_a_close_without_code_is_1005(server: Any) -> None:
    async with opened_raw(server) as (app, _, client):
        client.send(client_frame(8))
        assert await app.disconnected == 1005


async def test_abort_ends_at_once_and_drops_the_rest(server: Any) -> None:
    async with opened_raw(server) as (app, sink, _):
        await fill(sink)
        sink.abort()
        assert await app.disconnected == 1006
        assert sink.buffered_bytes() == 0
        sink.write(binary_frame(b"nowhere"))
        sink.close(1000)
        assert sink.buffered_bytes() == 0


async def test_a_message_over_64_kib_is_refused(server: Any) -> None:
    async with opened(server) as (app, _, client):
        await client.send(bytes(1 << 16))
        assert await app.messages.get() == bytes(1 << 16)
        await client.send(bytes((1 << 16) + 1))
        assert await app.disconnected == CloseCode.TOO_LARGE
        await client.wait_closed()
        assert client.close_code == CloseCode.TOO_LARGE
        assert app.messages.empty()


async def test_a_failing_callback_ends_the_connection_and_nothing_else(
    server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    app = SinkApp()

    def fail(message: bytes | str) -> None:
        raise ValueError("a bug")

    app.receive = fail  # type: ignore[method-assign]
    async with serving(app, *server) as served, connect(f"ws://127.0.0.1:{served.port}/") as client:
        await client.send(b"x")
        assert await app.disconnected == CloseCode.INTERNAL
        await client.wait_closed()
        assert client.close_code == CloseCode.INTERNAL
    assert "a message could not be handled" in caplog.text
