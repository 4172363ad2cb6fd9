"""What every request that writes passes: `Idempotency-Key`, and no failure that hides a success.

Clients repeat what ends with a 5xx, so a request that may have written something never ends with one, unless
it bears a key: then the repeat finds what was written. A key is claimed in the store before anything else; a
repeat gets the answer that was kept, or, if that was lost with its node, does the same again under the same
names (`request_names`). Knows requests and answers. Does not know what any endpoint writes: whoever writes
notes it (`deeds`).
"""

import asyncio
import functools
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final, TypeAlias
from weakref import WeakValueDictionary

import structlog
from msgspec import DecodeError, Struct, msgpack
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Message

from collab import deeds
from collab.covers import COVER_CHARS_MAX
from collab.errors import CODES, Refusal
from collab.formats import FILE_BYTES_MAX
from collab.http_errors import error_response, refusal_of
from collab.http_requests import identify, read_bytes
from collab.request_names import give_names, kept_names
from collab.services import Services
from storage.store import Claim, OutcomeUnknown, StoreError

log = structlog.get_logger("tutti.http")

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]

KEY_HEADER: Final = "Idempotency-Key"
KEY_CHARS_MAX: Final = 255
# For one user at a time: one every two seconds, day and night.
KEYS_MAX: Final = 50_000
# With a key a body is read before its endpoint is asked. These take more than others do, and a node holds few
# of them at once, each for no longer than a person may take to send it.
_LARGE: Final = {
    "/v1/me/playlists/import": FILE_BYTES_MAX,
    "/v1/playlists/{playlist}/images": COVER_CHARS_MAX,
}
_LARGE_MAX: Final = 4
_LARGE_S: Final = 60.0
# Larger answers are not kept; a repeat makes them anew.
ANSWER_BYTES_MAX: Final = 64 * 1024

_WRITING: Final = frozenset(("POST", "PUT", "DELETE"))
# Whoever asks for these has no token yet, so no key of theirs could be told from another's.
_OF_NOBODY: Final = frozenset(("/v1/guest", "/v1/guest/link", "/v1/token", "/v1/token/revoke"))
# Their answers hold a secret, of which the database has no more than the hash. A repeat makes another one.
_SECRET: Final = ("/invites", "/me/link")
_KEPT_HEADERS: Final = ("content-type", "location", "etag")
# Not answers to the request: it may come again and fare better.
_PASSING: Final = frozenset((401, 429))

_DONE: Final = "It took effect, but the rest of the answer is lost; look before you ask for it again."


class _Answer(Struct, frozen=True, array_like=True):
    """A response as it is kept."""

    status: int
    headers: dict[str, str]
    body: bytes


