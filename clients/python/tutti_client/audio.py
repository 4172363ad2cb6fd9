"""The sound of the server's tracks, as its files have it.

A file comes piece by piece. Where the connection breaks, the next one goes on, with the same file and no
other; a few times, a little later each time. Knows ranges and patience. Does not know what is in the bytes.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import Final
from urllib.parse import quote

from tutti_client.asker import Asker
from tutti_client.catalogue import id_in
from tutti_client.errors import CannotPlay, Unreachable
from tutti_client.http import http_url
from tutti_client.tokens import TokenSource

# An hour of an ordinary mp3, or a long track without loss.
FILE_BYTES_MAX: Final = 128 * 1024 * 1024
# Who loses the connection again and again does not get through a song in time.
RESUMES_MAX: Final = 8
PAUSE_FIRST_S: Final = 0.25
PAUSE_LAST_S: Final = 8.0


class Audio:
    """Everything raises RequestRefused (`not_found` for a track without a file, `other_contents` if the file
    was changed while it came) and Unreachable."""

    def __init__(self, url: str, tokens: TokenSource) -> None:
        self._asker = Asker(f"{http_url(url)}/v1/audio", tokens)

    async def fetch(self, track: str, bytes_max: int = FILE_BYTES_MAX) -> bytes:
        """All of the file of this track, by its URI or id. Also raises CannotPlay."""
        content = bytearray()
        async with aclosing(self.stream(track)) as pieces:
            async for piece in pieces:
                content += piece
                if len(content) > bytes_max:
                    raise CannotPlay("too_large", f"The file of this track has over {bytes_max:,} bytes.")
        return bytes(content)

    async def stream(self, track: str) -> AsyncGenerator[bytes, None]:
        """The same, piece by piece as they come. Who stops early closes it (`contextlib.aclosing`)."""
        path, at, etag = quote(id_in(track)), 0, ""
        for pause_s in (*_pauses(), None):
            try:
                async with aclosing(self._stretch(path, at, etag)) as pieces:
                    async for tag, piece in pieces:
                        etag = tag
                        at += len(piece)
                        yield piece
                return
            except Unreachable:
                # Without a tag nobody knows whether the rest is of the same file.
                if pause_s is None or (at and not etag):
                    raise
                await asyncio.sleep(pause_s)

    async def _stretch(self, path: str, start: int, etag: str) -> AsyncGenerator[tuple[str, bytes], None]:
        """What comes on one connection, and the tag to go on with."""
        incoming = await self._asker.receive(path, start, etag)
        try:
            while piece := await incoming.piece():
                yield incoming.etag, piece
        finally:
            incoming.close()


def _pauses() -> Iterator[float]:
    """At random, below a ceiling that doubles."""
    for number in range(RESUMES_MAX):
        yield random.uniform(0.0, min(PAUSE_LAST_S, PAUSE_FIRST_S * 2**number))
