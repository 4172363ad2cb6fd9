"""Sockets by the thousand: each says hello, opens one room, and reads.

As cheap as a client can be, so that what is measured is the server: a handshake with a fixed key, frames
masked with zeros, and nothing is decoded once the room is open. Comes back as the SDKs do, by their own
backoff. Knows RFC 6455 as far as that needs. Does not know what is in the rooms.
"""

import asyncio
import random
import socket
import struct
from collections.abc import Callable, Sequence
from time import monotonic

from collab.closing import Advice, advice
from collab.codec import Assembler, Encoding, decode_server, encode_message, join
from collab.messages import ClientMessage, Drain, Goodbye, Hello, Open, Opened, PartFromServer
from tutti_client.backoff import Backoff, Policy

OPENED_WITHIN_S = 15.0
# What a slow reader's kernel takes for it; the least that Linux gives is a little more.
SLOW_BUFFER_BYTES = 4096
SNAPSHOT_BYTES_MAX = 64 * 1024 * 1024
_TEXT_OR_BINARY = (1, 2)
_CLOSE = 8
_PING = 9
_PONG = 10

_HANDSHAKE = (
    b"GET /v1/socket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dHV0dGkgdHV0dGkgdHV0dA==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: tutti.v1.msgpack\r\n\r\n"
)

Address = tuple[str, int]


def masked(opcode: int, payload: bytes) -> bytes:
    """A client's frame; a mask of zeros changes nothing."""
    head = bytes([0x80 | opcode])
    if len(payload) < 126:
        head += bytes([0x80 | len(payload)])
    else:
        head += b"\xfe" + struct.pack("!H", len(payload))
    return head + bytes(4) + payload


class Socket(asyncio.Protocol):
    """One connection. `opened` ends with the room open, or with whatever ended the connection before;
    `closed` with the close code and the time that the server named."""

    def __init__(self, *messages: ClientMessage) -> None:
        loop = asyncio.get_running_loop()
        encoded = [encode_message(message, Encoding.MSGPACK) for message in messages]
        self._hello = masked(2, join(encoded, Encoding.MSGPACK))
        self.opened: asyncio.Future[bool] = loop.create_future()
        self.closed: asyncio.Future[tuple[int, int]] = loop.create_future()
        self._received = bytearray()
        self._assembler = Assembler(SNAPSHOT_BYTES_MAX)
        self._is_upgraded = False
        self._code, self._hint_ms = 1006, 0
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport), "it is a TCP connection"
        self.transport = transport
        transport.write(_HANDSHAKE)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._is_upgraded:
            end = self._received.find(b"\r\n\r\n")
            if end < 0:
                return
            if not self._received.startswith(b"HTTP/1.1 101"):
                self.transport.close()
                return
            del self._received[: end + 4]
            self._is_upgraded = True
            self.transport.write(self._hello)
        while self._take_frame():
            pass

    def _take_frame(self) -> bool:
        data = self._received
        if len(data) < 2:
            return False
        length, start = data[1], 2
        if length == 126:
            length, start = int.from_bytes(data[2:4], "big"), 4
        elif length == 127:
            length, start = int.from_bytes(data[2:10], "big"), 10
        if len(data) < start or len(data) < start + length:
            return False
        opcode = data[0] & 0x0F
        if opcode == _PING:
            self.transport.write(masked(_PONG, bytes(data[start : start + length])))
        elif opcode == _CLOSE:
            self._code = int.from_bytes(data[start : start + 2], "big") or 1005
            self.transport.close()
        elif opcode in _TEXT_OR_BINARY and (not self.opened.done() or b"goodbye" in data or b"drain" in data):
            self._read(bytes(data[start : start + length]))
        del data[: start + length]
        return True

    def _read(self, payload: bytes) -> None:
        for message in decode_server(payload, Encoding.MSGPACK).messages:
            if isinstance(message, Opened) and not self.opened.done():
                self.opened.set_result(True)
            elif isinstance(message, PartFromServer):
                whole = self._assembler.add(message)
                if whole is not None:
                    self._read(whole)
            elif isinstance(message, Goodbye):
                self._hint_ms = message.retry_after_ms
            elif isinstance(message, Drain):
                asyncio.get_running_loop().call_later(message.after_ms / 1000, self.transport.close)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_result(False)
        if not self.closed.done():
            self.closed.set_result((self._code, self._hint_ms))


class Listener:
    """A client that wants to be in one room, whatever happens. `on_open` is called each time it is."""

    def __init__(self, token: str, client: str, room: str, on_open: Callable[[], None]) -> None:
        self._messages = Hello(token, client), Open(room)
        self._on_open = on_open
        self._backoff = Backoff(Policy())
        self.attempts = 0

    async def live(self, addresses: Sequence[Address], *, is_slow: bool = False) -> None:
        """For ever. `addresses` may change meanwhile. `is_slow`: reads nothing once it is in."""
        while True:
            self.attempts += 1
            code, hint_ms, how = 1006, 0, "back_off"
            try:
                made = await self._connect(addresses, is_slow=is_slow)
                is_open = await self._opened(made)
                if is_open:
                    self._backoff.stood(_now_ms(), 250, 20_000)
                    if is_slow:
                        made.transport.pause_reading()
                    self._on_open()
                code, hint_ms = await made.closed
                how = advice(code)
            except (OSError, TimeoutError):
                pass
            chosen: Advice = "come_back" if how == "come_back" else "back_off"
            delay_ms = self._backoff.delay_ms(chosen, hint_ms, _now_ms(), random.random())
            await asyncio.sleep(delay_ms / 1000)

    async def _opened(self, made: Socket) -> bool:
        try:
            async with asyncio.timeout(OPENED_WITHIN_S):
                return await asyncio.shield(made.opened)
        except TimeoutError:
            # Who gives up hangs up, as the SDKs do: else the node lets in somebody whom nobody waits for.
            made.transport.abort()
            raise

    async def _connect(self, addresses: Sequence[Address], *, is_slow: bool) -> Socket:
        """To the first of the addresses, in any order, that takes us."""
        loop = asyncio.get_running_loop()
        for place, address in enumerate(random.sample(addresses, len(addresses))):
            made = socket.socket()
            try:
                made.setblocking(False)
                if is_slow:
                    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SLOW_BUFFER_BYTES)
                await loop.sock_connect(made, address)
            except OSError:
                made.close()
                if place == len(addresses) - 1:
                    raise
            else:
                _, protocol = await loop.create_connection(lambda: Socket(*self._messages), sock=made)
                return protocol
        raise OSError("there is no address")


def _now_ms() -> int:
    return int(monotonic() * 1000)
