"""Servers of one room that pass on what anybody in it says: `python -m benchmarks.rooms NAME PORT`.

`starlette` and `broadcast` are the references: what one writes first with Starlette, and what the websockets
library offers. `frames` is the least that can be built on our protocol class: no messages, no choice of
rooms, no history. What Tutti takes longer than `frames` is its own work.
"""

import asyncio
import logging
import sys
from collections.abc import Callable
from typing import Any

import uvicorn
import websockets.asyncio.server
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from collab.frames import FrameSink, binary_frame
from collab.header_guard import HeaderGuardProtocol
from collab.plain_frames import accept_frames
from collab.protocol import SocketProtocol


def starlette(port: int) -> None:
    """A loop of `send_bytes`, on uvicorn as it comes."""
    members: set[WebSocket] = set()

    async def room(socket: WebSocket) -> None:
        await socket.accept()
        members.add(socket)
        try:
            while True:
                message = await socket.receive_bytes()
                for member in tuple(members):
                    await member.send_bytes(message)
        except WebSocketDisconnect:
            pass
        finally:
            members.discard(socket)

    app = Starlette(routes=[WebSocketRoute("/", room)])
    uvicorn.run(
        app,
        port=port,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        log_level="critical",
        access_log=False,
    )


def broadcast(port: int) -> None:
    """`websockets.broadcast`, on its own server."""

    async def serve() -> None:
        members: set[websockets.asyncio.server.ServerConnection] = set()

        async def room(connection: websockets.asyncio.server.ServerConnection) -> None:
            members.add(connection)
            try:
                async for message in connection:
                    websockets.asyncio.server.broadcast(members, message)
            finally:
                members.discard(connection)

        server = websockets.asyncio.server.serve(room, "127.0.0.1", port, compression=None, backlog=2048)
        async with server as running:
            await running.serve_forever()

    logging.getLogger("websockets").setLevel(logging.CRITICAL)
    asyncio.run(serve())


class Room:
    """Messages gather; each member gets the same frame with one write. See design.md section 5."""

    def __init__(self) -> None:
        self.members: set[FrameSink] = set()
        self._gathered: list[bytes] = []
        self._is_warm = False

    def say(self, message: bytes | str) -> None:
        assert isinstance(message, bytes), "the generator sends binary frames"
        self._gathered.append(message)
        if not self._is_warm:
            self._is_warm = True
            self._flush()
            asyncio.get_running_loop().call_soon(self._after_poll)

    def _after_poll(self) -> None:
        # A handle that is ready runs before the sockets that the same turn polled; one turn later, after.
        asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        if not self._gathered:
            self._is_warm = False
            return
        self._flush()
        asyncio.get_running_loop().call_soon(self._after_poll)

    def _flush(self) -> None:
        frame = binary_frame(b"".join(self._gathered))
        self._gathered.clear()
        for member in self.members:
            member.write(frame)


def frames(port: int, loop: str = "auto") -> None:
    """Prepared frames on our protocol class. `loop` as uvicorn names them."""
    room = Room()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        sink = await accept_frames(scope, receive, send)
        room.members.add(sink)
        sink.on_message(room.say)
        sink.on_disconnect(lambda code: room.members.discard(sink))
        await sink.run()

    uvicorn.run(
        app,
        port=port,
        loop=loop,
        ws=SocketProtocol,
        http=HeaderGuardProtocol,
        lifespan="off",
        log_level="critical",
        access_log=False,
    )


ROOMS: dict[str, Callable[..., None]] = {"starlette": starlette, "broadcast": broadcast, "frames": frames}

if __name__ == "__main__":
    name, port, *rest = sys.argv[1:]
    ROOMS[name](int(port), *rest)
