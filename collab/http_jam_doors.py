"""Endpoints at the door of a Jam: coming in, and the code, picture and links that let others in."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collab.errors import Refusal
from collab.http_requests import address_of, identify, path_id, read_body
from collab.http_shapes import invite_json, join_code_json
from collab.ids import ID_LENGTH
from collab.invites import LIFE_S_MAX, LIFE_S_MIN
from collab.jam_doors import INVITE_LIFE_S, Visitor
from collab.qr import join_url, qr_png, qr_svg
from collab.services import Services
from jam.codes import TYPED_MAX


class JoinBody(msgspec.Struct, frozen=True):
    """One of the two: what was typed, or an invite's secret."""

    code: Annotated[str, Meta(max_length=TYPED_MAX)] | None = None
    invite: Annotated[str, Meta(max_length=ID_LENGTH)] | None = None


class JamInviteBody(msgspec.Struct, frozen=True):
    role: Literal["guest", "listener"]
    expires_in_s: Annotated[int, Meta(ge=LIFE_S_MIN, le=LIFE_S_MAX)] = INVITE_LIFE_S


class JamDoorEndpoints:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._doors = services.jam_doors
        self._body_bytes_max = services.settings.limits.body_bytes_max

    def routes(self) -> list[Route]:
        jam = "/v1/jams/{jam}"
        return [
            Route("/v1/jams/join", self.join, methods=["POST"]),
            Route(f"{jam}/knock", self.knock, methods=["GET"]),
            Route(f"{jam}/code", self.code, methods=["GET"]),
            Route(f"{jam}/code", self.rotate, methods=["POST"]),
            Route(f"{jam}/qr.svg", self.svg, methods=["GET"]),
            Route(f"{jam}/qr.png", self.png, methods=["GET"]),
            Route(f"{jam}/invites", self.invites, methods=["GET"]),
            Route(f"{jam}/invites", self.invite, methods=["POST"]),
            Route(f"{jam}/invites/{{invite}}", self.revoke, methods=["DELETE"]),
        ]

    async def join(self, request: Request) -> Response:
        """200 with the Jam and one's role there; null if the host has to let one in first."""
        identity = await identify(request, self._services)
        body = await read_body(request, JoinBody, self._body_bytes_max)
        who = Visitor(identity.user_id, identity.name, address_of(request))
        if body.code is not None and body.invite is None:
            admission = await self._doors.join_by_code(who, body.code)
        elif body.invite is not None and body.code is None:
            admission = await self._doors.join_by_invite(who, body.invite)
        else:
            raise Refusal("bad_request", "Send either `code` or `invite`.")
        return JSONResponse({"jam": admission.jam, "role": admission.role, "version": admission.version})

    async def knock(self, request: Request) -> Response:
        """Whether the host has still to answer; who no longer waits and is no member was denied."""
        user = (await identify(request, self._services)).user_id
        return JSONResponse({"waits": await self._doors.waits(path_id(request, "jam"), user)})

    async def code(self, request: Request) -> Response:
        """The code that opens the Jam now, for those who may let others in."""
        user = (await identify(request, self._services)).user_id
        code = await self._doors.code(path_id(request, "jam"), user)
        return JSONResponse(join_code_json(str(request.base_url), code))

    async def rotate(self, request: Request) -> Response:
        """201 with a new code; the old one and all invite links open nothing any more."""
        user = (await identify(request, self._services)).user_id
        code = await self._doors.rotate(path_id(request, "jam"), user)
        return JSONResponse(join_code_json(str(request.base_url), code), status_code=201)

    async def svg(self, request: Request) -> Response:
        return Response(qr_svg(await self._url(request)), media_type="image/svg+xml")

    async def png(self, request: Request) -> Response:
        return Response(qr_png(await self._url(request)), media_type="image/png")

    async def _url(self, request: Request) -> str:
        user = (await identify(request, self._services)).user_id
        code = await self._doors.code(path_id(request, "jam"), user)
        return join_url(str(request.base_url), code.code)

    async def invites(self, request: Request) -> Response:
        """The links that still work, without their secrets."""
        user = (await identify(request, self._services)).user_id
        live = await self._doors.invites(path_id(request, "jam"), user)
        return JSONResponse({"invites": [invite_json(invite) for invite in live]})

    async def invite(self, request: Request) -> Response:
        """201 with the secret, which is shown here and never again."""
        user = (await identify(request, self._services)).user_id
        document = path_id(request, "jam")
        body = await read_body(request, JamInviteBody, self._body_bytes_max)
        made = await self._doors.invite(document, user, body.role, body.expires_in_s)
        return JSONResponse({**invite_json(made.invite), "secret": made.secret}, status_code=201)

    async def revoke(self, request: Request) -> Response:
        user = (await identify(request, self._services)).user_id
        await self._doors.revoke(path_id(request, "jam"), user, path_id(request, "invite"))
        return Response(status_code=204)
