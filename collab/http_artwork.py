"""The endpoint that shows the covers.

A picture is named by its own hash: nobody can guess it, and it never changes, so it needs no token and is
kept for a year by whoever likes, also by pages of other origins. Knows requests and headers. Does not know
pictures.
"""

import re
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from collab.errors import Refusal
from collab.http_requests import address_of
from collab.music.audio_request import wanted
from collab.music.library import Library
from collab.music.pictures import SIZES, NoPicture, Pictures
from collab.music.tags import ARTWORK_HEX
from collab.services import Services

_CACHING: Final = "public, max-age=31536000, immutable"
_ARTWORK: Final = re.compile(rf"[0-9a-f]{{{ARTWORK_HEX}}}")
_SIZES_TEXT: Final = tuple(map(str, SIZES))


class ArtworkEndpoints:
    def __init__(self, services: Services, library: Library) -> None:
        self._services = services
        self._catalogue = library.catalogue
        self._pictures = Pictures(library)

    def routes(self) -> list[Route]:
        return [Route("/v1/artwork/{artwork}", self.artwork, methods=["GET"])]

    async def artwork(self, request: Request) -> Response:
        """200 with the picture, with `size` one whose sides are no longer; 304 for who has it."""
        await self._services.limits.count_stranger(address_of(request))
        size = _size(request)
        named = request.path_params["artwork"]
        row = await self._catalogue.with_artwork(named) if _ARTWORK.fullmatch(named) else None
        if row is None:
            raise Refusal("not_found")
        headers = {
            "ETag": f'"{row.artwork}-{size or 0}"',
            "Cache-Control": _CACHING,
            # A page that shows it as it is asks nobody first, unlike one that reads it.
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        if wanted("HEAD", request.headers, 0, headers["ETag"]) == "not_modified":
            return Response(status_code=304, headers=headers)
        try:
            picture = await self._pictures.picture(row, size)
        except NoPicture:
            raise Refusal("not_found") from None
        headers["Content-Disposition"] = "inline"
        return Response(picture.content, headers=headers, media_type=picture.media_type)


def _size(request: Request) -> int | None:
    """Raises Refusal `bad_request`."""
    text = request.query_params.get("size")
    if text is None:
        return None
    if text not in _SIZES_TEXT:
        raise Refusal("bad_request", f"`size` is one of {', '.join(_SIZES_TEXT)}.")
    return int(text)
