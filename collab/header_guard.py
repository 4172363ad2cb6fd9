"""Our protocol class for uvicorn's `http=`: headers have a size and a deadline.

uvicorn's httptools class waits for the end of a header for ever and keeps whatever comes. This one derives
from it and watches the stretch in which a header is awaited: from the connection's first moment, and from the
first byte of each later request, to the end of the header. Upgrades to WebSocket pass through here too. Knows
uvicorn's class and the parser's callbacks. Does not know bodies, routes or what comes after an upgrade.
"""

import asyncio
from dataclasses import dataclass
from typing import ClassVar, Final, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# The key under `scope["extensions"]` of what cuts the connection at once and drops what was not sent: a
# response without an end may face a peer that takes nothing.
ABORT: Final = "tutti.abort"


@dataclass(frozen=True, slots=True)
class HeaderLimits:
    """`header_bytes_max` counts the request line too; browsers send 1 to 4 KiB."""

    header_bytes_max: int = 16 * 1024
    header_deadline_s: float = 10.0


class HeaderGuardProtocol(HttpToolsProtocol):
    """HTTP/1.1 as uvicorn serves it; a slow or huge header is answered 408 or 431 and the socket closed."""

    limits: ClassVar[HeaderLimits] = HeaderLimits()

    # The parser is inside a header. Also before the first byte of all.
    _in_header = True
    # Of the current header: what the parser has handed over, and what was fed while it had not ended.
    _parsed_bytes = 0
    _fed_bytes = 0
    # Refused or upgraded: nothing that comes is ours any more.
    _done = False
    _deadline: asyncio.TimerHandle | None = None

    # -- what the event loop calls ------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._done:
            return
        super().data_received(data)
        if self._in_header:
            self._fed_bytes += len(data)
            if self._fed_bytes > self.limits.header_bytes_max:
                self._refuse_size()
        # Line ends between requests reach no callback, but uvicorn has stopped its keep-alive timer for them.
        if not self._done and (self._in_header or self._is_idle()):
            self._arm()

    # -- what the parser calls ----------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_header = True
        self._parsed_bytes = self._fed_bytes = 0

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_header = False
        self._disarm()
        if not self._done:
            super().on_headers_complete()
        if not self._done:
            # The application runs in a task, so not yet.
            extensions = cast(dict[str, object], self.scope.setdefault("extensions", {}))
            extensions[ABORT] = self.transport.abort

    def on_body(self, body: bytes) -> None:
        if not self._done:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self._done:
            super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        if self._done:
            return
        self._done = True
        super().handle_websocket_upgrade()
        # Parser and protocol hold each other: every upgrade would leave a cycle for the garbage collector.
        self.parser = None  # type: ignore[assignment]

    # -- the guard ----------------------------------------------------------------------------------------

    def _count(self, added: int) -> None:
        self._parsed_bytes += added
        if self._parsed_bytes > self.limits.header_bytes_max:
            self._refuse_size()

    def _is_idle(self) -> bool:
        return self.cycle is not None and self.cycle.response_complete and not self.pipeline

    def _arm(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.limits.header_deadline_s, self._refuse_slow)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse_size(self) -> None:
        self._refuse(b"431 Request Header Fields Too Large")

    def _refuse_slow(self) -> None:
        self._refuse(b"408 Request Timeout")

    def _refuse(self, status: bytes) -> None:
        if self._done or self.transport.is_closing():
            return
        self._done = True
        self._disarm()
        self.logger.info("Request refused: %s", status.decode())
        # A response under way must not be cut by another's status line.
        if self.cycle is None or self.cycle.response_complete:
            self.transport.write(
                b"HTTP/1.1 " + status + b"\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
            )
        self.transport.close()
