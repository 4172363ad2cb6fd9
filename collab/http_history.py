"""Endpoints about a playlist's past: what happened, what it was, and the way back.

Reading takes the role that reading the playlist takes. Going back changes the playlist for everybody and has
actions of its own in the role table.
"""

from collections.abc import Iterable
from typing import Annotated, Final

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collab.errors import Refusal
from collab.history import Step
from collab.http_history_shapes import (
    People,
    difference_json,
    happened_json,
    history_json,
    life_json,
    state_json,
)
from collab.http_requests import NUMBER_MAX, identify, is_number, path_id, read_body, read_limit, read_number
from collab.ids import ID_LENGTH
from collab.roles import Action
from collab.services import Services

HISTORY_LIMIT: Final = 20
HISTORY_LIMIT_MAX: Final = 50
# Milliseconds since 1970, for longer than the year 5000.
TIME_DIGITS: Final = 14


class RestoreBody(msgspec.Struct, frozen=True):
    version: Annotated[int, Meta(ge=0, le=NUMBER_MAX)]


class TakeBackBody(msgspec.Struct, frozen=True):
    """Whose part, and the last version before what is to be taken back."""

    user: Annotated[str, Meta(max_length=ID_LENGTH)]
    since: Annotated[int, Meta(ge=0, le=NUMBER_MAX)]


class HistoryEndpoints:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._past = services.past
        self._way_back = services.way_back
        self._body_bytes_max = services.settings.limits.body_bytes_max

    def routes(self) -> list[Route]:
        playlist = "/v1/playlists/{playlist}"
        return [
            Route(f"{playlist}/history", self.history, methods=["GET"]),
            Route(f"{playlist}/history/{{uid}}", self.life, methods=["GET"]),
            Route(f"{playlist}/versions", self.state_at_time, methods=["GET"]),
            Route(f"{playlist}/versions/{{version}}", self.state, methods=["GET"]),
            Route(f"{playlist}/diff", self.diff, methods=["GET"]),
            Route(f"{playlist}/restore", self.restore, methods=["POST"]),
            Route(f"{playlist}/take-back", self.take_back, methods=["POST"]),
        ]

    async def history(self, request: Request) -> Response:
        """The versions below `before`, newest first: who did what, and when."""
        document, _ = await self._admit(request, "read")
        limit = read_limit(request.query_params, HISTORY_LIMIT, HISTORY_LIMIT_MAX)
        head = await self._past.head(document)
        before = read_number(request.query_params, "before", head.version + 1)
        newest = max(head.horizon, min(before - 1, head.version))
        after = max(head.horizon, newest - limit)
        told = await self._past.happened(document, after, newest)
        people = await self._people(step for step, _ in told)
        items = [happened_json(head, step, changes, people) for step, changes in reversed(told)]
        return JSONResponse(history_json(str(request.base_url), head, items, limit, after))

    async def life(self, request: Request) -> Response:
        """Who added, edited, moved or removed one entry, and when; oldest first."""
        document, _ = await self._admit(request, "read")
        uid = str(request.path_params["uid"])
        life = await self._past.life_of(document, uid)
        people = await self._people(step for step, _ in life.events)
        return JSONResponse(life_json(uid, life, people))

    async def state(self, request: Request) -> Response:
        """The whole playlist as it was at a version."""
        document, _ = await self._admit(request, "read")
        version = str(request.path_params["version"])
        if not is_number(version):
            raise Refusal("not_found", "There is no such version.")
        return await self._state(document, int(version))

    async def state_at_time(self, request: Request) -> Response:
        """The whole playlist as it was at a time."""
        document, _ = await self._admit(request, "read")
        at_ms = read_number(request.query_params, "at", digits=TIME_DIGITS)
        return await self._state(document, await self._past.version_at(document, at_ms))

    async def diff(self, request: Request) -> Response:
        """What leads from one version to another, as an op and in words."""
        document, _ = await self._admit(request, "read")
        from_version = read_number(request.query_params, "from")
        to_version = read_number(request.query_params, "to")
        difference = await self._past.difference(document, from_version, to_version)
        return JSONResponse(difference_json(from_version, to_version, difference))

    async def restore(self, request: Request) -> Response:
        """The playlist becomes what it was at a version, as one op that everybody sees."""
        document, user = await self._admit(request, "restore")
        body = await read_body(request, RestoreBody, self._body_bytes_max)
        return JSONResponse({"version": await self._way_back.restore(document, user, body.version)})

    async def take_back(self, request: Request) -> Response:
        """What one person did since a version is undone, as one op that everybody sees."""
        document, user = await self._admit(request, "take_back")
        body = await read_body(request, TakeBackBody, self._body_bytes_max)
        version = await self._way_back.take_back(document, user, body.user, body.since)
        return JSONResponse({"version": version})

    async def _admit(self, request: Request, action: Action) -> tuple[str, str]:
        """The playlist that is asked about, and who asks; only for those who may do this."""
        user = (await identify(request, self._services)).user_id
        document = path_id(request, "playlist")
        await self._services.members.require(document, user, action)
        return document, user

    async def _state(self, document: str, version: int) -> Response:
        state = await self._past.state_at(document, version)
        return JSONResponse(state_json(state, await self._people([state.step] if state.step else [])))

    async def _people(self, steps: Iterable[Step]) -> People:
        return await self._services.people.users(sorted({step.author for step in steps}))
