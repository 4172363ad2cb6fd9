"""Endpoints about playlists as such, in the Spotify Web API's paths and shapes."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collab.errors import Refusal
from collab.fields import NAME_CHARS_MAX, TEXT_CHARS_MAX
from collab.http_ports import DocumentView
from collab.http_requests import Page, identify, path_id, read_body, read_page
from collab.http_shapes import TRACKS_LIMIT, Json, page_json, playlist_json, playlist_url, tracks_json
from collab.roles import allowed
from collab.services import Services
from storage.store import DocumentInfo

KIND = "playlist"
PLAYLISTS_LIMIT = 20
PLAYLISTS_LIMIT_MAX = 50


class Details(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a playlist is called and how it is meant; whatever is left out stays as it is."""

    # Described here, and checked as attributes, for which there is a code.
    name: (
        Annotated[str, Meta(extra_json_schema={"minLength": 1, "maxLength": NAME_CHARS_MAX})] | UnsetType
    ) = UNSET
    description: Annotated[str, Meta(extra_json_schema={"maxLength": TEXT_CHARS_MAX})] | UnsetType | None = (
        UNSET
    )
    public: bool | UnsetType | None = UNSET
    collaborative: bool | UnsetType = UNSET

    def attributes(self) -> Json:
        return {key: value for key, value in msgspec.structs.asdict(self).items() if value is not UNSET}


class PlaylistEndpoints:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._body_bytes_max = services.settings.limits.body_bytes_max

    def routes(self) -> list[Route]:
        return [
            Route("/v1/me/playlists", self.list_mine, methods=["GET"]),
            Route("/v1/me/playlists", self.create, methods=["POST"]),
            Route("/v1/playlists/{playlist}", self.get, methods=["GET"]),
            Route("/v1/playlists/{playlist}", self.change, methods=["PUT"]),
            Route("/v1/playlists/{playlist}/tracks", self.tracks, methods=["GET"]),
            Route("/v1/playlists/{playlist}/followers", self.unfollow, methods=["DELETE"]),
        ]

    async def list_mine(self, request: Request) -> Response:
        """Newest first. One playlist is read at a time, so that a page never holds fifty in memory."""
        user = (await identify(request, self._services)).user_id
        page = read_page(request.query_params, PLAYLISTS_LIMIT, PLAYLISTS_LIMIT_MAX)
        infos, total = await self._services.store.documents_of(user, KIND, page.offset, page.limit)
        base = str(request.base_url)
        items = []
        for info in infos:
            try:
                view = await self._services.documents.read(info.head.document, user)
            except Refusal:  # deleted, or its owner took the user out, while we read the others
                continue
            items.append(await self._playlist(base, view, info))
        return JSONResponse(page_json(f"{base}v1/me/playlists", items, page, total))

    async def create(self, request: Request) -> Response:
        user = (await identify(request, self._services)).user_id
        details = await read_body(request, Details, self._body_bytes_max)
        if details.name is UNSET:
            raise Refusal("bad_request", "A playlist needs a `name`.")
        document = await self._services.documents.create(
            user, details.attributes(), self._services.ambient.now_ms()
        )
        base = str(request.base_url)
        return JSONResponse(
            await self._full(base, document, user),
            status_code=201,
            headers={"Location": playlist_url(base, document)},
        )

    async def get(self, request: Request) -> Response:
        user = (await identify(request, self._services)).user_id
        return JSONResponse(await self._full(str(request.base_url), path_id(request, "playlist"), user))

    async def tracks(self, request: Request) -> Response:
        user = (await identify(request, self._services)).user_id
        page = read_page(request.query_params, TRACKS_LIMIT, TRACKS_LIMIT)
        view = await self._services.documents.read(path_id(request, "playlist"), user)
        return JSONResponse(tracks_json(str(request.base_url), view, page))

    async def change(self, request: Request) -> Response:
        """200 without a body, as Spotify answers. The change is an op like any other: everyone sees it."""
        user = (await identify(request, self._services)).user_id
        document = path_id(request, "playlist")
        details = await read_body(request, Details, self._body_bytes_max)
        await self._services.members.require(document, user, "rename")
        if attributes := details.attributes():
            await self._services.documents.edit(document, user, {"a": attributes})
        return Response(status_code=200)

    async def unfollow(self, request: Request) -> Response:
        """200 without a body: a member has left, or the last owner has deleted the playlist."""
        user = (await identify(request, self._services)).user_id
        await self._services.members.unfollow(path_id(request, "playlist"), user)
        return Response(status_code=200)

    async def _full(self, base: str, document: str, user: str) -> Json:
        """A playlist with its first tracks."""
        view = await self._services.documents.read(document, user)
        info = await self._services.store.document_info(document)
        if info is None or not allowed("read", view.role):
            raise Refusal("not_found")
        playlist = await self._playlist(base, view, info)
        return {**playlist, "tracks": tracks_json(base, view, Page(0, TRACKS_LIMIT))}

    async def _playlist(self, base: str, view: DocumentView, info: DocumentInfo) -> Json:
        owner = await self._owner(info)
        return playlist_json(base, view, owner, await self._services.people.user(owner))

    async def _owner(self, info: DocumentInfo) -> str:
        """Whoever made the playlist while they own it; else the first of its owners by id. Spotify's shape
        has room for one."""
        members = await self._services.store.members(info.head.document)
        if members.get(info.creator) == "owner":
            return info.creator
        return min((user for user, role in members.items() if role == "owner"), default=info.creator)
