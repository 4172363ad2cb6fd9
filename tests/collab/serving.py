"""A server on a free loopback port and a client that says exactly what it is told, for the tests of the
protocol classes."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from uvicorn import Config
from uvicorn.server import ServerState
from websockets.frames import Close, Frame, Opcode

from collab.frames import FrameSink
from collab.header_guard import HeaderGuardProtocol
from collab.plain_frames import accept_frames
from collab.protocol import SocketProtocol

# A test that hangs ends here; no test waits for it to pass.
HUNG_S = 20.0


class SinkApp:
    """An ASGI application that takes one socket as a sink and writes down what the sink tells it."""

    def __init__(self) -> None:
        self.opened: asyncio.Future[FrameSink] = asyncio.get_running_loop().create_future()
        self.messages: asyncio.Queue[bytes | str] = asyncio.Queue()
        self.drained = asyncio.Event()
        self.disconnected: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        sink = await accept_frames(scope, receive, send, (scope["subprotocols"] or [None])[0])
        sink.on_message(self.receive)
        sink.on_drain(self.drained.set)
        sink.on_disconnect(self.disconnected.set_result)
        self.opened.set_result(sink)
        await sink.run()

    def receive(self, message: bytes | str) -> None:
        self.messages.put_nowait(message)


class Connections(set[Any]):
    """The server's set of connections, which tells when nobody is left."""

    def __init__(self) -> None:
        super().__init__()
        self.gone = asyncio.Event()

    def add(self, connection: Any) -> None:
        super().add(connection)
        self.gone.clear()

    def discard(self, connection: Any) -> None:
        super().discard(connection)
        if not self:
            self.gone.set()


@dataclass
class Served:
    port: int
    state: ServerState
    connections: Connections


@asynccontextmanager
async def serving(
    app: Any, ws: Any = SocketProtocol, http: Any = HeaderGuardProtocol, hung_s: float = HUNG_S
) -> AsyncIterator[Served]:
    """uvicorn's protocol classes on a listening socket, without its main loop and signal handlers. `hung_s`:
    what lasts longer hangs."""
    config = Config(app, ws=ws, http=http, lifespan="off", log_config=None, ws_per_message_deflate=False)
    config.load()
    state = ServerState()
    connections = state.connections = Connections()
    factory: Any = config.http_protocol_class
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: factory(config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    try:
        async with asyncio.timeout(hung_s):
            yield Served(server.sockets[0].getsockname()[1], state, connections)
    finally:
        server.close()
        for connection in list(state.connections):
            connection.shutdown()
        for task in list(state.tasks):
            task.cancel()
        await asyncio.gather(*state.tasks, return_exceptions=True)


def client_frame(opcode: int, payload: bytes = b"", fin: bool = True, mask: bool = True) -> bytes:
    """A frame as a client sends it, or should not."""
    return Frame(Opcode(opcode), payload, fin).serialize(mask=mask)


def upgrade_request(subprotocol: str | None = None) -> bytes:
    key = base64.b64encode(bytes(16)).decode()
    offer = f"Sec-WebSocket-Protocol: {subprotocol}\r\n" if subprotocol else ""
    return (
        "GET /v1/socket HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n{offer}\r\n"
    ).encode()


class RawClient:
    """One TCP connection. Frames are checked by nobody."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, *frames: bytes) -> None:
        self.writer.write(b"".join(frames))

    async def read_head(self) -> bytes:
        return await self.reader.readuntil(b"\r\n\r\n")

    async def read_frame(self) -> tuple[int, bytes]:
        head, length = await self.reader.readexactly(2)
        if length >= 126:
            length = int.from_bytes(await self.reader.readexactly(2 if length == 126 else 8), "big")
        return head & 0xF, await self.reader.readexactly(length)

    async def read_close(self) -> Close:
        opcode, payload = await self.read_frame()
        assert opcode == Opcode.CLOSE
        return Close.parse(payload)

    async def read_end(self) -> bytes:
        """What was left until the server ended the connection, in good order or not."""
        rest = b""
        try:
            while chunk := await self.reader.read(1 << 16):
                rest += chunk
        except ConnectionResetError:
            pass
        return rest


@asynccontextmanager
async def raw_client(port: int) -> AsyncIterator[RawClient]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield RawClient(reader, writer)
    finally:
        writer.transport.abort()


@asynccontextmanager
async def raw_socket(port: int) -> AsyncIterator[RawClient]:
    """A raw client whose upgrade was accepted."""
    async with raw_client(port) as client:
        client.send(upgrade_request())
        assert (await client.read_head()).startswith(b"HTTP/1.1 101 ")
        yield client
