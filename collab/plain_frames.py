"""Accepting a WebSocket as a sink, on any ASGI server.

Where the server offers sinks of its own they are taken; elsewhere this file keeps the same promise over
`receive` and `send`, with a task of its own that sends and a bound on what waits for it. Knows ASGI. Does not
know uvicorn, sockets or what a message means. What such a server cannot do: an abort is only as abrupt as
the server makes it, and fragments, control frames and silent peers are the server's to watch.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from collab.closing import CloseCode
from collab.frames import EXTENSION, FrameSink, unpack
from collab.messages import FRAME_BYTES_MAX

logger = logging.getLogger("collab.plain_frames")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

HIGH_WATER_BYTES: Final = 64 * 1024
LOW_WATER_BYTES: Final = 16 * 1024
# The application gives up on a slow reader long before; this bounds an application that does not.
BUFFER_BYTES_MAX: Final = 4 * 1024 * 1024
CLOSE_TIMEOUT_S: Final = 5.0
NO_CLOSE_FRAME: Final = 1006


async def accept_frames(
    scope: Scope, receive: Receive, send: Send, subprotocol: str | None = None
) -> FrameSink:
    """Accepts the WebSocket of an ASGI call that nothing was received from yet, and returns its sink.

    Raises what the server raises when the client is gone already (an OSError). See `FrameSink` for what to
    do next.
    """
    await receive()  # websocket.connect
    await send({"type": "websocket.accept", "subprotocol": subprotocol})
    hand_over: Callable[[], FrameSink] | None = (scope.get("extensions") or {}).get(EXTENSION)
    return hand_over() if hand_over is not None else PlainFrames(receive, send)


class PlainFrames:
    """Keeps the promise of `frames.FrameSink` over `receive` and `send`."""

    def __init__(self, receive: Receive, send: Send, close_timeout_s: float = CLOSE_TIMEOUT_S) -> None:
        self._receive = receive
        self._send = send
        self._close_timeout_s = close_timeout_s
        self._frames: deque[bytes] = deque()
        self._buffered = 0
        self._received_ns = 0
        self._over_high_water = False
        self._wake = asyncio.Event()  # the sender has something to do
        self._readable = asyncio.Event()
        self._readable.set()
        self._ended = asyncio.Event()
        self._closing: tuple[int, str] | None = None
        self._close_code = NO_CLOSE_FRAME
        self._on_message: Callable[[bytes | str], None] | None = None
        self._on_drain: Callable[[], None] | None = None
        self._on_disconnect: Callable[[int], None] | None = None

    # -- what the application calls -----------------------------------------------------------------------

    def write(self, frame: bytes) -> None:
        if self._closing is not None or self._ended.is_set():
            return
        self._frames.append(frame)
        self._buffered += len(frame)
        self._over_high_water |= self._buffered > HIGH_WATER_BYTES
        self._wake.set()
        if self._buffered > BUFFER_BYTES_MAX:
            self.abort()

    def buffered_bytes(self) -> int:
        return self._buffered

    def received_ns(self) -> int:
        return self._received_ns

    def pause_reading(self) -> None:
        self._readable.clear()

    def resume_reading(self) -> None:
        self._readable.set()

    def close(self, code: int, reason: str = "") -> None:
        if self._closing is None and not self._ended.is_set():
            self._closing = (code, reason)
            self._close_code = code
            self._readable.set()
            self._wake.set()

    def abort(self) -> None:
        self._ended.set()

    def on_message(self, callback: Callable[[bytes | str], None]) -> None:
        self._on_message = callback

    def on_drain(self, callback: Callable[[], None]) -> None:
        self._on_drain = callback

    def on_disconnect(self, callback: Callable[[int], None]) -> None:
        self._on_disconnect = callback

    async def run(self) -> None:
        """Serves the connection to its end; only then may the ASGI call return."""
        tasks = [asyncio.create_task(work()) for work in (self._read, self._write, self._ended.wait)]
        try:
            # Whichever is first: the peer left, the close deadline passed, or `abort`.
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self._ended.set()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._frames.clear()
            self._buffered = 0
            callback, self._on_disconnect = self._on_disconnect, None
            self._on_message = self._on_drain = None
            if callback is not None:
                callback(self._close_code)

    # -- the two directions -------------------------------------------------------------------------------

    async def _read(self) -> None:
        while True:
            await self._readable.wait()
            event = await self._receive()
            self._received_ns = time.monotonic_ns()
            if event["type"] == "websocket.disconnect":
                if self._closing is None:
                    self._close_code = event.get("code") or NO_CLOSE_FRAME
                return
            # The pause may have come while this message was waited for.
            await self._readable.wait()
            text: str | None = event.get("text")
            self._deliver(event["bytes"] if text is None else text)

    def _deliver(self, message: bytes | str) -> None:
        if self._closing is not None or self._on_message is None:
            return
        if len(message.encode() if isinstance(message, str) else message) > FRAME_BYTES_MAX:
            self.close(CloseCode.TOO_LARGE, "message is too large")
            return
        try:
            self._on_message(message)
        except Exception:
            logger.exception("a message could not be handled")
            self.close(CloseCode.INTERNAL, "internal error")

    async def _write(self) -> None:
        try:
            while True:
                while self._frames:
                    await self._send_first()
                if self._closing is not None:
                    break
                await self._wake.wait()
                self._wake.clear()
            code, reason = self._closing
            await self._send({"type": "websocket.close", "code": code, "reason": reason})
        except OSError:
            return  # the client left; some servers tell it here before `receive` does
        # For the peer's answer, which ends `_read`.
        await asyncio.sleep(self._close_timeout_s)

    async def _send_first(self) -> None:
        frame = self._frames[0]
        payload = unpack(frame)
        kind = "text" if isinstance(payload, str) else "bytes"
        await self._send({"type": "websocket.send", kind: payload})
        self._frames.popleft()
        self._buffered -= len(frame)
        if self._over_high_water and self._buffered <= LOW_WATER_BYTES:
            self._over_high_water = False
            if self._on_drain is not None and self._closing is None:
                self._on_drain()
