"""Endpoints about following playlists, in the Spotify Web API's paths and shapes.

A follower is a member who came by themselves. Since February 2026 the original has one library for all that
somebody keeps, by URIs; here that is playlists. Knows paths. Does not know what following makes of somebody:
`members` does.
"""

from collections.abc import Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collab.errors import Refusal
from collab.http_requests import identify, path_id
from collab.ids import is_id
from collab.roles import is_role
from collab.services import Services
from collab.uris import URI_CHARS_MAX, id_in

# As many as the original takes at once.
URIS_MAX: Final = 40
IDS_MAX: Final = 50


class FollowerEndpoints:
    def __init__(self, services: Services) -> None:
        self._services = services

    def routes(self) -> list[Route]:
        followers = "/v1/playlists/{playlist}/followers"
        return [
            Route(followers, self.follow, methods=["PUT"]),
            Route(followers, self.unfollow, methods=["DELETE"]),
            Route(f"{followers}/contains", self.who_follows, methods=["GET"]),
            Route("/v1/me/library", self.save, methods=["PUT"]),
            Route("/v1/me/library", self.remove, methods=["DELETE"]),
            Route("/v1/me/library/contains", self.contains, methods=["GET"]),
        ]

    async def follow(self, request: Request) -> Response:
        """200 without a body. One that comes says whether others shall see it, which is not asked here."""
        user = (await identify(request, self._services)).user_id
        await self._services.members.follow(path_id(request, "playlist"), user)
        return Response(status_code=200)

    async def unfollow(self, request: Request) -> Response:
        """200 without a body: a member has left, or the last owner has deleted the playlist."""
        user = (await identify(request, self._services)).user_id
        await self._services.members.unfollow(path_id(request, "playlist"), user)
        return Response(status_code=200)

    async def who_follows(self, request: Request) -> Response:
        user = (await identify(request, self._services)).user_id
        asked = request.query_params.get("ids")
        users = [user] if asked is None else asked.split(",", IDS_MAX)
        if len(users) > IDS_MAX or not all(map(is_id, users)):
            raise Refusal("bad_request", f"`ids` are those of up to {IDS_MAX} users, with commas between.")
        members = self._services.members
        return JSONResponse(await members.following(path_id(request, "playlist"), user, users))

    # -- the library ------------------------------------------------------------------------------------

    async def save(self, request: Request) -> Response:
        """200 without a body. If one of them cannot be seen, none is followed."""
        user = (await identify(request, self._services)).user_id
        playlists = _playlists(_uris(request))
        members = self._services.members
        for playlist in playlists:
            await members.roles_by_following(playlist, user)
        for playlist in playlists:
            await members.follow(playlist, user)
        return Response(status_code=200)

    async def remove(self, request: Request) -> Response:
        """200 without a body. If one of them cannot be seen, all stay."""
        user = (await identify(request, self._services)).user_id
        playlists = _playlists(_uris(request))
        members = self._services.members
        for playlist in playlists:
            await members.following(playlist, user, ())
        for playlist in playlists:
            await members.unfollow(playlist, user)
        return Response(status_code=200)

    async def contains(self, request: Request) -> Response:
        """Anything but a playlist that one may read is in nobody's library."""
        user = (await identify(request, self._services)).user_id
        return JSONResponse([await self._has(user, uri) for uri in _uris(request)])

    async def _has(self, user: str, uri: str) -> bool:
        playlist = id_in(uri, "playlist")
        if playlist is None:
            return False
        return is_role((await self._services.store.members(playlist)).get(user, ""))


def _uris(request: Request) -> list[str]:
    uris = request.query_params.get("uris", "").split(",", URIS_MAX)
    if len(uris) > URIS_MAX or not all(0 < len(uri) <= URI_CHARS_MAX for uri in uris):
        raise Refusal("bad_request", f"`uris` are up to {URIS_MAX} URIs, with commas between.")
    return uris


def _playlists(uris: Sequence[str]) -> list[str]:
    """Each once, in their order."""
    playlists = [id_in(uri, "playlist") for uri in uris]
    found = dict.fromkeys(playlist for playlist in playlists if playlist is not None)
    if None in playlists:
        raise Refusal("bad_request", "A library keeps playlists, such as `spotify:playlist:…`.")
    return list(found)
