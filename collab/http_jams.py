"""Endpoints about Jams: made, looked at, steered without a socket, ended, and looked back on."""

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collab.codec import Encoding, decode_client
from collab.errors import BadMessage, Refusal
from collab.fields import NAME_CHARS_MAX
from collab.http_jam_shapes import jam_json, jam_url, recap_json, whole_jam_json
from collab.http_requests import identify, path_id, read_body, read_page
from collab.http_shapes import Json, join_code_json, page_json, playlist_url
from collab.ids import ID_LENGTH
from collab.jam_ports import JamView
from collab.jams import KIND, now_in
from collab.messages import Body, Submit
from collab.recap_picture import recap_picture
from collab.request_names import names_of
from collab.services import Services
from jam.hosting import NAME_CODE_POINTS_MAX
from jam.settings import Mode

JAMS_LIMIT: Final = 20
JAMS_LIMIT_MAX: Final = 50
# A command as it would stand in a frame: whoever sends it this way is held to the same limits.
_FRAME: Final = b'[{"type":"submit","room":"","seq":1,"base":0,"op":%s}]'


# Described here, and looked at by the Jam, which has a code of its own for it.
JAM_NAME: Final = Meta(extra_json_schema={"minLength": 1, "maxLength": NAME_CODE_POINTS_MAX})


class NewJam(msgspec.Struct, frozen=True):
    """`settings` by name, as in the command `set`; `playlist` gives the songs that play when people's are
    out."""

    name: Annotated[str, JAM_NAME] | None = None
    mode: Mode | None = None
    settings: dict[str, Any] = {}
    playlist: Annotated[str, Meta(max_length=ID_LENGTH)] | None = None

    def changes(self) -> Body:
        named = {"name": self.name, "mode": self.mode}
        return {**self.settings, **{name: value for name, value in named.items() if value is not None}}


class CommandBody(msgspec.Struct, frozen=True):
    """One command, in its wire form."""

    command: msgspec.Raw

    def read(self) -> Body:
        """Raises Refusal `bad_request`."""
        try:
            [message] = decode_client(_FRAME % bytes(self.command), Encoding.JSON, assembled=True).messages
        except BadMessage as bad:
            raise Refusal("bad_request", bad.message) from None
        assert isinstance(message, Submit), "the frame says so"
        return message.op


class SaveBody(msgspec.Struct, frozen=True):
    """What the playlist is called; by default as the Jam."""

    name: Annotated[str, Meta(extra_json_schema={"minLength": 1, "maxLength": NAME_CHARS_MAX})] | None = None


class JamEndpoints:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._jams = services.jams
        self._body_bytes_max = services.settings.limits.body_bytes_max

    def routes(self) -> list[Route]:
        jam = "/v1/jams/{jam}"
        return [
            Route("/v1/me/jams", self.list_mine, methods=["GET"]),
            Route("/v1/jams", self.create, methods=["POST"]),
            Route(jam, self.get, methods=["GET"]),
            Route(jam, self.delete, methods=["DELETE"]),
            Route(f"{jam}/commands", self.command, methods=["POST"]),
            Route(f"{jam}/recap", self.recap, methods=["GET"]),
            Route(f"{jam}/recap.svg", self.picture, methods=["GET"]),
            Route(f"{jam}/playlist", self.save, methods=["POST"]),
        ]

    async def list_mine(self, request: Request) -> Response:
        """Newest first. One Jam is read at a time, so that a page never holds fifty in memory."""
        user = (await identify(request, self._services)).user_id
        page = read_page(request.query_params, JAMS_LIMIT, JAMS_LIMIT_MAX)
        infos, total = await self._services.store.documents_of(user, KIND, page.offset, page.limit)
        base = str(request.base_url)
        items = []
        for info in infos:
            try:
                view = await self._jams.read(info.head.document, user)
            except Refusal:  # deleted, or the user was taken out, while we read the others
                continue
            items.append(jam_json(base, view, user, await self._services.people.user(view.jam.host)))
        return JSONResponse(page_json(f"{base}v1/me/jams", items, page, total))

    async def create(self, request: Request) -> Response:
        """201 with the Jam and the code that opens it."""
        identity = await identify(request, self._services)
        body = await read_body(request, NewJam, self._body_bytes_max)
        document = await self._jams.create(identity.user_id, identity.name, body.changes(), body.playlist)
        code = await self._services.jam_doors.code(document, identity.user_id)
        base = str(request.base_url)
        view = await self._jams.read(document, identity.user_id)
        return _answer(
            {**await self._whole(base, view, identity.user_id), "code": join_code_json(base, code)},
            status_code=201,
            headers={"Location": jam_url(base, document)},
        )

    async def get(self, request: Request) -> Response:
        user = (await identify(request, self._services)).user_id
        view = await self._jams.read(path_id(request, "jam"), user)
        return _answer(await self._whole(str(request.base_url), view, user))

    async def delete(self, request: Request) -> Response:
        user = (await identify(request, self._services)).user_id
        await self._jams.delete(path_id(request, "jam"), user)
        return Response(status_code=204)

    async def command(self, request: Request) -> Response:
        """200 with the version that the command became, or the present one if it changed nothing."""
        user = (await identify(request, self._services)).user_id
        document = path_id(request, "jam")
        body = await read_body(request, CommandBody, self._body_bytes_max)
        client = names_of(request, self._services.ambient).id("command")
        return JSONResponse({"version": await self._jams.command(document, user, body.read(), client)})

    async def recap(self, request: Request) -> Response:
        user = (await identify(request, self._services)).user_id
        document = path_id(request, "jam")
        return _answer(recap_json(document, await self._jams.recap(document, user)))

    async def picture(self, request: Request) -> Response:
        user = (await identify(request, self._services)).user_id
        recap = await self._jams.recap(path_id(request, "jam"), user)
        return Response(recap_picture(recap), media_type="image/svg+xml")

    async def save(self, request: Request) -> Response:
        """201 with the new playlist's id."""
        user = (await identify(request, self._services)).user_id
        document = path_id(request, "jam")
        body = await read_body(request, SaveBody, self._body_bytes_max)
        saved = await self._jams.save(document, user, body.name)
        return JSONResponse(
            {"playlist": saved.playlist, "version": saved.version, "songs": saved.songs},
            status_code=201,
            headers={"Location": playlist_url(str(request.base_url), saved.playlist)},
        )

    async def _whole(self, base: str, view: JamView, user: str) -> Json:
        host = await self._services.people.user(view.jam.host)
        return whole_jam_json(base, view, user, host, now_in(view.jam, self._services.ambient.now_ms()))


def _answer(body: Json, status_code: int = 200, headers: dict[str, str] | None = None) -> Response:
    """As JSONResponse, for what holds structs: a long recap is written in a tenth of the time."""
    return Response(msgspec.json.encode(body), status_code, headers, media_type="application/json")
