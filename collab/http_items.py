"""Writing to a playlist's items, in the Spotify Web API's paths and shapes.

A request becomes one op on the list that its author saw: the newest, or that of `snapshot_id`. It goes
through the room like an edit from a socket, so what happened since meets it in the algebra, and everyone
there sees it at once. Knows bodies, and how an edit is asked for. What one means for a list is said in
`item_edits`.
"""

from collections.abc import Callable
from typing import Annotated, Final, cast

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collab.errors import Refusal
from collab.http_ports import DocumentView
from collab.http_requests import (
    DIGITS_MAX,
    identify,
    is_number,
    path_id,
    read_body,
    read_number,
    read_optional_body,
)
from collab.http_shapes import Json, snapshot_id
from collab.item_edits import (
    ITEMS_MAX,
    Wanted,
    adding,
    ids_of,
    new_entries,
    removing,
    removing_at,
    reordering,
    replacing,
)
from collab.request_names import names_of
from collab.roles import allowed
from collab.services import Services
from collab.uris import URI_CHARS_MAX, is_track_uri
from ot.document import Document
from ot.op import Op, encode, is_identity
from ot.value import Entry

# More than any list has.
_PLACE_MAX: Final = 10**DIGITS_MAX - 1

Place = Annotated[int, Meta(ge=0, le=_PLACE_MAX)]
Places = Annotated[list[Place], Meta(max_length=ITEMS_MAX)]
Uri = Annotated[str, Meta(min_length=3, max_length=URI_CHARS_MAX)]
Uris = Annotated[list[Uri], Meta(max_length=ITEMS_MAX)]
SnapshotId = Annotated[str, Meta(min_length=1, max_length=64)]

# The op for a list as it was seen. New entries have uids of this client id.
_Builder = Callable[[Document, str], Op]


class NewItems(msgspec.Struct, frozen=True, omit_defaults=True):
    """Tracks to add before the item at `position`, or at the end."""

    uris: Uris | None = None
    position: Place | None = None
    snapshot_id: SnapshotId | None = None


# Whoever reads a body hands its shape to msgspec, which knows unions.
_NEW_ITEMS: Final = cast(type[NewItems], NewItems | Uris)


class OtherItems(msgspec.Struct, frozen=True, omit_defaults=True):
    """Either `uris`, which the playlist holds from now on; or a range, which is put before another item."""

    uris: Uris | None = None
    range_start: Place | None = None
    insert_before: Place | None = None
    range_length: Annotated[int, Meta(ge=1, le=_PLACE_MAX)] | None = None
    snapshot_id: SnapshotId | None = None


class GoneItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """A track to remove: every copy, or those at `positions`."""

    uri: Uri
    positions: Places | None = None


class GoneItems(msgspec.Struct, frozen=True, omit_defaults=True):
    """What to remove, in one of three ways; `tracks` is the older name of `items`."""

    items: Annotated[list[GoneItem], Meta(max_length=ITEMS_MAX)] | None = None
    tracks: Annotated[list[GoneItem], Meta(max_length=ITEMS_MAX)] | None = None
    positions: Places | None = None
    snapshot_id: SnapshotId | None = None


