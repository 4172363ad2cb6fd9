"""Endpoints of a music player, in the Spotify Web API's paths and shapes: the caller's Jam is the player.

What a role may not do is refused with the Jam's code, and with the word that existing clients know for it.
Whoever writes gets 204 and no body. Knows requests and answers. Does not know what a player does.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Final, get_args

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collab.auth import Identity
from collab.errors import CODES, Refusal
from collab.http_errors import error_response
from collab.http_player_shapes import (
    devices_json,
    player_json,
    playing_json,
    queue_json,
    reason_of,
    recent_json,
)
from collab.http_requests import NUMBER_MAX, identify, read_limit, read_number, read_optional_body
from collab.http_track_shapes import Json
from collab.ids import is_id
from collab.jam_ports import JamView
from collab.jams import now_in
from collab.player import Player, RepeatState
from collab.request_names import names_of
from collab.services import Services
from collab.uris import URI_CHARS_MAX, id_in, is_track_uri
from jam.settings import Limits
from jam.timeline import POSITION_MAX_MS

RECENT_LIMIT: Final = 20
RECENT_LIMIT_MAX: Final = 50
# As many as a Jam's context can hold.
URIS_MAX: Final = Limits().fallback
# Of times in ms since 1970, for some centuries.
_TIME_DIGITS: Final = 14
# One looks at one's current player; what is done may name another.
_LOOKING: Final = ("GET", "HEAD")
_STATES: Final[tuple[RepeatState, ...]] = get_args(RepeatState)

Uri = Annotated[str, Meta(max_length=URI_CHARS_MAX)]
Position = Annotated[int, Meta(ge=0, le=POSITION_MAX_MS, description="ms into the song.")]

_Act = Callable[[Player, Request, Identity, str], Awaitable[Response | None]]


class Offset(msgspec.Struct, frozen=True):
    """Where a list begins: at a position, or at the first copy of a track."""

    position: Annotated[int, Meta(ge=0, le=NUMBER_MAX)] | None = None
    uri: Uri | None = None


class PlayBody(msgspec.Struct, frozen=True):
    """A playlist, or tracks; neither: what stands goes on. `positionMs` is what one SDK calls
    `position_ms`."""

    context_uri: Uri | None = None
    uris: Annotated[list[Uri], Meta(max_length=URIS_MAX)] | None = None
    offset: Offset | None = None
    position_ms: Position | None = None
    positionMs: Position | None = None

    @property
    def starts_at_ms(self) -> int | None:
        return self.positionMs if self.position_ms is None else self.position_ms

    @property
    def starts_with(self) -> int | str:
        if self.offset is None:
            return 0
        return self.offset.uri if self.offset.uri is not None else self.offset.position or 0


class TransferBody(msgspec.Struct, frozen=True):
    """One of one's own Jams. `play`: the music goes on there, if it stands."""

    device_ids: Annotated[list[Annotated[str, Meta(max_length=64)]], Meta(min_length=1, max_length=1)]
    play: bool | None = None


