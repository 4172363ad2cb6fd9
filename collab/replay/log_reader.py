"""Reads the server's log as one client sees it.

A client that comes back must find its own ops, one by one, in what it missed: they are its acks. So whoever
opens a playlist under a client id, from version 0 on and as if an answer were still due, is told every op
that this id ever committed, with everybody else's composed in between. Knows the wire. Does not know what
should be in the log.
"""

from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from collab.codec import Assembler, Encoding, decode_server, encode_message, join
from collab.ledger import HISTORY_MAX
from collab.messages import (
    PROTOCOL_MSGPACK,
    Hello,
    Leave,
    Open,
    Opened,
    PartFromServer,
    Refused,
    ServerMessage,
    Welcome,
)
from tutti_client import ClientError
from tutti_client.wire import ASSEMBLED_BYTES_MAX, FRAME_BYTES_MAX, socket_url

# Nobody writes while we ask, but let it not depend on that.
MARGIN = 100

Message = TypeVar("Message", Welcome, Opened)


class LogReader:
    """One session. Made by `log_reader`."""

    def __init__(self, socket: ClientConnection, client: str) -> None:
        self._socket = socket
        self._client = client
        self._assembler = Assembler(ASSEMBLED_BYTES_MAX)
        self._waiting: deque[ServerMessage] = deque()

    async def greet(self, token: str) -> None:
        await self._send(Hello(token, self._client, "replay"))
        await self._receive(Welcome)

    async def own_ops(
        self, document: str, epoch: str, version: int, last_seq: int
    ) -> tuple[int, dict[int, int]]:
        """A version, and the ops that the client committed after it: seq to version.

        `version` is where the document stands, `last_seq` the client's last one there. Raises ClientError
        for a refusal.
        """
        after = max(0, version - HISTORY_MAX + MARGIN)
        await self._send(Open(document, epoch, after, inflight=last_seq + 1))
        opened = await self._receive(Opened)
        await self._send(Leave(document))
        if opened.snapshot is not None:
            return opened.version, {}
        return after, {row.seq: row.version for row in opened.ops if row.client == self._client}

    async def _send(self, message: Hello | Open | Leave) -> None:
        await self._socket.send(join([encode_message(message, Encoding.MSGPACK)], Encoding.MSGPACK))

    async def _receive(self, wanted: type[Message]) -> Message:
        while True:
            while self._waiting:
                message = self._waiting.popleft()
                if isinstance(message, wanted):
                    return message
                if isinstance(message, Refused):
                    raise ClientError(message.code, message.message)
            self._take(await self._socket.recv())

    def _take(self, payload: bytes | str) -> None:
        for message in decode_server(payload, Encoding.MSGPACK).messages:
            if not isinstance(message, PartFromServer):
                self._waiting.append(message)
            elif (whole := self._assembler.add(message)) is not None:
                self._take(whole)


@asynccontextmanager
async def log_reader(url: str, token: str, client: str) -> AsyncIterator[LogReader]:
    """A session under `client`. Raises OSError or WebSocketException if it ends."""
    async with connect(
        socket_url(url), subprotocols=[Subprotocol(PROTOCOL_MSGPACK)], max_size=FRAME_BYTES_MAX
    ) as socket:
        reader = LogReader(socket, client)
        await reader.greet(token)
        yield reader
