"""Endpoints that give a playlist as a file, and make one of a file.

Knows requests, and how much of this node files may take: what is read is held whole, and reading it is work.
What a file says is `formats`' to read, what becomes of it `imports`'.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import quote

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collab.errors import Refusal
from collab.exports import exported
from collab.formats import FILE_BYTES_MAX, FORMATS, Listing, Unreadable, read_listing, write_listing
from collab.http_formats_shapes import imported_json
from collab.http_requests import identify, path_id, read_bytes
from collab.http_shapes import playlist_url
from collab.imports import Imports
from collab.request_names import names_of
from collab.services import Services

# Files that a node holds at once, of which a person sends one; and how long sending one may take.
IMPORTS_MAX: Final = 4
UPLOAD_S: Final = 60.0
NAME_CHARS_MAX: Final = 200
_RETRY_MS: Final = 2_000

# What file systems and headers take as it is.
_PLAIN: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
_FILE_NAME_CHARS_MAX: Final = 80
_FORBIDDEN_IN_NAMES: Final = frozenset('/\\<>:"|?*')


class FormatEndpoints:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._imports = Imports(services.documents, services.people, services.library, services.ambient)
        # Who sends a file just now.
        self._senders: set[str] = set()

    def routes(self) -> list[Route]:
        return [
            Route("/v1/playlists/{playlist}/export", self.export, methods=["GET"]),
            Route("/v1/me/playlists/import", self.take_in, methods=["POST"]),
        ]

    # -- out --------------------------------------------------------------------------------------------

    async def export(self, request: Request) -> Response:
        """The whole playlist as a file to keep."""
        user = (await identify(request, self._services)).user_id
        format = FORMATS[_format(request) or "jspf"]
        listing = await self._listing(path_id(request, "playlist"), user)
        content = await asyncio.to_thread(write_listing, listing, format.name)
        return Response(
            content,
            media_type=format.media_type,
            headers={
                "Content-Disposition": disposition(listing.title, format.name),
                "X-Content-Type-Options": "nosniff",
            },
        )

    async def _listing(self, document: str, user: str) -> Listing:
        services = self._services
        view = await services.documents.read(document, user)
        info = await services.store.document_info(document)
        if info is None:
            raise Refusal("not_found")
        catalogue = None if services.library is None else services.library.catalogue
        state = (view.attributes, view.entries)
        return await exported(services.store, services.people, catalogue, info, state, user)

    # -- in ---------------------------------------------------------------------------------------------

    async def take_in(self, request: Request) -> Response:
        """201 with the new playlist, and what became of each entry that is no song of this server."""
        user = (await identify(request, self._services)).user_id
        format, name = _format(request), request.query_params.get("name", "")
        if len(name) > NAME_CHARS_MAX:
            raise Refusal("bad_request", f"`name` has at most {NAME_CHARS_MAX} characters.")
        with self._sending(user):
            listing = await _read(request, format)
            names = names_of(request, self._services.ambient)
            imported = await self._imports.run(user, listing, name, names)
        base = str(request.base_url)
        view = await self._services.documents.read(imported.playlist, user)
        owner = await self._services.people.user(user)
        return JSONResponse(
            imported_json(base, view, user, owner, imported.report),
            status_code=201,
            headers={"Location": playlist_url(base, imported.playlist)},
        )

    @contextmanager
    def _sending(self, user: str) -> Iterator[None]:
        if user in self._senders or len(self._senders) >= IMPORTS_MAX:
            raise Refusal("busy", "Other files are read just now; try again.", _RETRY_MS)
        self._senders.add(user)
        try:
            yield
        finally:
            self._senders.discard(user)


async def _read(request: Request, format: str | None) -> Listing:
    try:
        async with asyncio.timeout(UPLOAD_S):
            content = await read_bytes(request, FILE_BYTES_MAX)
    except (TimeoutError, ClientDisconnect):
        raise Refusal("bad_request", f"The file did not come within {UPLOAD_S:.0f} s.") from None
    try:
        return await asyncio.to_thread(read_listing, content, format)
    except Unreadable as error:
        raise Refusal("file_unreadable", str(error)) from None


def _format(request: Request) -> str | None:
    format = request.query_params.get("format")
    if format is not None and format not in FORMATS:
        raise Refusal("bad_request", f"`format` is one of {', '.join(FORMATS)}.")
    return format


def disposition(title: str, ending: str) -> str:
    """A header that names a file after a playlist: in ASCII for old programs, and as it is for others (RFC
    6266). Nothing in it leads out of a folder, or hides the file."""
    name = "".join(
        " " if letter in _FORBIDDEN_IN_NAMES or not letter.isprintable() else letter for letter in title
    )
    name = " ".join(name.split())[:_FILE_NAME_CHARS_MAX].strip(" .") or "playlist"
    plain = "".join(letter if letter in _PLAIN else "_" for letter in name).strip("_") or "playlist"
    encoded = quote(f"{name}.{ending}".encode("utf-8", "replace"), safe="")
    return f"attachment; filename=\"{plain}.{ending}\"; filename*=UTF-8''{encoded}"
