"""A WebSocket after its handshake.

The sink that our protocol class hands to the application: an asyncio protocol that owns the socket, reads
frames straight from it and delivers messages by callback. It lives without a task, a queue or anything of the
handshake, because what an idle connection holds is what limits how many a node can hold. Knows liveness (a
silent peer is pinged, then cut off), the flood limit and the order of closing. Does not know HTTP, ASGI or
what a message means.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from collab.closing import CloseCode
from collab.frame_reader import Close, FrameError, FrameReader, Ping, Pong
from collab.frames import close_frame, ping_frame, pong_frame
from collab.messages import FRAME_BYTES_MAX

logger = logging.getLogger("collab.frame_connection")

SERVICE_RESTART: Final = 1012
NO_CLOSE_FRAME: Final = 1006
# One read of a socket takes at most this. With an unfinished message, and the rest of a read that a pause
# leaves, a connection holds at most 128 KiB of what came in.
READ_BYTES_MAX: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class SocketLimits:
    """What one connection may do, and how long it may take."""

    message_bytes_max: int = FRAME_BYTES_MAX
    fragments_max: int = 64
    control_frames_per_s: int = 10
    # A peer is gone after two silent beats, the first of which pinged it: at most three beats after its last
    # byte. What is left of the 30 s of P12 is for others, perhaps on other nodes, to hear of it.
    heartbeat_s: float = 9.0
    # For the peer to take what is buffered and to answer our close frame; then the socket is aborted.
    close_timeout_s: float = 5.0
    high_water_bytes: int = 64 * 1024
    low_water_bytes: int = 16 * 1024


class _State(Enum):
    OPEN = "open"
    CLOSING = "closing"  # our close frame is written; only the peer's is still of interest
    ENDING = "ending"  # nothing more is read; what is buffered leaves, then the socket closes


class _Scratch(threading.local):
    """Where every connection of a thread's loop reads to; its bytes are copied before the next one reads."""

    def __init__(self) -> None:
        self.view = memoryview(bytearray(READ_BYTES_MAX))


_scratch = _Scratch()


