"""Endpoints about oneself: becoming a guest, keeping one's token fresh, one's name."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collab import deeds
from collab.errors import Refusal
from collab.export import Export
from collab.guests import REFRESH_CHARS
from collab.http_requests import address_of, identify, read_body
from collab.http_shapes import me_json, session_json
from collab.http_stream import PieceStream
from collab.names import NAME_CODE_POINTS_MAX, clean_name
from collab.services import Services
from jam.codes import TYPED_MAX, shown
from storage.store import User

_EXPORT_HEADERS: Final = {
    "Content-Type": "application/json",
    "Content-Disposition": 'attachment; filename="tutti-export.json"',
}


class NameBody(msgspec.Struct, frozen=True):
    name: Annotated[str, Meta(min_length=1, max_length=NAME_CODE_POINTS_MAX)]


class DeleteBody(msgspec.Struct, frozen=True):
    """The id of whoever deletes themselves, so that nobody does so by mistake."""

    confirm: Annotated[str, Meta(max_length=64)]


class RefreshBody(msgspec.Struct, frozen=True):
    refresh_token: Annotated[str, Meta(max_length=REFRESH_CHARS)]


class LinkBody(msgspec.Struct, frozen=True):
    code: Annotated[str, Meta(max_length=TYPED_MAX)]


class PeopleEndpoints:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._export = Export(services.store, services.people, services.documents, services.jams)
        self._body_bytes_max = services.settings.limits.body_bytes_max

    def routes(self) -> list[Route]:
        return [
            Route("/v1/guest", self.become_guest, methods=["POST"]),
            Route("/v1/guest/link", self.follow_link, methods=["POST"]),
            Route("/v1/token", self.refresh, methods=["POST"]),
            Route("/v1/token/revoke", self.revoke, methods=["POST"]),
            Route("/v1/me", self.me, methods=["GET"]),
            # As spotipy and tekore ask; to a redirect tekore's `current_user` answers None.
            Route("/v1/me/", self.me, methods=["GET"]),
            Route("/v1/me", self.rename, methods=["PUT"]),
            Route("/v1/me", self.delete, methods=["DELETE"]),
            Route("/v1/me/export", self.export, methods=["GET"]),
            Route("/v1/me/link", self.make_link, methods=["POST"]),
        ]

    async def become_guest(self, request: Request) -> Response:
        """201 with a session. The only endpoint that makes somebody out of nobody, so it is counted."""
        body = await read_body(request, NameBody, self._body_bytes_max)
        # A name is checked first: a typo must not use up one of twenty.
        name = clean_name(body.name)
        self._services.admission.check_guest()
        await self._services.limits.count_guest(address_of(request))
        return JSONResponse(session_json(await self._services.guests.create(name)), status_code=201)

    async def follow_link(self, request: Request) -> Response:
        """200 with a session of whoever made the code, for one more device of theirs."""
        await self._services.limits.count_stranger(address_of(request))
        body = await read_body(request, LinkBody, self._body_bytes_max)
        session = await self._services.device_links.follow(body.code, address_of(request))
        return JSONResponse(session_json(session))

    async def refresh(self, request: Request) -> Response:
        """200 with the next session of the same person; the refresh token that came is used up."""
        await self._services.limits.count_stranger(address_of(request))
        body = await read_body(request, RefreshBody, self._body_bytes_max)
        return JSONResponse(session_json(await self._services.guests.refresh(body.refresh_token)))

    async def revoke(self, request: Request) -> Response:
        """204, whether or not there was something to revoke (RFC 7009 section 2.2)."""
        await self._services.limits.count_stranger(address_of(request))
        body = await read_body(request, RefreshBody, self._body_bytes_max)
        await self._services.guests.revoke(body.refresh_token)
        return Response(status_code=204)

    async def me(self, request: Request) -> Response:
        identity = await identify(request, self._services)
        return JSONResponse(me_json(str(request.base_url), await self._user(identity.user_id)))

    async def rename(self, request: Request) -> Response:
        """The new name is in tokens from the next one on; rooms show it from the next connection on."""
        identity = await identify(request, self._services)
        body = await read_body(request, NameBody, self._body_bytes_max)
        if not await self._services.people.rename_user(identity.user_id, clean_name(body.name)):
            raise Refusal("token_invalid")
        deeds.note()
        return JSONResponse(me_json(str(request.base_url), await self._user(identity.user_id)))

    async def delete(self, request: Request) -> Response:
        """204: this person is gone, for good. The body says so once more, by their id."""
        user = (await identify(request, self._services)).user_id
        body = await read_body(request, DeleteBody, self._body_bytes_max)
        if body.confirm != user:
            raise Refusal("bad_request", "To delete yourself, send your own id as `confirm`.")
        await self._services.departure.delete(user)
        return Response(status_code=204)

    async def export(self, request: Request) -> Response:
        """All that is known of whoever asks, as one JSON document that is made while it is read."""
        identity = await identify(request, self._services)
        user = await self._user(identity.user_id)
        if request.method == "HEAD":
            return Response(headers=_EXPORT_HEADERS)
        await self._services.limits.count_export(user.id)
        now_ms = self._services.ambient.now_ms()
        return PieceStream(lambda: self._export.pieces(user, now_ms), _EXPORT_HEADERS)

    async def make_link(self, request: Request) -> Response:
        """201 with a code by which another device becomes this person, once."""
        identity = await identify(request, self._services)
        link = await self._services.device_links.make(identity.user_id)
        return JSONResponse({"code": shown(link.code), "expires_at": link.expires_ms}, status_code=201)

    async def _user(self, user_id: str) -> User:
        user = await self._services.people.user(user_id)
        if user is None:
            raise Refusal("token_invalid")
        return user
