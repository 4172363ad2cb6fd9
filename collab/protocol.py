"""Our protocol class for uvicorn's `ws=`.

It is uvicorn's own sans-I/O class for the handshake and for plain ASGI, and adds one thing: once the
application has accepted, `scope["extensions"]["tutti.frames"]` hands the socket over to a `FrameConnection`
and everything of the handshake is let go. Knows uvicorn's class. Does not know frames, rooms or limits of
HTTP (`header_guard`).

How uvicorn builds it: the HTTP protocol calls it with `config`, `server_state` and `app_state`, then
`connection_made` and `data_received` with the whole upgrade request. Limits are a class attribute; derive to
change them.
"""

import asyncio
from typing import ClassVar, Final, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from collab.errors import CallerError
from collab.frame_connection import FrameConnection, SocketLimits
from collab.frame_reader import PROTOCOL_ERROR
from collab.frames import EXTENSION, FrameSink

_NOBODY: Final = asyncio.Protocol()


class SocketProtocol(WebSocketsSansIOProtocol):
    """A handshake, and then a plain ASGI WebSocket or a sink."""

    limits: ClassVar[SocketLimits] = SocketLimits()

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            extensions = cast(dict[str, object], self.scope["extensions"])
            extensions[EXTENSION] = self.hand_over

    def hand_over(self) -> FrameSink:
        """The accepted connection as a sink; `receive` and `send` are of no use afterwards.

        Call it right after sending `websocket.accept`, before awaiting anything else. Raises CallerError
        if the connection is not accepted, or no longer open.
        """
        if not self.handshake_complete or self.close_sent or self.disconnected:
            raise CallerError("accept the WebSocket before taking its frames")
        self.stop_keepalive()
        # A client speaks after our answer (RFC 6455 section 4.1); what came earlier, another parser has read.
        spoke_early = bool(self.conn.reader.buffer or self.queue.qsize())
        connections = cast(set[object], self.connections)
        connection = FrameConnection(self.transport, self.loop, connections, self.limits)
        # uvloop keeps the last unbuffered protocol alive beside a buffered one: let that be nobody.
        self.transport.set_protocol(_NOBODY)
        self.transport.set_protocol(connection)
        self._let_go(connection)
        if spoke_early:
            connection.close(PROTOCOL_ERROR, "data before the handshake ended")
        return connection

    def _let_go(self, connection: FrameConnection) -> None:
        """Leaves nothing here that could reach the socket, and no reference cycle that only the garbage
        collector would find: memory of the handshake must be free for the next one at once."""
        self.connections.discard(self)
        self.disconnected = True  # a late `send` raises ClientDisconnected
        self.transport = _HandedOver(connection)
        self.conn.parser.close()
        cast(dict[str, object], self.scope["extensions"]).pop(EXTENSION)
        del self.request, self.response


class _HandedOver(asyncio.Transport):
    """Stands where the socket was: uvicorn closes its transport when the ASGI call returns."""

    def __init__(self, connection: FrameConnection) -> None:
        super().__init__()
        self._connection = connection

    def is_closing(self) -> bool:
        return True

    def close(self) -> None:
        self._connection.application_returned()
