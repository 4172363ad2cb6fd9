"""HTTP with the standard library, in a thread: the base install has nothing else.

Knows requests, answers and refusals. Does not know what they are about, nor where tokens come from.
"""

import asyncio
import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

from collab.errors import CallerError
from tutti_client.errors import RequestRefused, Unreachable

TIMEOUT_S: Final = 10.0
# What an answer may have: a full playlist as it was, entry by entry.
ANSWER_BYTES_MAX: Final = 64 * 1024 * 1024
REFUSAL_BYTES_MAX: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is decoded JSON. `server_ms` is the server's wall time when it answered: ours may be wrong."""

    body: Any
    server_ms: float


def http_url(url: str) -> str:
    """The server's URL for HTTP, without a slash at its end. Raises CallerError for what is no URL."""
    scheme = {"ws": "http", "wss": "https", "http": "http", "https": "https"}.get(urlsplit(url).scheme)
    if scheme is None:
        raise CallerError(f"{url!r} is not the URL of a server, such as https://tutti.example.com.")
    return scheme + url[url.index(":") :].rstrip("/")


async def ask(method: str, url: str, body: dict[str, Any] | None = None, token: str = "") -> Answer:
    """One request and its answer. Raises RequestRefused if the server says no, Unreachable if it cannot be
    reached now."""
    headers = bearing(token)
    content = None
    if body is not None:
        headers["content-type"] = "application/json"
        content = json.dumps(body).encode()
    return await asyncio.to_thread(_ask, urllib.request.Request(url, content, headers, method=method))


async def fetch(url: str, token: str = "") -> bytes:
    """What stands at a URL, as it is. Raises as `ask`."""
    content, _ = await asyncio.to_thread(_read, urllib.request.Request(url, headers=bearing(token)))
    return content


def bearing(token: str) -> dict[str, str]:
    """The header that shows a token; none without one."""
    return {"authorization": f"Bearer {token}"} if token else {}


def _ask(request: urllib.request.Request) -> Answer:
    content, server_ms = _read(request)
    try:
        # 204 has no content, and nothing is an answer, too.
        return Answer(json.loads(content or b"null"), server_ms)
    except ValueError as error:
        raise Unreachable("unreachable", f"{request.full_url}: {error}") from error


def _read(request: urllib.request.Request) -> tuple[bytes, float]:
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
            content: bytes = response.read(ANSWER_BYTES_MAX)
            return content, _server_ms(response.headers["date"])
    except urllib.error.HTTPError as error:
        with error:
            raise refusal(error) from None
    except (OSError, ValueError) as error:
        raise Unreachable("unreachable", f"{request.full_url}: {error}") from error


def _server_ms(date: str | None) -> float:
    try:
        return parsedate_to_datetime(date or "").timestamp() * 1000
    except ValueError:
        return time.time() * 1000


def refusal(response: urllib.error.HTTPError) -> RequestRefused:
    """What the server says by refusing."""
    try:
        error = json.loads(response.read(REFUSAL_BYTES_MAX))["error"]
        return RequestRefused(response.code, str(error["code"]), str(error["message"]))
    except (OSError, ValueError, KeyError, TypeError):
        return RequestRefused(response.code, "internal", f"The server answered {response.code}.")
