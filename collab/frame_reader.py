"""Frames of a client, read.

Bytes go in as they come from the network, whole messages and control frames come out one at a time, so the
caller can stop between two of them. Knows RFC 6455 from the server's side, and the two limits that keep a
connection's memory bounded: bytes and fragments of a message. Does not know sockets, clocks, or what to
answer. No extensions: nothing is ever compressed.
"""

from dataclasses import dataclass
from typing import Final

from collab.closing import CloseCode
from collab.errors import PeerError
from collab.frames import BINARY, CLOSE, FIN, PING, PONG, TEXT

try:
    from websockets.speedups import apply_mask
except ImportError:  # no compiled wheel for this platform
    from websockets.utils import apply_mask

CONTINUATION: Final = 0x0
CONTROL: Final = 0x8  # set in the opcodes of control frames
RESERVED: Final = 0x70
MASKED: Final = 0x80
CONTROL_BYTES_MAX: Final = 125

PROTOCOL_ERROR: Final = 1002
NO_CODE: Final = 1005
INVALID_DATA: Final = 1007
# What a peer may send, RFC 6455 section 7.4 and the IANA registry; 3000–4999 besides.
_PEER_CODES: Final = frozenset((1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014))


class FrameError(PeerError):
    """The peer broke the protocol or a limit: close with `close_code`, and read nothing more from it."""

    def __init__(self, close_code: int, message: str) -> None:
        super().__init__(message)
        self.close_code = close_code


@dataclass(frozen=True, slots=True)
class Ping:
    """Answer with a pong of the same payload."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Pong:
    """Answer to one of our pings, or unasked for."""


@dataclass(frozen=True, slots=True)
class Close:
    """The peer ends the connection, or agrees to our close. `code` is 1005 if it gave none."""

    code: int


Received = bytes | str | Ping | Pong | Close


class FrameReader:
    """`feed` what arrived, then call `next` until it has nothing more, or until enough for now.

    Holds at most one unfinished message and what was fed last.
    """

    __slots__ = ("_buffer", "_fragments", "_fragments_max", "_message", "_message_bytes_max", "_opcode")

    def __init__(self, message_bytes_max: int, fragments_max: int) -> None:
        self._message_bytes_max = message_bytes_max
        self._fragments_max = fragments_max
        self._buffer = bytearray()
        # The message whose last fragment is still to come; `_opcode` is 0 while there is none.
        self._opcode = CONTINUATION
        self._message = b""
        self._fragments = 0

    def feed(self, data: bytes | memoryview) -> None:
        """Takes over a copy of `data`."""
        self._buffer += data

    def next(self) -> Received | None:
        """The next message (a string if text) or control frame; None until more is fed.

        Raises FrameError; the reader is of no use afterwards.
        """
        while (frame := self._next_frame()) is not None:
            head, payload = frame
            opcode = head & 0xF
            if opcode & CONTROL:
                return _control(opcode, payload)
            if opcode:
                self._opcode = opcode
                self._message = payload
                self._fragments = 1
            else:
                self._message += payload
                self._fragments += 1
            if head & FIN:
                return self._take_message()
            if self._fragments >= self._fragments_max:
                raise FrameError(CloseCode.TOO_LARGE, "message in too many fragments")
        return None

    def _take_message(self) -> bytes | str:
        message, opcode = self._message, self._opcode
        self._message, self._opcode = b"", CONTINUATION
        if opcode == BINARY:
            return message
        try:
            return message.decode()
        except UnicodeDecodeError:
            raise FrameError(INVALID_DATA, "text is not UTF-8") from None

    def _next_frame(self) -> tuple[int, bytes] | None:
        """First header byte and unmasked payload of the next frame, once all of it is there."""
        buffer = self._buffer
        have = len(buffer)
        if have < 2:
            return None
        head, length = buffer[0], buffer[1] & 0x7F
        start = 6
        if length == 126:
            start = 8
        elif length == 127:
            start = 14
        if have < start:
            return None
        if length >= 126:
            length = int.from_bytes(buffer[2 : start - 4], "big")
        # Before the payload has come: a frame that will be refused is not waited for.
        self._check_header(head, buffer[1], length)
        end = start + length
        if have < end:
            return None
        payload = apply_mask(buffer[start:end], buffer[start - 4 : start])
        del buffer[:end]
        return head, payload

    def _check_header(self, head: int, second: int, length: int) -> None:
        opcode = head & 0xF
        if head & RESERVED:
            raise FrameError(PROTOCOL_ERROR, "reserved bits are set")
        if not second & MASKED:
            raise FrameError(PROTOCOL_ERROR, "frame is not masked")
        if opcode & CONTROL:
            if opcode not in (CLOSE, PING, PONG):
                raise FrameError(PROTOCOL_ERROR, "unknown opcode")
            if not head & FIN or length > CONTROL_BYTES_MAX:
                raise FrameError(PROTOCOL_ERROR, "control frame is fragmented or too long")
            return
        if opcode == CONTINUATION:
            if not self._opcode:
                raise FrameError(PROTOCOL_ERROR, "nothing to continue")
        elif opcode not in (TEXT, BINARY):
            raise FrameError(PROTOCOL_ERROR, "unknown opcode")
        elif self._opcode:
            raise FrameError(PROTOCOL_ERROR, "the message before is not finished")
        if len(self._message) + length > self._message_bytes_max:
            raise FrameError(CloseCode.TOO_LARGE, "message is too large")


def _control(opcode: int, payload: bytes) -> Ping | Pong | Close:
    if opcode == PING:
        return Ping(payload)
    if opcode == PONG:
        return Pong()
    if not payload:
        return Close(NO_CODE)
    try:
        payload[2:].decode()
    except UnicodeDecodeError:
        raise FrameError(INVALID_DATA, "close reason is not UTF-8") from None
    code = int.from_bytes(payload[:2], "big")
    if len(payload) < 2 or not (code in _PEER_CODES or 3000 <= code < 5000):
        raise FrameError(PROTOCOL_ERROR, "close code is not valid")
    return Close(code)
