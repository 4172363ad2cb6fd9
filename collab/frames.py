"""WebSocket frames that are ready to write, and what they are written to.

A server's frames are not masked, so the same bytes serve every listener: a broadcast builds its frame once
and hands it to each `FrameSink`. Knows the bytes of RFC 6455 section 5 and the promise of a sink. Does not
know sockets, event loops or messages: `frame_connection` and `plain_frames` keep the promise.
"""

from collections.abc import Callable
from typing import Final, Protocol

# The key under `scope["extensions"]` where a server offers sinks of its own; `plain_frames` looks there.
EXTENSION: Final = "tutti.frames"

TEXT: Final = 0x1
BINARY: Final = 0x2
CLOSE: Final = 0x8
PING: Final = 0x9
PONG: Final = 0xA

FIN: Final = 0x80
# A control frame holds 125 bytes (RFC 6455 section 5.5), two of a close frame's are its code.
REASON_BYTES_MAX: Final = 123


def text_frame(payload: bytes) -> bytes:
    """A whole text message, header included. `payload` is UTF-8."""
    return _header(TEXT, len(payload)) + payload


def binary_frame(payload: bytes) -> bytes:
    """A whole binary message, header included."""
    return _header(BINARY, len(payload)) + payload


def ping_frame() -> bytes:
    """A ping without payload."""
    return _header(PING, 0)


def pong_frame(payload: bytes) -> bytes:
    """The answer to a ping that carried `payload` (at most 125 bytes)."""
    return _header(PONG, len(payload)) + payload


def close_frame(code: int, reason: str = "") -> bytes:
    """A close frame. A reason over 123 bytes of UTF-8 is cut at a character."""
    assert 1000 <= code < 5000, f"{code} is no close code; the caller chooses it"
    assert code not in (1004, 1005, 1006, 1015), f"{code} never travels in a frame (RFC 6455 section 7.4.1)"
    text = reason.encode()[:REASON_BYTES_MAX].decode(errors="ignore").encode()
    return _header(CLOSE, 2 + len(text)) + code.to_bytes(2, "big") + text


def unpack(frame: bytes) -> bytes | str:
    """The payload of a frame that `text_frame` (then a string) or `binary_frame` made."""
    start = {126: 4, 127: 10}.get(frame[1], 2)
    payload = frame[start:]
    return payload.decode() if frame[0] & 0xF == TEXT else payload


def _header(opcode: int, length: int) -> bytes:
    if length < 126:
        return bytes((FIN | opcode, length))
    if length < 1 << 16:
        return bytes((FIN | opcode, 126)) + length.to_bytes(2, "big")
    return bytes((FIN | opcode, 127)) + length.to_bytes(8, "big")


class FrameSink(Protocol):
    """One accepted WebSocket, as the application sees it on every server.

    Set the three callbacks, then `await run()` and return from the ASGI call at once. Nothing is delivered
    before `run`. Callbacks are called from the event loop, never from inside a method of the sink, and
    nothing is called after `on_disconnect`'s.
    """

    def write(self, frame: bytes) -> None:
        """Sends a frame made by `text_frame` or `binary_frame`, without waiting; nothing once it is closing.

        The buffer behind it has no bound of its own: the caller watches `buffered_bytes`.
        """

    def buffered_bytes(self) -> int:
        """Bytes written that the operating system (elsewhere: the server) has not taken yet."""

    def received_ns(self) -> int:
        """When the bytes came of the message that `on_message` is called with, by `time.monotonic_ns`: read
        before they are unmasked, and before what came with them is dealt with."""

    def pause_reading(self) -> None:
        """Stops `on_message`, also in the middle of what arrived together; the peer is held back by TCP."""

    def resume_reading(self) -> None:
        """Goes on where `pause_reading` stopped, in order, from the event loop's next turn."""

    def close(self, code: int, reason: str = "") -> None:
        """Ends the connection in good order behind what was written: no message is delivered from now on.
        A peer that does not take or answer the close frame within a few seconds is cut off."""

    def abort(self) -> None:
        """Ends the connection now and drops what was not sent."""

    def on_message(self, callback: Callable[[bytes | str], None]) -> None:
        """`callback` gets each complete message as it arrives: bytes if binary, a string if text."""

    def on_drain(self, callback: Callable[[], None]) -> None:
        """`callback` is called when the buffer, having exceeded the high-water mark, fell to the low one."""

    def on_disconnect(self, callback: Callable[[int], None]) -> None:
        """`callback` is called once, when the connection is over, with the close code that ended it: our
        own, the peer's (1005: it gave none), or 1006 if it ended without one."""

    async def run(self) -> None:
        """Starts delivery. Returns when the ASGI call is no longer needed, which may be long before the
        end of the connection: only `on_disconnect` tells that."""
