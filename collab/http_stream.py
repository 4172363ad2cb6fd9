"""A response that is written piece by piece, as fast as its one reader takes it.

What is asked for is made when the piece before has left, so that a long answer costs no more memory than a
short one; and a peer that takes nothing is cut off, because the transport would hold what it has for as long
as the peer likes. Knows ASGI. Does not know what the pieces say.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any, Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from collab.header_guard import ABORT

# As a socket's: who takes nothing of what waits for so long is better off coming back.
STUCK_AFTER_S: Final = 10.0


def _nothing() -> None:
    """What a stream's end means to those who want to know nothing of it."""


class PieceStream(Response):
    """Ends with the pieces, or when the peer has left or takes nothing; calls `on_end` in any case. What the
    pieces raise cuts the connection, so that nobody takes the part for the whole."""

    def __init__(
        self,
        pieces: Callable[[], AsyncGenerator[bytes, None]],
        headers: Mapping[str, str],
        on_end: Callable[[], None] = _nothing,
        stuck_after_s: float = STUCK_AFTER_S,
    ) -> None:
        super().__init__(headers=headers)
        del self.headers["content-length"]
        self._pieces = pieces
        self._on_end = on_end
        self._stuck_after_s = stuck_after_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        writing = asyncio.create_task(self._write(send), name="stream")
        watching = asyncio.create_task(_gone(receive), name="stream's peer")
        try:
            await asyncio.wait((writing, watching), return_when=asyncio.FIRST_COMPLETED)
            if writing.done():
                writing.result()
        except _Stuck:
            if abort := scope.get("extensions", {}).get(ABORT):
                abort()
        finally:
            self._on_end()
            for task in (writing, watching):
                task.cancel()
            await asyncio.gather(writing, watching, return_exceptions=True)

    async def _write(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async with aclosing(self._pieces()) as pieces:
            async for piece in pieces:
                await self._put(send, piece, more=True)
        await self._put(send, b"", more=False)

    async def _put(self, send: Send, piece: bytes, more: bool) -> None:
        try:
            async with asyncio.timeout(self._stuck_after_s):
                await send({"type": "http.response.body", "body": piece, "more_body": more})
        except TimeoutError:
            raise _Stuck from None


class _Stuck(Exception):
    """The peer takes nothing any more."""


async def _gone(receive: Receive) -> None:
    """Returns when the peer has left."""
    message: Any = await receive()
    while message["type"] != "http.disconnect":
        message = await receive()
