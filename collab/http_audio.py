"""The endpoint from which people hear the music.

Gives a track's file to whoever shows a token, in parts if they ask so (RFC 9110). Knows requests and headers.
Does not know paths: a track is named by its id, and where its file lies is the library's to say. Nothing of
a file but its own media type becomes a header.
"""

import re
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from collab.errors import Refusal
from collab.http_errors import error_response
from collab.http_requests import identify, path_id
from collab.music.audience import Audience
from collab.music.audio_blocks import AudioBlocks
from collab.music.audio_file import AudioFile
from collab.music.audio_request import Part, wanted
from collab.music.audio_response import AudioResponse
from collab.music.library import FileGone, Library
from collab.services import Services
from storage.catalogue import TrackRow

# The file of a track may be replaced, so what is kept is asked for anew after a day, which costs no byte of
# sound while it is the same. Whose browser it is has no part in what is heard, but proxies keep nothing.
_CACHING: Final = "private, max-age=86400"
# What the catalogue may call a file, with the codec that it needs; it comes from the file's own bytes.
# Anything else is saved, not shown, by whoever gets it.
_MEDIA: Final = re.compile(r'audio/[\w.+-]+(; *codecs="?[\w.,-]+"?)?', re.ASCII)
_UNKNOWN: Final = "application/octet-stream"


class AudioEndpoints:
    def __init__(self, services: Services, library: Library) -> None:
        self._services = services
        self._library = library
        self._blocks = AudioBlocks(services.metrics)
        self._audience = Audience(services.metrics)

    def routes(self) -> list[Route]:
        """HEAD comes with GET."""
        return [Route("/v1/audio/{track}", self.audio, methods=["GET"])]

    async def audio(self, request: Request) -> Response:
        """200 with the file, 206 with a part of it; 304, 412 and 416 as RFC 9110 has them."""
        user = (await identify(request, self._services)).user_id
        row = await self._library.track(path_id(request, "track"))
        if row is None:
            raise Refusal("not_found")
        file = await self._open(row)
        size, etag = file.contents.size_bytes, file.etag
        headers = {"ETag": etag, "Accept-Ranges": "bytes", "Cache-Control": _CACHING}
        answer = wanted(request.method, request.headers, size, etag)
        match answer:
            case "not_modified":
                return Response(status_code=304, headers=headers)
            case "precondition_failed":
                return error_response(Refusal("other_contents"))
            case "unsatisfiable":
                refused = error_response(Refusal("range_beyond"))
                refused.headers.update({"Content-Range": f"bytes */{size}", "Accept-Ranges": "bytes"})
                return refused
        headers |= {"Content-Type": _media_type(row), "Content-Disposition": "inline"}
        if request.method == "HEAD":
            return Response(headers={**headers, "Content-Length": str(size)})
        status, part = (200, Part(0, size)) if answer is None else (206, answer)
        if answer is not None:
            headers["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{size}"
        return AudioResponse(
            file, part, user, self._audience, self._blocks, self._services.metrics, status, headers
        )

    async def _open(self, row: TrackRow) -> AudioFile:
        """Raises Refusal `not_found`, which says that the file is gone."""

        def opened() -> AudioFile:
            return AudioFile(self._library.open(row))

        try:
            return await self._blocks.in_thread(opened)
        except (OSError, FileGone) as error:
            raise Refusal("not_found", str(error) if isinstance(error, FileGone) else "") from error


def _media_type(row: TrackRow) -> str:
    return row.media_type if _MEDIA.fullmatch(row.media_type) else _UNKNOWN
