"""Endpoints about playlists as such, in the Spotify Web API's paths and shapes."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collab.errors import Refusal
from collab.field_mask import EVERYTHING, Mask, read_fields
from collab.fields import NAME_CHARS_MAX, TEXT_CHARS_MAX
from collab.http_etag import ASKED_EACH_TIME, is_known
from collab.http_json import encoded
from collab.http_ports import DocumentView
from collab.http_requests import Page, identify, path_id, read_body, read_page
from collab.http_shapes import (
    TRACKS_LIMIT,
    Json,
    Shown,
    items_json,
    page_json,
    playlist_json,
    playlist_url,
    profile_json,
    snapshot_id,
)
from collab.request_names import names_of
from collab.services import Services
from collab.shown_items import ShownItems
from collab.shown_pages import ShownPages
from storage.store import DocumentInfo

KIND = "playlist"
PLAYLISTS_LIMIT = 20
PLAYLISTS_LIMIT_MAX = 50
# Of somebody else: what is public stands in each playlist itself. A second's work.
LOOKED_THROUGH_MAX = 1_000
FIRST_PAGE: Final = Page(0, TRACKS_LIMIT)


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
        self._shown_items = ShownItems()
        self._shown_pages = ShownPages()

    def routes(self) -> list[Route]:
        return [
            Route("/v1/playlists/{playlist}/items", self.items, methods=["GET"]),
            Route("/v1/playlists/{playlist}/tracks", self.tracks, methods=["GET"]),
            Route("/v1/users/{user}", self.user, methods=["GET"]),
            Route("/v1/users/{user}/playlists", self.list_of, methods=["GET"]),
            Route("/v1/users/{user}/playlists", self.create_for, methods=["POST"]),
            Route("/v1/me/playlists", self.list_mine, methods=["GET"]),
            Route("/v1/me/playlists", self.create, methods=["POST"]),
            Route("/v1/playlists/{playlist}", self.get, methods=["GET"]),
            Route("/v1/playlists/{playlist}", self.change, methods=["PUT"]),
        ]

    # -- people -----------------------------------------------------------------------------------------

    async def user(self, request: Request) -> Response:
        await identify(request, self._services)
        user = path_id(request, "user")
        person = await self._services.people.user(user)
        if person is None:
            raise Refusal("not_found")
        return JSONResponse(profile_json(str(request.base_url), user, person))

    async def list_of(self, request: Request) -> Response:
        """Of somebody else, what is public. Their newest playlists are looked through one by one, as many as
        `LOOKED_THROUGH_MAX`; a page never holds more than fifty in memory."""
        asker = (await identify(request, self._services)).user_id
        user = path_id(request, "user")
        page = read_page(request.query_params, PLAYLISTS_LIMIT, PLAYLISTS_LIMIT_MAX)
        if user == asker:
            return await self._list_mine(request, user, page)
        if await self._services.people.user(user) is None:
            raise Refusal("not_found")
        infos, _ = await self._services.store.documents_of(user, KIND, 0, LOOKED_THROUGH_MAX)
        base, items, total = str(request.base_url), [], 0
        for info in infos:
            view = await self._seen(info, asker)
            if view is None or view.attributes.get("public") is not True:
                continue
            if page.offset <= total < page.offset + page.limit:
                items.append(await self._in_list(base, view, info))
            total += 1
        return JSONResponse(page_json(f"{base}v1/users/{user}/playlists", items, page, total))

    async def create_for(self, request: Request) -> Response:
        """As `create`; nobody makes a playlist for somebody else."""
        if (await identify(request, self._services)).user_id != path_id(request, "user"):
            raise Refusal("forbidden", "Everybody makes their own playlists.")
        return await self.create(request)

    # -- playlists --------------------------------------------------------------------------------------

    async def list_mine(self, request: Request) -> Response:
        user = (await identify(request, self._services)).user_id
        page = read_page(request.query_params, PLAYLISTS_LIMIT, PLAYLISTS_LIMIT_MAX)
        return await self._list_mine(request, user, page)

    async def _list_mine(self, request: Request, user: str, page: Page) -> Response:
        """Newest first. One playlist is read at a time, so that a page never holds fifty in memory."""
        infos, total = await self._services.store.documents_of(user, KIND, page.offset, page.limit)
        base = str(request.base_url)
        items = []
        for info in infos:
            view = await self._seen(info, user)
            if view is not None:
                items.append(await self._in_list(base, view, info))
        return JSONResponse(page_json(base + request.url.path.lstrip("/"), items, page, total))

    async def _seen(self, info: DocumentInfo, asker: str) -> DocumentView | None:
        """None: deleted, or its owner took the asker out, while we read the others; or it is private."""
        try:
            return await self._services.documents.read(info.head.document, asker)
        except Refusal:
            return None

    async def create(self, request: Request) -> Response:
        user = (await identify(request, self._services)).user_id
        details = await read_body(request, Details, self._body_bytes_max)
        if details.name is UNSET:
            raise Refusal("bad_request", "A playlist needs a `name`.")
        ambient = self._services.ambient
        document = await self._services.documents.create(
            user, details.attributes(), ambient.now_ms(), names_of(request, ambient).id("playlist")
        )
        base = str(request.base_url)
        view = await self._services.documents.read(document, user)
        return Response(
            encoded(playlist_json(await self._shown(base, view, EVERYTHING))),
            status_code=201,
            media_type="application/json",
            headers={"Location": playlist_url(base, document)},
        )

    async def get(self, request: Request) -> Response:
        """With its first hundred entries, which go on under the name that was used."""
        user = (await identify(request, self._services)).user_id
        mask = read_fields(request.query_params.get("fields", ""))
        view = await self._services.documents.read(path_id(request, "playlist"), user)
        shown = await self._shown(_base(request), view, mask)
        return _unless_known(request, _etag(shown), lambda: encoded(playlist_json(shown, mask)))

    async def items(self, request: Request) -> Response:
        return await self._entries(request, "items")

    async def tracks(self, request: Request) -> Response:
        return await self._entries(request, "tracks")

    async def _entries(self, request: Request, name: str) -> Response:
        """What is asked for most, and mostly has been made before."""
        user = (await identify(request, self._services)).user_id
        query = request.query_params
        page = read_page(query, TRACKS_LIMIT, TRACKS_LIMIT) if query else FIRST_PAGE
        fields = query.get("fields", "") if query else ""
        mask = read_fields(fields) if fields else EVERYTHING
        view = await self._services.documents.read(path_id(request, "playlist"), user)
        base = _base(request)

        def make() -> bytes:
            asked = {"fields": fields} if fields else {}
            return encoded(items_json(base, view, page, name, mask, asked, self._shown_items.item))

        def known() -> bytes:
            """A whole page; of the others there are as many as there are masks."""
            if fields:
                return make()
            key = (view.head.document, base, name, page.offset, page.limit)
            return self._shown_pages.page(key, view.entries, make)

        return _unless_known(request, f'"{snapshot_id(view.head)}"', known)

    async def change(self, request: Request) -> Response:
        """200 without a body, as Spotify answers. The change is an op like any other: everyone sees it."""
        user = (await identify(request, self._services)).user_id
        document = path_id(request, "playlist")
        details = await read_body(request, Details, self._body_bytes_max)
        await self._services.members.require(document, user, "rename")
        if attributes := details.attributes():
            names = names_of(request, self._services.ambient)
            await self._services.documents.edit(
                document, user, {"a": attributes}, client=names.id("edit"), is_new=not names.is_kept
            )
        return Response(status_code=200)

    # -- how it is shown --------------------------------------------------------------------------------

    async def _shown(self, base: str, view: DocumentView, mask: Mask) -> Shown:
        """A playlist with its first entries; of people, what is wanted."""
        shown = Shown(base, view, "", None, 0)
        if mask.below("owner") is not None or mask.below("followers") is not None:
            info = await self._services.store.document_info(view.head.document)
            if info is None:
                raise Refusal("not_found")
            shown = await self._with_people(base, view, info)
        return replace(shown, page=FIRST_PAGE, whole_item=self._shown_items.item)

    async def _in_list(self, base: str, view: DocumentView, info: DocumentInfo) -> Json:
        return playlist_json(await self._with_people(base, view, info))

    async def _with_people(self, base: str, view: DocumentView, info: DocumentInfo) -> Shown:
        """With its owner: whoever made it while they own it, else the first of its owners by id. Spotify's
        shape has room for one."""
        members = await self._services.store.members(info.head.document)
        owners = [user for user, role in members.items() if role == "owner"]
        owner = info.creator if info.creator in owners else min(owners, default=info.creator)
        person = await self._services.people.user(owner)
        return Shown(base, view, owner, person, len(members) - len(owners))


def _base(request: Request) -> str:
    """`base_url` of a request that names its host, as all do that come this far."""
    return f"{request.scope['scheme']}://{request.headers['host']}/"


def _etag(shown: Shown) -> str:
    """Its version, and what besides it and the address is in the answer."""
    name = shown.owner.name if shown.owner is not None else None
    rest = repr((shown.view.role, shown.owner_id, name, shown.followers))
    return f'"{snapshot_id(shown.view.head)}-{hashlib.sha256(rest.encode()).hexdigest()[:16]}"'


def _unless_known(request: Request, etag: str, make: Callable[[], bytes]) -> Response:
    """304 for whoever has this answer; it is not even made."""
    headers = {"ETag": etag, "Cache-Control": ASKED_EACH_TIME}
    if is_known(request.headers, etag):
        return Response(status_code=304, headers=headers)
    return Response(make(), headers=headers, media_type="application/json")
