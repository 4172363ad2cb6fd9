"""A file that arrives over HTTP, piece by piece.

The standard library reads in threads; here somebody waits for each piece, or goes away. Knows ranges as the
client of RFC 9110 section 14 does. Does not know where to go on, nor when: a stretch that breaks is over.
"""

import asyncio
import http.client
import re
import urllib.error
import urllib.request
from typing import Final

from tutti_client.errors import Unreachable
from tutti_client.http import TIMEOUT_S, bearing, refusal

PIECE_BYTES: Final = 64 * 1024

_CONTENT_RANGE: Final = re.compile(r"bytes (\d+)-(\d+)/(\d+)", re.ASCII)


class Incoming:
    """Made by `receive`. `etag` is what to go on with, empty if the server names none. Close it."""

    def __init__(self, response: http.client.HTTPResponse, url: str, start: int) -> None:
        """Raises Unreachable if the response does not begin at `start`, or does not say how long it is."""
        self._response = response
        self._url = url
        # A weak one does not tell which bytes.
        etag = response.headers["etag"] or ""
        self.etag = "" if etag.startswith("W/") else etag
        self._left = self._length(start)

    def _length(self, start: int) -> int:
        if start and self._response.status == http.HTTPStatus.PARTIAL_CONTENT:
            stretch = _CONTENT_RANGE.fullmatch(self._response.headers["content-range"] or "")
            if stretch is not None and int(stretch[1]) == start:
                return int(stretch[2]) + 1 - start
        elif not start and self._response.length is not None:
            return self._response.length
        raise Unreachable("unreachable", f"{self._url}: this is not the part that was asked for.")

    async def piece(self) -> bytes:
        """The next bytes; none at the end. Raises Unreachable if it breaks off before."""
        if not self._left:
            return b""
        try:
            piece = await asyncio.to_thread(self._response.read1, min(PIECE_BYTES, self._left))
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise Unreachable("unreachable", f"{self._url}: {error}") from error
        if not piece:
            raise Unreachable("unreachable", f"{self._url}: the connection broke off.")
        self._left -= len(piece)
        return piece

    def close(self) -> None:
        # Waits for a read that still runs, for as long as a silent server is waited for; not here.
        asyncio.get_running_loop().run_in_executor(None, self._response.close)


async def receive(url: str, start: int, etag: str, token: str) -> Incoming:
    """What stands at a URL from byte `start` on, of the file that bears `etag` if one is given. Raises
    RequestRefused, Unreachable."""
    headers = bearing(token)
    if start:
        headers["range"] = f"bytes={start}-"
    if etag:
        headers["if-match"] = etag
    request = urllib.request.Request(url, headers=headers)
    return Incoming(await asyncio.to_thread(_opened, request), url, start)


def _opened(request: urllib.request.Request) -> http.client.HTTPResponse:
    try:
        response: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=TIMEOUT_S)
        return response
    except urllib.error.HTTPError as error:
        with error:
            raise refusal(error) from None
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise Unreachable("unreachable", f"{request.full_url}: {error}") from error