class ItemEndpoints:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._body_bytes_max = services.settings.limits.body_bytes_max

    def routes(self) -> list[Route]:
        routes = []
        for name in ("items", "tracks"):
            path = f"/v1/playlists/{{playlist}}/{name}"
            routes += [
                Route(path, self.add, methods=["POST"]),
                Route(path, self.change, methods=["PUT"]),
                Route(path, self.remove, methods=["DELETE"]),
            ]
        return routes

    async def add(self, request: Request) -> Response:
        user = (await identify(request, self._services)).user_id
        asked = await self._new_items(request)
        if not asked.uris:
            raise Refusal("bad_request", "Name the tracks to add in `uris`.")
        entries = await self._entries(asked.uris, user)
        return await self._edit(
            request,
            user,
            lambda seen, client: adding(seen, entries(client), asked.position),
            asked.snapshot_id,
            status=201,
        )

    async def change(self, request: Request) -> Response:
        """Reorders or replaces, by what is asked for."""
        user = (await identify(request, self._services)).user_id
        uris = _uris_of_query(request)
        if uris is not None:
            beside = await read_optional_body(request, OtherItems, self._body_bytes_max)
            asked = msgspec.structs.replace(beside or OtherItems(), uris=uris)
        else:
            asked = await read_body(request, OtherItems, self._body_bytes_max)
        has_range = (asked.range_start, asked.insert_before, asked.range_length) != (None, None, None)
        if asked.uris is not None:
            if has_range:
                raise Refusal("bad_request", "Send either `uris` or a range to move, not both.")
            entries = await self._entries(asked.uris, user)
            return await self._edit(
                request, user, lambda seen, client: replacing(seen, entries(client)), asked.snapshot_id
            )
        if asked.range_start is None or asked.insert_before is None:
            raise Refusal("bad_request", "Send `uris`, or `range_start` and `insert_before`.")
        start, before, count = asked.range_start, asked.insert_before, asked.range_length or 1
        return await self._edit(
            request, user, lambda seen, client: reordering(seen, start, count, before), asked.snapshot_id
        )

    async def remove(self, request: Request) -> Response:
        user = (await identify(request, self._services)).user_id
        asked = await read_body(request, GoneItems, self._body_bytes_max)
        ways = [way for way in (asked.items, asked.tracks, asked.positions) if way is not None]
        if len(ways) != 1:
            raise Refusal("bad_request", "Name what to remove in one of `items`, `tracks` and `positions`.")
        if asked.positions is not None:
            positions = asked.positions
            return await self._edit(
                request, user, lambda seen, client: removing_at(seen, positions), asked.snapshot_id
            )
        named = asked.items if asked.items is not None else asked.tracks or []
        wanted = [Wanted(it.uri, None if it.positions is None else tuple(it.positions)) for it in named]
        return await self._edit(request, user, lambda seen, client: removing(seen, wanted), asked.snapshot_id)

    # -- one edit ---------------------------------------------------------------------------------------

    async def _edit(
        self, request: Request, user: str, build: _Builder, snapshot: str | None, status: int = 200
    ) -> Response:
        document = path_id(request, "playlist")
        documents = self._services.documents
        view = await documents.read(document, user)
        if not allowed("submit", view.role):
            raise Refusal("forbidden")
        names = names_of(request, self._services.ambient)
        client = names.id("edit")
        version = await documents.outcome(document, client) if names.is_kept else None
        if version is None:
            base, seen = await self._seen(view, snapshot)
            op = build(seen, client)
            if is_identity(op) and not names.is_kept:
                version = view.head.version
            else:
                version = await documents.edit(
                    document,
                    user,
                    encode(op),
                    base=base,
                    epoch=view.head.epoch,
                    client=client,
                    is_new=not names.is_kept,
                )
        answer: Json = {"snapshot_id": snapshot_id(view.head, version)}
        return JSONResponse(answer, status_code=status)

    async def _seen(self, view: DocumentView, snapshot: str | None) -> tuple[int, Document]:
        """The version that the request is written against, and the list as it was then."""
        version = view.head.version
        if snapshot is not None:
            version = await self._version_of(view, snapshot)
        if version == view.head.version:
            # Looked at only; a state is not changed once it is committed.
            return version, Document(cast(list[Entry], view.entries), dict(view.attributes))
        try:
            state = await self._services.past.state_at(view.head.document, version)
        except Refusal as refusal:
            if refusal.code == "history_gone":
                raise Refusal("base_gone") from None
            raise
        return version, state.document

    async def _version_of(self, view: DocumentView, snapshot: str) -> int:
        epoch, _, digits = snapshot.rpartition(".")
        if epoch == view.head.epoch and is_number(digits):
            version = int(digits)
            # What another node answered may be ahead of the room that is here.
            newest = view.head
            if version > newest.version:
                newest = await self._services.past.head(view.head.document)
            if version <= newest.version:
                return version
        raise Refusal("bad_request", "`snapshot_id` names no version of this playlist.")

    async def _entries(self, uris: list[str], user: str) -> Callable[[str], list[Entry]]:
        """New entries for these tracks, by the client id that inserts them."""
        for uri in uris:
            if not is_track_uri(uri):
                raise Refusal("bad_request", f"{uri[:80]!r} is no URI of a track.")
        library = self._services.library
        ids = ids_of(uris)
        songs = await library.songs(ids) if library is not None and ids else {}
        now_ms = self._services.ambient.now_ms()
        return lambda client: new_entries(uris, songs, client, user, now_ms)

    async def _new_items(self, request: Request) -> NewItems:
        """Of the query, and of a body, which may be the bare array of URIs. If the query names tracks, those
        of a body are passed over, as the original does; what else stands there is not."""
        position = None
        if "position" in request.query_params:
            position = read_number(request.query_params, "position")
        uris = _uris_of_query(request)
        if uris is None:
            read: NewItems | None = await read_body(request, _NEW_ITEMS, self._body_bytes_max)
        else:
            read = await read_optional_body(request, _NEW_ITEMS, self._body_bytes_max)
        body = cast(NewItems | list[str] | None, read)
        if isinstance(body, list):
            body = NewItems(body)
        body = body or NewItems()
        return NewItems(
            body.uris if uris is None else uris,
            position if body.position is None else body.position,
            body.snapshot_id,
        )


def _uris_of_query(request: Request) -> list[str] | None:
    """Those of `?uris=`, with commas between them; None if there is no such parameter."""
    text = request.query_params.get("uris")
    if text is None:
        return None
    uris = [uri for uri in text.split(",") if uri]
    if len(uris) > ITEMS_MAX:
        raise Refusal("bad_request", f"One request takes at most {ITEMS_MAX} items.")
    return uris
