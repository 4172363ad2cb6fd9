"""A person who only says a name.

Becomes a guest over HTTP and keeps the token fresh: a `Guest` is what `connect` takes as `token=`. Each
refresh token buys one token and the next refresh token; using one twice looks like theft and shuts the device
out. So one exchange is under way at a time, and who wants to come back later keeps the newest one. HTTP with
the standard library, in a thread: the base install has nothing else.
"""

import asyncio
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

from collab.errors import CallerError
from tutti_client.errors import RequestRefused, Unreachable

TIMEOUT_S: Final = 10.0
# A token with less than this to go is renewed before it is used. The server asks for a new one a minute
# before the end: by then this must be so, whatever the clocks round to.
MARGIN_S: Final = 90.0
BODY_BYTES_MAX: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class _Answer:
    """`server_ms` is the server's wall time when it answered: our own clock may be wrong by hours."""

    body: dict[str, Any]
    server_ms: float


class Guest:
    """See the module. `refresh_token` is a secret: who has it is this person."""

    def __init__(self, url: str, refresh_token: str, on_rotate: Callable[[str], None] | None = None) -> None:
        """A guest who comes back with the refresh token of last time. `on_rotate` is given each new one;
        keep it where it survives. Raises CallerError for what is no URL."""
        self.user_id = ""
        self.name = ""
        self.refresh_token = refresh_token
        self._url = _base(url)
        self._on_rotate = on_rotate
        self._token = ""
        self._good_until_s = 0.0
        self._renewal: asyncio.Task[None] | None = None

    async def __call__(self) -> str:
        """A token that is good for a while. Raises RequestRefused if the refresh token is not good (any
        more), Unreachable if the server cannot be reached now."""
        if time.monotonic() >= self._good_until_s:
            if self._renewal is None or self._renewal.done():
                self._renewal = asyncio.create_task(self._renew())
            # Whoever asked may give up; an exchange that was begun is brought to its end.
            await asyncio.shield(self._renewal)
        return self._token

    async def become(self, name: str) -> None:
        """Makes a new person; for `guest`."""
        self._take(await _post(f"{self._url}/v1/guest", {"name": name}))

    async def _renew(self) -> None:
        self._take(await _post(f"{self._url}/v1/token", {"refresh_token": self.refresh_token}))

    def _take(self, answer: _Answer) -> None:
        session = answer.body
        self.user_id, self.name = session["user"]["id"], session["user"]["name"]
        self._token, self.refresh_token = session["token"], session["refresh_token"]
        life_s = (session["expires_at"] - answer.server_ms) / 1000
        self._good_until_s = time.monotonic() + life_s - MARGIN_S
        if self._on_rotate is not None:
            self._on_rotate(self.refresh_token)


async def guest(url: str, name: str, *, on_rotate: Callable[[str], None] | None = None) -> Guest:
    """A new person with this display name. Raises RequestRefused (`bad_request` for a name that nobody can
    have, `rate_limited`), Unreachable, and CallerError for what is no URL."""
    made = Guest(url, "", on_rotate)
    await made.become(name)
    return made


def _base(url: str) -> str:
    scheme = {"ws": "http", "wss": "https", "http": "http", "https": "https"}.get(urlsplit(url).scheme)
    if scheme is None:
        raise CallerError(f"{url!r} is not the URL of a server, such as https://tutti.example.com.")
    return scheme + url[url.index(":") :].rstrip("/")


async def _post(url: str, body: dict[str, str]) -> _Answer:
    return await asyncio.to_thread(_post_now, url, body)


def _post_now(url: str, body: dict[str, str]) -> _Answer:
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"content-type": "application/json"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
            return _Answer(json.loads(response.read(BODY_BYTES_MAX)), _server_ms(response.headers["date"]))
    except urllib.error.HTTPError as error:
        with error:
            raise _refusal(error) from None
    except (OSError, ValueError) as error:
        raise Unreachable("unreachable", f"{url}: {error}") from error


def _server_ms(date: str | None) -> float:
    try:
        return parsedate_to_datetime(date or "").timestamp() * 1000
    except ValueError:
        return time.time() * 1000


def _refusal(response: urllib.error.HTTPError) -> RequestRefused:
    try:
        error = json.loads(response.read(BODY_BYTES_MAX))["error"]
        return RequestRefused(response.code, str(error["code"]), str(error["message"]))
    except (OSError, ValueError, KeyError, TypeError):
        return RequestRefused(response.code, "internal", f"The server answered {response.code}.")