class PlayerEndpoints:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._player: Player = services.player
        self._body_bytes_max = services.settings.limits.body_bytes_max

    def routes(self) -> list[Route]:
        def route(path: str, method: str, act: _Act) -> Route:
            return Route(f"/v1/me/player{path}", self._answering(act), methods=[method])

        return [
            route("", "GET", self._whole),
            route("", "PUT", self._transfer),
            route("/currently-playing", "GET", self._playing),
            route("/queue", "GET", self._queue),
            route("/queue", "POST", self._add),
            route("/devices", "GET", self._devices),
            route("/recently-played", "GET", self._recent),
            route("/play", "PUT", self._play),
            route("/pause", "PUT", self._pause),
            route("/next", "POST", self._next),
            route("/previous", "POST", self._previous),
            route("/seek", "PUT", self._seek),
            route("/repeat", "PUT", self._repeat),
            route("/shuffle", "PUT", self._shuffle),
            route("/volume", "PUT", self._volume),
        ]

    def _answering(self, act: _Act) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            who = await identify(request, self._services)
            try:
                device = "" if request.method in _LOOKING else request.query_params.get("device_id", "")
                if device and not is_id(device):
                    raise Refusal("no_player", "You are in no such Jam.")
                player = self._player.named(names_of(request, self._services.ambient).id)
                return await act(player, request, who, device) or Response(status_code=204)
            except Refusal as refusal:
                if CODES[refusal.code].status >= 500 or refusal.code == "outcome_unknown":
                    # Something may have been written: what is said of that is not for a player to say.
                    raise
                return error_response(refusal, reason_of(refusal, act == self._volume))

        return answer

    # -- looking ----------------------------------------------------------------------------------------

    async def _whole(self, player: Player, request: Request, who: Identity, device: str) -> Response | None:
        """204 while nothing plays or stands paused."""
        return await self._seen(player, request, who.user_id, device, player_json)

    async def _playing(self, player: Player, request: Request, who: Identity, device: str) -> Response | None:
        return await self._seen(player, request, who.user_id, device, playing_json)

    async def _seen(
        self,
        player: Player,
        request: Request,
        user: str,
        device: str,
        shape: Callable[[str, JamView, str, int], Json | None],
    ) -> Response | None:
        view = await player.look(user, device)
        if view is None:
            return None
        now_ms = now_in(view.jam, self._services.ambient.now_ms())
        found = shape(str(request.base_url), view, user, now_ms)
        return None if found is None else JSONResponse(found)

    async def _queue(self, player: Player, request: Request, who: Identity, device: str) -> Response:
        return JSONResponse(queue_json(str(request.base_url), await player.look(who.user_id, device)))

    async def _devices(self, player: Player, request: Request, who: Identity, device: str) -> Response:
        active = await player.look(who.user_id)
        return JSONResponse(devices_json(await player.devices(who.user_id), who.user_id, active))

    async def _recent(self, player: Player, request: Request, who: Identity, device: str) -> Response:
        query = request.query_params
        limit = read_limit(query, RECENT_LIMIT, RECENT_LIMIT_MAX)
        times = {
            name: read_number(query, name, digits=_TIME_DIGITS)
            for name in ("after", "before")
            if name in query
        }
        if len(times) > 1:
            raise Refusal("bad_request", "Send either `after` or `before`.")
        view = await player.look(who.user_id, device)
        base = str(request.base_url)
        return JSONResponse(
            recent_json(base, view, who.user_id, limit, times.get("after"), times.get("before"))
        )

    # -- steering ---------------------------------------------------------------------------------------

    async def _transfer(self, player: Player, request: Request, who: Identity, device: str) -> None:
        body = await read_optional_body(request, TransferBody, self._body_bytes_max)
        if body is None:
            raise Refusal("bad_request", "`device_ids` says which of your Jams.")
        [chosen] = body.device_ids
        if body.play:
            await player.resume(who.user_id, chosen)
        else:
            await player.choose(who.user_id, chosen)

    async def _play(self, player: Player, request: Request, who: Identity, device: str) -> None:
        body = await read_optional_body(request, PlayBody, self._body_bytes_max) or PlayBody()
        first, position_ms = body.starts_with, body.starts_at_ms
        match body.context_uri, body.uris:
            case None, None:
                await player.resume(who.user_id, device, position_ms)
            case str(context), None:
                playlist = id_in(context, "playlist")
                if playlist is None:
                    raise Refusal("context_unknown")
                await player.play_playlist(who, device, playlist, first, position_ms or 0)
            case None, list(uris):
                for uri in uris:
                    _check_uri(uri)
                await player.play_tracks(who, device, uris, first, position_ms or 0)
            case _:
                raise Refusal("bad_request", "Send either `context_uri` or `uris`.")

    async def _pause(self, player: Player, request: Request, who: Identity, device: str) -> None:
        await player.pause(who.user_id, device)

    async def _next(self, player: Player, request: Request, who: Identity, device: str) -> None:
        await player.next(who.user_id, device)

    async def _previous(self, player: Player, request: Request, who: Identity, device: str) -> None:
        await player.previous(who.user_id, device)

    async def _seek(self, player: Player, request: Request, who: Identity, device: str) -> None:
        await player.seek(who.user_id, device, read_number(request.query_params, "position_ms"))

    async def _repeat(self, player: Player, request: Request, who: Identity, device: str) -> None:
        wanted = request.query_params.get("state")
        state = next((state for state in _STATES if state == wanted), None)
        if state is None:
            raise Refusal("bad_request", "`state` is track, context or off.")
        await player.repeat(who.user_id, device, state)

    async def _shuffle(self, player: Player, request: Request, who: Identity, device: str) -> None:
        state = request.query_params.get("state")
        if state not in ("true", "false"):
            raise Refusal("bad_request", "`state` is true or false.")
        await player.shuffle(who.user_id, device, state == "true")

    async def _volume(self, player: Player, request: Request, who: Identity, device: str) -> None:
        percent = read_number(request.query_params, "volume_percent")
        await player.volume(who.user_id, device, percent)

    async def _add(self, player: Player, request: Request, who: Identity, device: str) -> None:
        uri = request.query_params.get("uri", "")
        _check_uri(uri)
        await player.add(who.user_id, device, uri)


def _check_uri(uri: str) -> None:
    """Raises Refusal `bad_request`."""
    if not is_track_uri(uri):
        raise Refusal("bad_request", "A track is named by its URI, such as spotify:track:….")