class FrameConnection(asyncio.BufferedProtocol):
    """Keeps the promise of `frames.FrameSink` on a transport whose handshake is done.

    The maker calls `transport.set_protocol(connection)`. `connections` is the server's set of what it
    shuts down; the connection is in it from now until its socket is closed.
    """

    __slots__ = (
        "_alive",
        "_close_code",
        "_connections",
        "_control_due_ms",
        "_limits",
        "_loop",
        "_on_disconnect",
        "_on_drain",
        "_on_message",
        "_pinged",
        "_read_ns",
        "_reader",
        "_reading",
        "_running",
        "_state",
        "_timer",
        "_transport",
        "_view",
    )

    def __init__(
        self,
        transport: asyncio.Transport,
        loop: asyncio.AbstractEventLoop,
        connections: set[object],
        limits: SocketLimits,
    ) -> None:
        self._transport = transport
        self._loop = loop
        self._connections = connections
        self._limits = limits
        self._view = _scratch.view
        self._read_ns = 0
        self._reader = FrameReader(limits.message_bytes_max, limits.fragments_max)
        self._on_message: Callable[[bytes | str], None] | None = None
        self._on_drain: Callable[[], None] | None = None
        self._on_disconnect: Callable[[int], None] | None = None
        self._state = _State.OPEN
        self._close_code = NO_CLOSE_FRAME
        self._running = False
        self._reading = False
        self._alive = True
        self._pinged = False
        self._control_due_ms = 0
        self._timer = loop.call_later(limits.heartbeat_s, self._beat)
        transport.pause_reading()
        transport.set_write_buffer_limits(limits.high_water_bytes, limits.low_water_bytes)
        connections.add(self)

    # -- what the application calls -----------------------------------------------------------------------

    def write(self, frame: bytes) -> None:
        if self._state is _State.OPEN:
            self._transport.write(frame)

    def buffered_bytes(self) -> int:
        return self._transport.get_write_buffer_size()

    def received_ns(self) -> int:
        return self._read_ns

    def pause_reading(self) -> None:
        if self._state is _State.OPEN:
            self._reading = False
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        if not self._reading and self._running and self._state is not _State.ENDING:
            self._reading = True
            # Not at once: the caller may be inside `on_message`, and the next message must wait for it.
            self._loop.call_soon(self._deliver)
            self._transport.resume_reading()

    def close(self, code: int, reason: str = "") -> None:
        if self._state is not _State.OPEN:
            return
        self._transport.write(close_frame(code, reason))
        self._state = _State.CLOSING
        self._close_code = code
        self._set_deadline()
        self._running = True
        self.resume_reading()

    def abort(self) -> None:
        self._state = _State.ENDING
        self._transport.abort()

    def on_message(self, callback: Callable[[bytes | str], None]) -> None:
        self._on_message = callback

    def on_drain(self, callback: Callable[[], None]) -> None:
        self._on_drain = callback

    def on_disconnect(self, callback: Callable[[int], None]) -> None:
        self._on_disconnect = callback

    async def run(self) -> None:
        self._running = True
        self.resume_reading()

    # -- what the server calls ----------------------------------------------------------------------------

    def shutdown(self) -> None:
        """The server stops: whoever is still here is told to come back, and not waited for long."""
        self.close(SERVICE_RESTART, "server is stopping")
        self._end()

    def application_returned(self) -> None:
        """The ASGI call ended. Nothing to do after `run`; before it, nobody will ever answer the peer."""
        if not self._running:
            self.close(CloseCode.INTERNAL, "the application did not take the connection")

    # -- what the event loop calls ------------------------------------------------------------------------

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._view

    def buffer_updated(self, nbytes: int) -> None:
        self._read_ns = time.monotonic_ns()
        self._alive = True
        if self._state is not _State.ENDING:
            self._reader.feed(self._view[:nbytes])
            self._deliver()

    def pause_writing(self) -> None:
        """Nothing: the application asks `buffered_bytes` before it writes."""

    def resume_writing(self) -> None:
        if self._on_drain is not None and self._state is _State.OPEN:
            self._on_drain()

    def eof_received(self) -> None:
        self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        self._state = _State.ENDING
        self._timer.cancel()
        self._connections.discard(self)
        self._disconnected()

    # -- reading ------------------------------------------------------------------------------------------

    def _deliver(self) -> None:
        try:
            while self._reading and self._state is not _State.ENDING:
                match self._reader.next():
                    case None:
                        return
                    case bytes() | str() as message:
                        if self._state is _State.OPEN and self._on_message is not None:
                            self._on_message(message)
                    case Close(code):
                        self._receive_close(code)
                    case Ping() | Pong() as control:
                        self._receive_control(control)
        except FrameError as error:
            self._fail(error.close_code, str(error))
        except Exception:
            logger.exception("a message could not be handled")
            self._fail(CloseCode.INTERNAL, "internal error")

    def _receive_close(self, code: int) -> None:
        if self._state is _State.OPEN:
            self._close_code = code
            # Agreeing means sending the code back, where there was one (RFC 6455 section 5.5.1).
            self._transport.write(close_frame(code if code != 1005 else 1000))
        self._end()

    def _receive_control(self, control: Ping | Pong) -> None:
        # The rate as an integer schedule: each frame books its share of a second, at most one second ahead.
        now_ms = int(self._loop.time() * 1000)
        self._control_due_ms = max(self._control_due_ms, now_ms) + 1000 // self._limits.control_frames_per_s
        if self._control_due_ms > now_ms + 1000:
            self._fail(CloseCode.FLOOD, "too many control frames")
        # A peer that asks but does not read gets no answers that would pile up here.
        elif isinstance(control, Ping) and self.buffered_bytes() <= self._limits.high_water_bytes:
            self.write(pong_frame(control.payload))

    # -- liveness and the end -----------------------------------------------------------------------------

    def _beat(self) -> None:
        # While the application holds reading back, silence says nothing about the peer.
        if self._alive or not self._reading:
            self._alive = self._pinged = False
        elif self._pinged:
            self.abort()
            return
        else:
            self.write(ping_frame())
            self._pinged = True
        self._timer = self._loop.call_later(self._limits.heartbeat_s, self._beat)

    def _fail(self, code: int, reason: str) -> None:
        """Nothing that this peer says is heard any more, but it is let read why: if the socket closed with
        bytes unread, a reset could overtake the close frame. They are thrown away until it hangs up."""
        self.close(code, reason)
        if self._transport.can_write_eof():
            self._transport.write_eof()
        self._state = _State.ENDING
        self._disconnected()

    def _end(self) -> None:
        """Closes the socket behind what is buffered."""
        self._state = _State.ENDING
        # A peer that does not read would keep its socket and our buffer for ever.
        self._set_deadline()
        self._transport.close()
        self._disconnected()

    def _set_deadline(self) -> None:
        self._timer.cancel()
        self._timer = self._loop.call_later(self._limits.close_timeout_s, self._transport.abort)

    def _disconnected(self) -> None:
        callback, self._on_disconnect = self._on_disconnect, None
        self._on_message = self._on_drain = None
        if callback is not None:
            callback(self._close_code)
