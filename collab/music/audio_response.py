"""A part of a file on its way to one listener.

Sends as fast as the listener takes it, which may be for ever: so what is held for one is a piece in the
socket's buffer and the block that it is cut from, and who takes nothing for a while is let go. Knows ASGI and
blocks. Does not know conditions, ranges or tokens, nor who else listens.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

import structlog
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from collab.metrics import Metrics
from collab.music.audience import Audience
from collab.music.audio_blocks import BLOCK_BYTES, AudioBlocks
from collab.music.audio_file import AudioFile
from collab.music.audio_request import Part
from collab.music.library import FileGone

log = structlog.get_logger("tutti.audio")

# What uvicorn lets wait in a socket before it holds us up.
PIECE_BYTES: Final = 64 * 1024
# A player that has enough for now stops reading, and asks for the rest by its range when it wants it.
STALLED_S: Final = 60.0


class AudioResponse(Response):
    """`part` of `file`, for `user`. If that cannot be read any more the connection ends before all has come,
    so that nobody takes it for all. Raises as `Audience.seat` before it begins."""

    def __init__(
        self,
        file: AudioFile,
        part: Part,
        user: str,
        audience: Audience,
        blocks: AudioBlocks,
        metrics: Metrics,
        status_code: int,
        headers: Mapping[str, str],
        stalled_s: float = STALLED_S,
    ) -> None:
        super().__init__(None, status_code, headers)
        self.headers["content-length"] = str(part.end - part.start)
        self._file = file
        self._part = part
        self._user = user
        self._audience = audience
        self._blocks = blocks
        self._metrics = metrics
        self._stalled_s = stalled_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._audience.seat(self._user):
            # uvicorn takes what is sent to nobody without a word.
            tasks = asyncio.ensure_future(self._send(send)), asyncio.ensure_future(_gone(receive))
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.wait(tasks)
        with suppress(asyncio.CancelledError):
            tasks[0].result()

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        try:
            await self._send_part(send)
        except TimeoutError:
            log.info("audio_ended", reason="the listener took nothing", after_s=self._stalled_s)
        except (OSError, FileGone) as error:
            log.warning("audio_ended", reason=str(error))

    async def _send_part(self, send: Send) -> None:
        at, end = self._part.start, self._part.end
        while at < end:
            first = at - at % BLOCK_BYTES
            block = memoryview(await self._blocks.block(self._file, first // BLOCK_BYTES))
            upto = min(end, first + len(block))
            while at < upto:
                piece = block[at - first : min(at + PIECE_BYTES, upto) - first]
                at += len(piece)
                async with asyncio.timeout(self._stalled_s):
                    await send({"type": "http.response.body", "body": piece, "more_body": at < end})
                self._metrics.audio_sent_bytes.inc(len(piece))
                await self._audience.turn()


async def _gone(receive: Receive) -> None:
    """Returns when nobody listens any more."""
    while (await receive())["type"] != "http.disconnect":
        pass