class Writes:
    """Wraps the endpoints that write."""

    def __init__(self, services: Services) -> None:
        self._services = services
        # So that of two at once on this node the second waits for the answer of the first.
        self._turns: WeakValueDictionary[tuple[str, bytes], asyncio.Lock] = WeakValueDictionary()
        self._large = 0

    def wrapped(self, routes: Sequence[BaseRoute]) -> list[BaseRoute]:
        """The same routes; those that write for a user pass here."""
        return [self._wrapped(route) for route in routes]

    def _wrapped(self, route: BaseRoute) -> BaseRoute:
        if (
            not isinstance(route, Route)
            or route.path in _OF_NOBODY
            or not _WRITING & (route.methods or set())
        ):
            return route
        endpoint: Endpoint = route.endpoint

        @functools.wraps(endpoint)
        async def pass_here(request: Request) -> Response:
            if request.method not in _WRITING:
                return await endpoint(request)
            key = request.headers.get(KEY_HEADER)
            if key is None:
                return await self._once(endpoint, request)
            return await self._by_key(endpoint, request, key, route.path)

        return Route(route.path, pass_here, methods=sorted(route.methods or ()), name=route.name)

    async def _once(self, endpoint: Endpoint, request: Request) -> Response:
        with deeds.watched() as done:
            try:
                return await endpoint(request)
            except OutcomeUnknown as error:
                raise Refusal("outcome_unknown") from error
            except Exception as error:
                if done.any and CODES[refusal_of(error).code].status >= 500:
                    log.warning("answer_lost", path=request.url.path, exc_info=error)
                    raise Refusal("outcome_unknown", _DONE) from error
                raise

    # -- with a key -------------------------------------------------------------------------------------

    async def _by_key(self, endpoint: Endpoint, request: Request, key: str, path: str) -> Response:
        user = (await identify(request, self._services)).user_id
        if not 1 <= len(key) <= KEY_CHARS_MAX or not key.isascii() or not key.isprintable():
            raise Refusal("bad_request", f"A key has 1 to {KEY_CHARS_MAX} characters of ASCII.")
        body = await self._body(request, path)
        key_hash = hashlib.sha256(key.encode()).digest()
        wanted = Claim(user, key_hash, _hash(request, body), self._services.ambient.now_ms())
        async with self._turn(user, key_hash):
            claim = await self._services.store.claim_request(wanted, KEYS_MAX)
            if claim is None:
                raise Refusal("rate_limited", "Too many keys; go on without, or wait.", retry_after_ms=60_000)
            if claim.request_hash != wanted.request_hash:
                raise Refusal("key_reused")
            if (kept := _kept(claim)) is not None:
                return kept
            again = _with_body(request, body)
            give_names(again, kept_names(user, key_hash, claim.claimed_ms))
            response = await self._answer(endpoint, again)
            if not path.endswith(_SECRET) and response.status_code not in _PASSING:
                await self._keep(claim, response)
            return response

    async def _body(self, request: Request, path: str) -> bytes:
        bytes_max = _LARGE.get(path)
        if bytes_max is None:
            return await read_bytes(request, self._services.settings.limits.body_bytes_max)
        if self._large >= _LARGE_MAX:
            raise Refusal("busy", "Other files are read just now; try again.", retry_after_ms=2_000)
        self._large += 1
        try:
            async with asyncio.timeout(_LARGE_S):
                return await read_bytes(request, bytes_max)
        except TimeoutError:
            raise Refusal("bad_request", f"The file did not come within {_LARGE_S:.0f} s.") from None
        finally:
            self._large -= 1

    async def _answer(self, endpoint: Endpoint, request: Request) -> Response:
        """What is final. Raises what may end otherwise when the same comes again, under the same names."""
        try:
            return await endpoint(request)
        except OutcomeUnknown:
            raise Refusal("unavailable", retry_after_ms=1000) from None
        except Refusal as refusal:
            if refusal.code == "outcome_unknown":
                raise Refusal("unavailable", retry_after_ms=1000) from None
            if CODES[refusal.code].status >= 500:
                raise
            return error_response(refusal)

    async def _keep(self, claim: Claim, response: Response) -> None:
        if len(response.body) > ANSWER_BYTES_MAX:
            return
        headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
        answer = msgpack.encode(_Answer(response.status_code, headers, bytes(response.body)))
        try:
            await self._services.store.answer_request(claim.user_id, claim.key_hash, answer)
        except StoreError as error:
            # It took effect, which alone counts; a repeat makes the answer anew.
            log.warning("answer_not_kept", error=str(error))

    @asynccontextmanager
    async def _turn(self, user: str, key_hash: bytes) -> AsyncIterator[None]:
        lock = self._turns.get((user, key_hash))
        if lock is None:
            lock = self._turns[user, key_hash] = asyncio.Lock()
        async with lock:
            yield


def _hash(request: Request, body: bytes) -> bytes:
    said = "\n".join((request.method, request.url.path, request.url.query, "")).encode()
    return hashlib.sha256(said + body).digest()


def _kept(claim: Claim) -> Response | None:
    if claim.answer is None:
        return None
    try:
        answer = msgpack.decode(claim.answer, type=_Answer)
    except DecodeError:
        # Of another version of this program, perhaps: it is made anew.
        return None
    return Response(answer.body, answer.status, answer.headers)


def _with_body(request: Request, body: bytes) -> Request:
    """The same request, whose body was read, for somebody else to read."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request(request.scope, receive)
