"""What a replay asks over HTTP: making playlists, inviting editors, reading what stands.

A server that is being killed and started again does not answer for a while: requests are asked again until
it does. One that was carried out and not answered may then be carried out twice, which leaves an empty
playlist or a second invite behind. Knows the HTTP API. Does not know what is in the playlists.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Self

import httpx

from collab.errors import CannotStart
from tutti_client import Unreachable

RETRY_FOR_S = 60.0
RETRY_EVERY_S = 0.5
TIMEOUT_S = 30.0
_COME_AGAIN = (429, 503)


@dataclass(frozen=True, slots=True)
class Read:
    """A playlist as HTTP shows it at one version. `base` is where it says to be."""

    base: str
    epoch: str
    version: int
    name: str
    items: list[dict[str, Any]]


class Web:
    """Requests of one person; `token` gives one that is good. Used as a context manager."""

    def __init__(self, url: str, token: Callable[[], Awaitable[str]], random: Random) -> None:
        self._client = httpx.AsyncClient(base_url=f"{url.rstrip('/')}/v1", timeout=TIMEOUT_S)
        self._token = token
        self._random = random

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def create_playlist(self, name: str, description: str) -> str:
        """Its id."""
        made = await self._ask("POST", "/me/playlists", {"name": name, "description": description})
        playlist: str = made["id"]
        return playlist

    async def invite(self, playlist: str) -> str:
        """The secret of a link that makes editors."""
        made = await self._ask("POST", f"/playlists/{playlist}/invites", {"role": "editor"})
        secret: str = made["secret"]
        return secret

    async def accept(self, secret: str) -> None:
        await self._ask("POST", "/invites/accept", {"secret": secret})

    async def read(self, playlist: str) -> Read:
        """The whole playlist, page by page; nobody may be writing to it."""
        shown = await self._ask("GET", f"/playlists/{playlist}")
        page = shown["tracks"]
        items = list(page["items"])
        while page["next"] is not None:
            page = await self._ask("GET", page["next"])
            items += page["items"]
        epoch = shown["snapshot_id"].rpartition(".")[0]
        base = shown["href"].removesuffix(f"v1/playlists/{playlist}")
        return Read(base, epoch, shown["version"], shown["name"], items)

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + RETRY_FOR_S
        while True:
            try:
                headers = {"Authorization": f"Bearer {await self._token()}"}
                answer = await self._client.request(method, path, json=body, headers=headers)
                if answer.is_success:
                    shown: dict[str, Any] = answer.json()
                    return shown
                reason = answer.text
                if answer.status_code not in _COME_AGAIN:
                    raise CannotStart(f"{method} {path} was refused: {reason}")
            except (httpx.TransportError, Unreachable) as error:
                reason = repr(error)
            if loop.time() > deadline_s:
                raise CannotStart(f"{method} {path} was not answered: {reason}")
            await asyncio.sleep(RETRY_EVERY_S * (0.5 + self._random.random()))
