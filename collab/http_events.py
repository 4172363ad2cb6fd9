"""`GET /v1/playlists/{id}/events`: a playlist as it changes, for readers without a WebSocket.

Server-Sent Events (WHATWG HTML section 9.2) over a request like any other, with its token in the header. The
first event is the state with its version, and each op after it one event; or, for whoever names the version
that they have, the ops since. Writes as fast as the peer takes it and holds no more than a piece: what
happens meanwhile `reader` keeps, up to its bound. Knows HTTP. Does not know rooms, nor who may read.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Final, assert_never

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from collab.admission import RETRY_MS as ADMISSION_RETRY_MS
from collab.errors import Refusal
from collab.http_event_shapes import HEARTBEAT, goodbye, op_event, retry, state_pieces
from collab.http_requests import address_of, identify, is_number, path_id
from collab.http_stream import STUCK_AFTER_S, PieceStream
from collab.origins import is_loopback
from collab.past import Past
from collab.reader import RETRY_MS, End, Feeds, Fresh, Reader
from collab.services import Services
from storage.store import StoreError

# Proxies end a response that says nothing for half a minute or a minute.
HEARTBEAT_S: Final = 15.0
# Who has missed more gets the state. Read and worked out so many at a time.
RESUME_VERSIONS_MAX: Final = 500
RESUME_PAGE: Final = 25
_SINCE_CHARS_MAX: Final = 64
_HEADERS: Final = {
    "Content-Type": "text/event-stream; charset=utf-8",
    # Neither kept nor compressed, and passed on by nginx as it comes.
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
}

# (epoch, version)
Position = tuple[str, int]


class EventEndpoints:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._rooms = services.rooms
        self._feeds = Feeds()

    def routes(self) -> list[Route]:
        return [Route("/v1/playlists/{playlist}/events", self.events, methods=["GET"])]

    async def events(self, request: Request) -> Response:
        identity = await identify(request, self._services)
        document = path_id(request, "playlist")
        since = read_since(request)
        address = address_of(request) or ""
        self._check_room_for(address)
        ambient = self._services.ambient
        reader = Reader(ambient.new_id(), identity, address, document, self._rooms, self._feeds)
        try:
            await reader.open()
        except BaseException:
            reader.leave()
            raise
        if request.method == "HEAD":
            reader.leave()
            return Response(headers=_HEADERS)
        told = EventStream(reader, self._services.past, since, identity.expires_ms, ambient.now_ms)
        return PieceStream(told.pieces, _HEADERS, reader.leave, STUCK_AFTER_S)

    def _check_room_for(self, address: str) -> None:
        """A stream is counted as a socket. Raises Refusal `unavailable`, `overloaded` or `rate_limited`."""
        admission, rooms, limits = self._services.admission, self._rooms, self._services.settings.limits
        if rooms.is_draining:
            admission.count("draining")
            raise Refusal("unavailable", "This node stops; come back to another.", RETRY_MS)
        if not admission.admits_sessions:
            admission.count("overloaded")
            raise Refusal("overloaded", retry_after_ms=ADMISSION_RETRY_MS)
        if rooms.socket_count >= limits.sockets_max:
            admission.count("sockets_max")
            raise Refusal("overloaded", "This node is full; try again soon.", ADMISSION_RETRY_MS)
        if not is_loopback(address) and rooms.sockets_from(address) >= limits.sockets_per_address:
            admission.count("sockets_per_address")
            raise Refusal("rate_limited", "Too many sockets from this address.", ADMISSION_RETRY_MS)


def read_since(request: Request) -> Position | None:
    """The version that the reader has: `Last-Event-ID`, which whoever comes back sends, or else `since`.
    Raises Refusal `bad_request`."""
    text = request.headers.get("last-event-id") or request.query_params.get("since")
    if text is None:
        return None
    epoch, _, version = text.rpartition(".")
    if len(text) > _SINCE_CHARS_MAX or not epoch or not is_number(version):
        raise Refusal("bad_request", "`since` or `Last-Event-ID` is a `snapshot_id`.")
    return epoch, int(version)


class EventStream:
    """What is told to one reader, piece by piece."""

    def __init__(
        self,
        reader: Reader,
        past: Past,
        since: Position | None,
        expires_ms: int,
        now_ms: Callable[[], int],
    ) -> None:
        self._reader = reader
        self._past = past
        self._since = since
        self._expires_ms = expires_ms
        self._now_ms = now_ms

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        yield retry(RETRY_MS)
        async for event in self._resumed():
            yield event
        while True:
            left_s = max(0.0, (self._expires_ms - self._now_ms()) / 1000)
            match await self._reader.next(min(HEARTBEAT_S, left_s)):
                case bytes() as event:
                    yield event
                case Fresh() as fresh:
                    for piece in state_pieces(fresh.epoch, fresh.version, fresh.role, fresh.document):
                        yield piece
                case End() as end:
                    yield goodbye(end.code, end.message, end.retry_after_ms)
                    return
                case None if self._now_ms() >= self._expires_ms:
                    self._reader.expire()
                case None:
                    yield HEARTBEAT
                case never:
                    assert_never(never)

    async def _resumed(self) -> AsyncIterator[bytes]:
        """The ops since the version that the peer has, up to where the reader began to write down; where
        that cannot be, the reader starts over."""
        reader, since = self._reader, self._since
        epoch, through = reader.epoch, reader.began_at
        after = through if since is None else since[1]
        if since is None or since[0] != epoch or not 0 <= through - after <= RESUME_VERSIONS_MAX:
            reader.start_over()
            return
        while after < through:
            page = min(after + RESUME_PAGE, through)
            try:
                told = await self._past.happened(reader.document, after, page)
            except (Refusal, StoreError):
                reader.start_over()
                return
            for step, changes in told:
                event = op_event(
                    epoch, step.version, step.author, step.by_server, changes, step.op.attributes
                )
                if event is None:
                    reader.start_over()
                    return
                yield event
            after = page
