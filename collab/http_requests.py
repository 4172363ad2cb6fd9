"""What a request says: who asks, with which body, for which page.

The one place where bytes and strings from HTTP become typed values. Knows requests and refusals. Does not
know what any endpoint does with them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec
from starlette.requests import Request

from collab.auth import Identity
from collab.errors import Refusal
from collab.ids import is_id
from collab.services import Services

Body = TypeVar("Body", bound=msgspec.Struct)

# More than any list has, and far from what a database's integers cannot hold.
DIGITS_MAX: Final = 9
NUMBER_MAX: Final = 10**DIGITS_MAX - 1

_JSON: Final = "application/json"
_READING: Final = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class Page:
    """The part of a list that was asked for."""

    offset: int
    limit: int


def address_of(request: Request) -> str | None:
    """The peer's address; behind a proxy on this machine, the one that the proxy names."""
    return request.client.host if request.client is not None else None


async def identify(request: Request, services: Services) -> Identity:
    """Who asks. Counts the request against its user, or against the address if no valid token comes; once,
    however often it is asked.

    Raises Refusal `token_missing`, `token_invalid`, `token_expired` or `rate_limited`.
    """
    known = getattr(request.state, "identity", None)
    if isinstance(known, Identity):
        return known
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    try:
        if scheme.lower() != "bearer" or not token.strip():
            raise Refusal("token_missing")
        reads_only = request.method in _READING
        now_ms = services.ambient.now_ms()
        identity = await services.tokens.verify(token.strip(), now_ms, reads_only=reads_only)
        services.bans.check(identity.user_id)
    except Refusal:
        await services.limits.count_stranger(address_of(request))
        raise
    await services.limits.count_user(identity.user_id)
    request.state.identity = identity
    return identity


async def read_body(request: Request, shape: type[Body], bytes_max: int) -> Body:
    """The JSON body as `shape`; unknown fields are ignored. Raises Refusal `bad_request`, `too_large`.

    Only `application/json`: a page of a foreign origin can send that only after asking first (CORS).
    """
    return _decoded(request, await read_bytes(request, bytes_max), shape)


async def read_optional_body(request: Request, shape: type[Body], bytes_max: int) -> Body | None:
    """As `read_body`; None if there is no body, whatever type it is said to have."""
    body = await read_bytes(request, bytes_max)
    return _decoded(request, body, shape) if body else None


async def read_bytes(request: Request, bytes_max: int) -> bytes:
    """The body as it is. Raises Refusal `too_large`."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > bytes_max:
            raise Refusal("too_large", f"A request's body has at most {bytes_max} bytes.")
    return bytes(body)


def _decoded(request: Request, body: bytes, shape: type[Body]) -> Body:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _JSON:
        raise Refusal("bad_request", f"Send the body as {_JSON}.")
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        raise Refusal("bad_request", f"{error}.") from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Refusal("bad_request", "The body is not JSON.") from error


def path_id(request: Request, name: str) -> str:
    """An id in the path. What cannot be one is answered like one that names nothing."""
    text = str(request.path_params[name])
    if not is_id(text):
        raise Refusal("not_found")
    return text


def read_page(query: Mapping[str, str], limit_default: int, limit_max: int) -> Page:
    """`offset` and `limit` of the query. Raises Refusal `bad_request`."""
    return Page(read_number(query, "offset", 0), read_limit(query, limit_default, limit_max))


def read_limit(query: Mapping[str, str], default: int, most: int) -> int:
    """`limit` of the query. Raises Refusal `bad_request`."""
    limit = read_number(query, "limit", default)
    if not 1 <= limit <= most:
        raise Refusal("bad_request", f"`limit` is between 1 and {most}.")
    return limit


def read_number(
    query: Mapping[str, str], name: str, default: int | None = None, digits: int = DIGITS_MAX
) -> int:
    """A number of the query, which must be there unless it has a default. Raises Refusal `bad_request`."""
    text = query.get(name, "" if default is None else str(default))
    if not is_number(text, digits):
        raise Refusal("bad_request", f"`{name}` is a whole number.")
    return int(text)


def is_number(text: str, digits: int = DIGITS_MAX) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= digits
