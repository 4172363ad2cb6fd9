"""Endpoints about who belongs to a playlist: members, their roles, and the links that invite more."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collab.errors import Refusal
from collab.http_requests import identify, path_id, read_body, read_page
from collab.http_shapes import invite_json, member_json, page_json, playlist_url
from collab.ids import ID_LENGTH
from collab.invites import LIFE_S, LIFE_S_MAX, LIFE_S_MIN
from collab.roles import PlaylistRole, rank
from collab.services import Services

# A page; all of them, but of a public playlist with very many followers.
MEMBERS_LIMIT: Final = 1_000


class RoleBody(msgspec.Struct, frozen=True):
    role: PlaylistRole


class InviteBody(msgspec.Struct, frozen=True):
    role: Literal["editor", "viewer"]
    expires_in_s: Annotated[int, Meta(ge=LIFE_S_MIN, le=LIFE_S_MAX)] = LIFE_S


class AcceptBody(msgspec.Struct, frozen=True):
    secret: Annotated[str, Meta(max_length=ID_LENGTH)]


class MemberEndpoints:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._body_bytes_max = services.settings.limits.body_bytes_max

    def routes(self) -> list[Route]:
        playlist = "/v1/playlists/{playlist}"
        return [
            Route(f"{playlist}/members", self.members, methods=["GET"]),
            Route(f"{playlist}/members/{{user}}", self.member, methods=["GET"]),
            Route(f"{playlist}/members/{{user}}", self.set_role, methods=["PUT"]),
            Route(f"{playlist}/members/{{user}}", self.remove, methods=["DELETE"]),
            Route(f"{playlist}/invites", self.invites, methods=["GET"]),
            Route(f"{playlist}/invites", self.invite, methods=["POST"]),
            Route(f"{playlist}/invites/{{invite}}", self.revoke, methods=["DELETE"]),
            Route("/v1/invites/accept", self.accept, methods=["POST"]),
        ]

    async def members(self, request: Request) -> Response:
        """Who belongs to the playlist, for any of them; first those whose roles allow the most."""
        user = (await identify(request, self._services)).user_id
        page = read_page(request.query_params, MEMBERS_LIMIT, MEMBERS_LIMIT)
        document = path_id(request, "playlist")
        members = await self._services.members.require(document, user, "read")
        ordered = sorted(members, key=lambda id_: (-rank(members[id_]), id_))
        shown = ordered[page.offset : page.offset + page.limit]
        users = await self._services.people.users(shown)
        items = [member_json(id_, users.get(id_), members[id_]) for id_ in shown]
        href = f"{playlist_url(str(request.base_url), document)}/members"
        whole = page_json(href, items, page, len(members))
        return JSONResponse({"members": whole.pop("items"), **whole})

    async def member(self, request: Request) -> Response:
        """One of them, for any of them."""
        user = (await identify(request, self._services)).user_id
        document, member = path_id(request, "playlist"), path_id(request, "user")
        members = await self._services.members.require(document, user, "read")
        if member not in members:
            raise Refusal("not_found", "There is no such member.")
        person = await self._services.people.user(member)
        return JSONResponse(member_json(member, person, members[member]))

    async def set_role(self, request: Request) -> Response:
        user = (await identify(request, self._services)).user_id
        document, member = path_id(request, "playlist"), path_id(request, "user")
        body = await read_body(request, RoleBody, self._body_bytes_max)
        await self._services.members.set_role(document, user, member, body.role)
        person = await self._services.people.user(member)
        return JSONResponse(member_json(member, person, body.role))

    async def remove(self, request: Request) -> Response:
        """Somebody is out, and the playlist's invite links with them; or one leaves by oneself."""
        user = (await identify(request, self._services)).user_id
        document, member = path_id(request, "playlist"), path_id(request, "user")
        await self._services.members.remove(document, user, member)
        return Response(status_code=204)

    async def invites(self, request: Request) -> Response:
        """The links that still work, without their secrets."""
        user = (await identify(request, self._services)).user_id
        live = await self._services.invites.live(path_id(request, "playlist"), user)
        return JSONResponse({"invites": [invite_json(invite) for invite in live]})

    async def invite(self, request: Request) -> Response:
        """201 with the secret, which is shown here and never again."""
        user = (await identify(request, self._services)).user_id
        document = path_id(request, "playlist")
        body = await read_body(request, InviteBody, self._body_bytes_max)
        made = await self._services.invites.create(document, user, body.role, body.expires_in_s)
        return JSONResponse({**invite_json(made.invite), "secret": made.secret}, status_code=201)

    async def revoke(self, request: Request) -> Response:
        user = (await identify(request, self._services)).user_id
        document, invite = path_id(request, "playlist"), path_id(request, "invite")
        await self._services.invites.revoke(document, user, invite)
        return Response(status_code=204)

    async def accept(self, request: Request) -> Response:
        user = (await identify(request, self._services)).user_id
        body = await read_body(request, AcceptBody, self._body_bytes_max)
        joined = await self._services.invites.accept(body.secret, user)
        return JSONResponse({"playlist": joined.document, "role": joined.role})
