"""Endpoints about the music that the server has: what there is, found while somebody types.

In the shape of the Spotify Web API. Knows requests. Does not know what a search means (`storage.catalogue`),
nor the sound (`http_audio`).
"""

import hashlib
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collab.errors import Refusal
from collab.http_requests import Page, identify, is_number, path_id, read_limit
from collab.http_search_shapes import found_json, song_json, songs_json
from collab.http_shapes import Json
from collab.ids import is_id
from collab.services import Services
from storage.catalogue import FOUND_MAX, Catalogue

SEARCH_LIMIT: Final = 20
SEARCH_LIMIT_MAX: Final = 50
TRACKS_MAX: Final = 50

# Whoever deletes a letter sees at once what stood there before. Files come and go more seldom.
_FOUND_S: Final = 10
_TRACK_S: Final = 60


class SearchEndpoints:
    def __init__(self, services: Services, catalogue: Catalogue) -> None:
        self._services = services
        self._catalogue = catalogue

    def routes(self) -> list[Route]:
        return [
            Route("/v1/search", self.search, methods=["GET"]),
            Route("/v1/tracks", self.tracks, methods=["GET"]),
            Route("/v1/tracks/{track}", self.track, methods=["GET"]),
        ]

    async def search(self, request: Request) -> Response:
        """The tracks that somebody may mean who has typed so far, the best first."""
        await identify(request, self._services)
        query = request.query_params
        if "track" not in query.get("type", "track").split(","):
            raise Refusal("bad_request", "`type` is track; nothing else can be searched for.")
        typed = query.get("q")
        if typed is None:
            raise Refusal("bad_request", "`q` is what is searched for.")
        page = Page(_offset(query.get("offset", "0")), read_limit(query, SEARCH_LIMIT, SEARCH_LIMIT_MAX))
        found = await self._catalogue.search(typed, page.limit, page.offset)
        return _cached(request, found_json(str(request.base_url), typed, page, found), _FOUND_S)

    async def track(self, request: Request) -> Response:
        """One track."""
        await identify(request, self._services)
        row = await self._catalogue.track(path_id(request, "track"))
        if row is None:
            raise Refusal("not_found")
        return _cached(request, song_json(str(request.base_url), row), _TRACK_S)

    async def tracks(self, request: Request) -> Response:
        """Several tracks, in the order of `ids`; null for one that there is not."""
        await identify(request, self._services)
        ids = request.query_params.get("ids", "").split(",")
        if len(ids) > TRACKS_MAX or not all(map(is_id, ids)):
            raise Refusal("bad_request", f"`ids` are 1 to {TRACKS_MAX} ids of tracks, with commas between.")
        rows = await self._catalogue.tracks(ids)
        return _cached(request, songs_json(str(request.base_url), map(rows.get, ids)), _TRACK_S)


def _offset(text: str) -> int:
    """Raises Refusal `bad_request`."""
    if not is_number(text) or int(text) > FOUND_MAX:
        raise Refusal("bad_request", f"`offset` is a whole number, at most {FOUND_MAX}.")
    return int(text)


def _cached(request: Request, answer: Json, seconds: int) -> Response:
    """The answer, which its reader may keep so long, and then asks whether it is still the same."""
    response = JSONResponse(answer)
    etag = f'"{hashlib.sha256(response.body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": f"private, max-age={seconds}"}
    known = (tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(","))
    if etag in known:
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return response
