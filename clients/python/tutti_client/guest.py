"""A person who only says a name.

Becomes a guest over HTTP and keeps the token fresh: a `Guest` is what `connect` takes as `token=`. Each
refresh token buys one token and the next refresh token; using an old one looks like theft and shuts the
device out. So one exchange is under way at a time, and who wants to come back later keeps the newest one. An
exchange whose reply did not come is made again with the same token: for a while the server answers that.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from tutti_client.http import Answer, ask, http_url

# A token with less than this to go is renewed before it is used. The server asks for a new one a minute
# before the end: by then this must be so, whatever the clocks round to.
MARGIN_S: Final = 90.0


class Guest:
    """See the module. `refresh_token` is a secret: who has it is this person."""

    def __init__(self, url: str, refresh_token: str, on_rotate: Callable[[str], None] | None = None) -> None:
        """A guest who comes back with the refresh token of last time. `on_rotate` is given each new one;
        keep it where it survives. Raises CallerError for what is no URL."""
        self.user_id = ""
        self.name = ""
        self.refresh_token = refresh_token
        self._url = http_url(url)
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
        self._take(await ask("POST", f"{self._url}/v1/guest", {"name": name}))

    async def _renew(self) -> None:
        self._take(await ask("POST", f"{self._url}/v1/token", {"refresh_token": self.refresh_token}))

    def _take(self, answer: Answer) -> None:
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
