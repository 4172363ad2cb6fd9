"""Endpoints about a playlist's picture, in the Spotify Web API's paths and shapes.

Knows paths and headers. What a picture is, and where it is said to be, is `covers`'.
"""

import asyncio
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collab.covers import COVER_CHARS_MAX, COVERS_KEPT, cover_id, cover_path, read_cover
from collab.errors import Refusal
from collab.http_etag import is_known
from collab.http_requests import address_of, identify, path_id, read_bytes
from collab.http_shapes import images_json
from collab.services import Services
from collab.turnstile import Turnstile

_JPEG: Final = "image/jpeg"
# Under one address there is never another picture.
_FOR_EVER: Final = "public, max-age=31536000, immutable"


class ImageEndpoints:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._decoders = Turnstile()

    def routes(self) -> list[Route]:
        images = "/v1/playlists/{playlist}/images"
        return [
            Route(images, self.list_images, methods=["GET"]),
            Route(images, self.change, methods=["PUT"]),
            Route(f"{images}/{{image}}", self.image, methods=["GET"]),
        ]

    async def list_images(self, request: Request) -> Response:
        user = (await identify(request, self._services)).user_id
        view = await self._services.documents.read(path_id(request, "playlist"), user)
        return JSONResponse(images_json(str(request.base_url), view.attributes))

    async def change(self, request: Request) -> Response:
        """202 without a body, as the original answers, though all is done. Everyone sees it at once."""
        user = (await identify(request, self._services)).user_id
        document = path_id(request, "playlist")
        await self._services.members.require(document, user, "rename")
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _JPEG:
            raise Refusal("bad_request", f"Send the picture as {_JPEG}, in Base64.")
        body = await read_bytes(request, COVER_CHARS_MAX)
        async with self._decoders.turn():
            content = await asyncio.to_thread(read_cover, body)
        cover = cover_id(content)
        now_ms = self._services.ambient.now_ms()
        if not await self._services.store.add_picture(document, cover, content, now_ms, COVERS_KEPT):
            raise Refusal("not_found")
        await self._services.documents.edit(document, user, {"a": {"image": cover_path(document, cover)}})
        return Response(status_code=202)

    async def image(self, request: Request) -> Response:
        """Needs no token: who knows the address was shown it, and nobody can guess one."""
        await self._services.limits.count_stranger(address_of(request))
        document, cover = path_id(request, "playlist"), path_id(request, "image")
        content = await self._services.store.picture(document, cover)
        if content is None:
            raise Refusal("not_found")
        headers = {
            "ETag": f'"{cover}"',
            "Cache-Control": _FOR_EVER,
            # A page that shows it as it is asks nobody first, unlike one that reads it.
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        if is_known(request.headers, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return Response(content, headers={**headers, "Content-Disposition": "inline"}, media_type=_JPEG)
