"""What our protocol class adds: limits, liveness, and that nothing of the handshake stays."""

import asyncio
import gc
import socket
import weakref
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
import uvloop
from websockets.asyncio.client import connect

from collab.closing import CloseCode
from collab.errors import CallerError
from collab.frame_connection import SocketLimits
from collab.frames import EXTENSION, binary_frame
from collab.header_guard import HeaderGuardProtocol
from collab.hub import COMPARE_EVERY_S
from collab.protocol import SocketProtocol
from collab.socket import HEARTBEAT_MS
from tests.collab.serving import SinkApp, client_frame, raw_client, raw_socket, serving, upgrade_request
from tests.collab.test_frame_sink import fill

TEXT, BINARY, CONT, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10


# The policy is the one way to choose a loop for a single module.
pytestmark = pytest.mark.filterwarnings("ignore:Overriding the .event_loop_policy. fixture")


@pytest.fixture(params=[asyncio.DefaultEventLoopPolicy, uvloop.EventLoopPolicy], ids=["asyncio", "uvloop"])
def event_loop_policy(request: pytest.FixtureRequest) -> Any:
    return request.param()


class Hasty(SocketProtocol):
    limits = SocketLimits(heartbeat_s=0.02, close_timeout_s=0.02)


# -- limits ---------------------------------------------------------------------------------------------


async def test_64_fragments_and_no_more() -> None:
    app = SinkApp()
    async with serving(app) as served, raw_socket(served.port) as client:
        client.send(client_frame(TEXT, b"x", fin=False), *[client_frame(CONT, b"x", fin=False)] * 62)
        client.send(client_frame(CONT, b"x"))
        assert await app.messages.get() == "x" * 64
        client.send(client_frame(TEXT, b"x", fin=False), *[client_frame(CONT, b"", fin=False)] * 63)
        assert (await client.read_close()).code == CloseCode.TOO_LARGE
        assert await app.disconnected == CloseCode.TOO_LARGE


async def test_pings_are_answered_up_to_the_rate_and_a_flood_is_closed() -> None:
    app = SinkApp()
    async with serving(app) as served, raw_socket(served.port) as client:
        client.send(*(client_frame(PING, b"%d" % n) for n in range(200)))
        for n in range(10):
            assert await client.read_frame() == (PONG, b"%d" % n)
        assert (await client.read_close()).code == CloseCode.FLOOD
        assert await app.disconnected == CloseCode.FLOOD


async def test_a_peer_that_does_not_read_is_not_answered() -> None:
    app = SinkApp()
    async with serving(app) as served, raw_socket(served.port) as client:
        sink = await app.opened
        await fill(sink)
        before = sink.buffered_bytes()
        client.send(client_frame(PING, bytes(125)), client_frame(BINARY, b"x"))
        assert await app.messages.get() == b"x"
        assert sink.buffered_bytes() <= before


async def test_what_follows_an_error_is_not_read() -> None:
    app = SinkApp()
    async with serving(app) as served, raw_socket(served.port) as client:
        client.send(client_frame(BINARY, b"x", mask=False) + bytes(4), client_frame(BINARY, b"y"))
        assert (await client.read_close()).code == 1002
        client.send(client_frame(BINARY, b"z"), client_frame(CLOSE, b"\x03\xea"))
        client.writer.write_eof()
        assert await client.read_end() == b""
        assert app.messages.empty()


# -- liveness and the end ---------------------------------------------------------------------------------


async def test_a_silent_peer_is_pinged_and_then_cut_off() -> None:
    app = SinkApp()
    async with serving(app, Hasty) as served, raw_socket(served.port) as client:
        assert await client.read_frame() == (PING, b"")
        assert await app.disconnected == 1006
        assert await client.read_end() == b""


async def test_a_peer_that_answers_pings_stays() -> None:
    app = SinkApp()
    async with serving(app, Hasty) as served, raw_socket(served.port) as client:
        for _ in range(3):
            assert await client.read_frame() == (PING, b"")
            client.send(client_frame(PONG))
        client.send(client_frame(BINARY, b"here"))
        assert await app.messages.get() == b"here"
        assert not app.disconnected.done()


def test_others_have_time_to_hear_that_a_silent_peer_is_gone() -> None:
    """P12: within 30 s, also those on another node. What is said to clients is what is done."""
    assert SocketLimits().heartbeat_s * 1000 == HEARTBEAT_MS
    assert 3 * HEARTBEAT_MS <= 30_000 - 2 * COMPARE_EVERY_S * 1000


