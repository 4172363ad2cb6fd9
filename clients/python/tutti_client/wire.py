"""One socket to a server.

Turns messages into frames and frames into messages; what came in parts is put together, and each message of a
frame is handed over with the moment at which the frame's bytes came. Knows WebSockets and the codec. Does not
know what a message means, nor when to come back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from websockets.asyncio.client import connect as connect_socket
from websockets.typing import Subprotocol

from collab.codec import Assembler, Encoding, decode_server, encode_message, frames
from collab.errors import BadMessage, CallerError
from collab.messages import PROTOCOL_MSGPACK, ClientMessage, PartFromClient, PartFromServer, ServerMessage
from tutti_client.stamped_socket import StampedSocket

CONNECT_TIMEOUT_S: Final = 10.0
# A server that says nothing, not even a pong, for this long is gone.
PING_EVERY_S: Final = 10.0
PING_TIMEOUT_S: Final = 20.0
CLOSE_TIMEOUT_S: Final = 2.0
# A snapshot of the longest playlist with the longest fields stays far below.
ASSEMBLED_BYTES_MAX: Final = 64 * 1024 * 1024
FRAME_BYTES_MAX: Final = 4 * 1024 * 1024


def socket_url(url: str, document: str = "") -> str:
    """The socket's URL for a server's (`http`, `https`, `ws` or `wss`). With a `document` the URL names it,
    so that a balancer can send everybody who has it open to one node. Raises CallerError."""
    parts = urlsplit(url)
    scheme = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}.get(parts.scheme)
    if scheme is None or not parts.netloc:
        raise CallerError(f"{url!r} is not the URL of a server, such as https://tutti.example.com.")
    query = f"document={document}" if document else ""
    return urlunsplit((scheme, parts.netloc, parts.path.rstrip("/") + "/v1/socket", query, ""))


@dataclass(frozen=True, slots=True)
class Received:
    """The messages of one frame, in order, and when its bytes came."""

    messages: tuple[ServerMessage, ...]
    came_ms: float


class Wire:
    """See the module. Made by `open`; `close` it in the end."""

    def __init__(self, socket: StampedSocket) -> None:
        self._socket = socket
        self._assembler = Assembler(ASSEMBLED_BYTES_MAX)

    @classmethod
    async def open(cls, url: str, stamped: type[StampedSocket]) -> "Wire":
        """`stamped` is what `stamped_by` made. Raises OSError and WebSocketException."""
        socket = await connect_socket(
            url,
            subprotocols=[Subprotocol(PROTOCOL_MSGPACK)],
            compression=None,
            open_timeout=CONNECT_TIMEOUT_S,
            ping_interval=PING_EVERY_S,
            ping_timeout=PING_TIMEOUT_S,
            close_timeout=CLOSE_TIMEOUT_S,
            max_size=FRAME_BYTES_MAX,
            create_connection=stamped,
        )
        assert isinstance(socket, StampedSocket), "websockets makes what it is told to"
        return cls(socket)

    @property
    def close_code(self) -> int:
        """Once it is closed."""
        return self._socket.close_code or 1006

    @property
    def close_reason(self) -> str:
        return self._socket.close_reason or ""

    async def receive(self) -> Received:
        """What comes next. Raises ConnectionClosed, and BadMessage for what is no frame of ours."""
        payload = await self._socket.recv()
        return Received(tuple(self._decode(payload)), self._socket.came_ms())

    def _decode(self, payload: bytes | str) -> list[ServerMessage]:
        messages: list[ServerMessage] = []
        for message in decode_server(payload, Encoding.MSGPACK).messages:
            if not isinstance(message, PartFromServer):
                messages.append(message)
                continue
            whole = self._assembler.add(message)
            if whole is not None:
                messages += _decode_assembled(whole)
        return messages

    async def send(self, messages: Sequence[ClientMessage]) -> None:
        """Waits while the socket does not take it, so nothing piles up. Raises ConnectionClosed."""
        encoded = [encode_message(message, Encoding.MSGPACK) for message in messages]
        for payload in frames(encoded, Encoding.MSGPACK, PartFromClient):
            await self._socket.send(payload)

    async def close(self) -> None:
        await self._socket.close()


def _decode_assembled(frame: bytes) -> list[ServerMessage]:
    """A frame that was put together from parts. Raises BadMessage."""
    messages: list[ServerMessage] = []
    for message in decode_server(frame, Encoding.MSGPACK).messages:
        if isinstance(message, PartFromServer):
            raise BadMessage("malformed", "A frame that came in parts holds no parts.")
        messages.append(message)
    return messages