async def test_a_paused_peer_is_not_taken_for_dead() -> None:
    app = SinkApp()
    async with serving(app, Hasty) as served, raw_socket(served.port) as client:
        sink = await app.opened
        sink.pause_reading()
        beats = asyncio.Event()
        asyncio.get_running_loop().call_later(5 * Hasty.limits.heartbeat_s, beats.set)
        await beats.wait()
        sink.write(binary_frame(b"no ping came before this"))
        assert (await client.read_frame())[0] == BINARY


async def test_a_peer_that_does_not_answer_a_close_is_cut_off() -> None:
    app = SinkApp()
    async with serving(app, Hasty) as served, raw_socket(served.port) as client:
        (await app.opened).close(CloseCode.DRAIN)
        assert (await client.read_close()).code == CloseCode.DRAIN
        assert await client.read_end() == b""
        assert await app.disconnected == CloseCode.DRAIN


@pytest.mark.parametrize("ending", ["our close", "its close", "its end of file"])
async def test_a_peer_that_does_not_read_cannot_keep_the_buffer(ending: str) -> None:
    app = SinkApp()
    async with serving(app, Hasty) as served, raw_socket(served.port) as client:
        sink = await app.opened
        await fill(sink)
        if ending == "our close":
            sink.close(CloseCode.SLOW_CONSUMER)
        elif ending == "its close":
            client.send(client_frame(CLOSE, b"\x03\xe8"))
        else:
            client.writer.write_eof()
        await served.connections.gone.wait()
        assert sink.buffered_bytes() == 0


async def test_a_stopping_server_says_so() -> None:
    class Server(uvicorn.Server):
        @contextmanager
        def capture_signals(self) -> Any:
            yield

    app = SinkApp()
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(
        uvicorn.Config(app, ws=SocketProtocol, http=HeaderGuardProtocol, lifespan="off", log_config=None)
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(server.serve([listener]))
        async with connect(f"ws://127.0.0.1:{listener.getsockname()[1]}/") as client:
            await app.opened
            server.should_exit = True
            await client.wait_closed()
            assert client.close_code == 1012
    assert await app.disconnected == 1012


# -- the handover -----------------------------------------------------------------------------------------


async def test_the_handshake_is_freed_without_the_garbage_collector() -> None:
    made: list[weakref.ref[object]] = []

    class Watched(SocketProtocol):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            made.append(weakref.ref(self))
            made.append(weakref.ref(self.conn))

        def handle_connect(self, event: Any) -> None:
            made.append(weakref.ref(event))
            super().handle_connect(event)

    class WatchedHttp(HeaderGuardProtocol):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            made.append(weakref.ref(self))

    app = SinkApp()
    gc.disable()
    try:
        async with serving(app, Watched, WatchedHttp) as served, raw_socket(served.port) as client:
            client.send(client_frame(BINARY, b"x"))
            await app.messages.get()
            assert len(made) == 4
            assert [ref() for ref in made] == [None] * 4
            assert len(served.state.connections) == 1
            assert not served.state.tasks
    finally:
        gc.enable()


async def test_a_client_that_speaks_before_the_answer_is_refused() -> None:
    app = SinkApp()
    called, spoken = asyncio.Event(), asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        called.set()
        await spoken.wait()
        await app(scope, receive, send)

    class Listening(SocketProtocol):
        def send_receive_event_to_app(self) -> None:
            super().send_receive_event_to_app()
            spoken.set()

    async with serving(slow, Listening) as served, raw_client(served.port) as client:
        client.send(upgrade_request())
        await called.wait()
        client.send(client_frame(BINARY, b"early"))
        await client.read_head()
        assert (await client.read_close()).code == 1002


async def test_an_application_that_leaves_without_run_leaves_nobody_hanging() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        scope["extensions"][EXTENSION]()

    async with serving(app) as served, raw_socket(served.port) as client:
        assert (await client.read_close()).code == CloseCode.INTERNAL


async def test_frames_cannot_be_taken_before_accept() -> None:
    refused: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            scope["extensions"][EXTENSION]()
        except CallerError as error:
            refused.set_result(str(error))
        await receive()
        await send({"type": "websocket.close"})

    async with serving(app) as served, raw_client(served.port) as client:
        client.send(upgrade_request())
        assert (await client.read_head()).startswith(b"HTTP/1.1 403 ")
        assert "accept" in await refused


async def test_plain_asgi_goes_on_working() -> None:
    async def echo(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (event := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": event["text"]})

    async with serving(echo) as served, connect(f"ws://127.0.0.1:{served.port}/") as client:
        for word in ("one", "two", "three"):
            await client.send(word)
            assert await client.recv() == word


async def test_a_request_that_is_no_upgrade_of_ours_is_answered() -> None:
    async with serving(SinkApp()) as served, raw_client(served.port) as client:
        client.send(upgrade_request().replace(b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Version: 7"))
        assert (await client.read_head()).startswith(b"HTTP/1.1 400 ")
