"""Requests in somebody's name: HTTP with their token.

A token that the server calls old is replaced once, if there is where to get another from. Knows tokens and
the shape that an answer should have. Does not know what is asked.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, TypeVar
from urllib.parse import urlencode

import msgspec

from collab.messages import Body
from tutti_client.errors import RequestRefused
from tutti_client.http import ask, fetch
from tutti_client.tokens import TokenSource

T = TypeVar("T")

_STALE: Final = ("token_expired", "token_invalid")


class Asker:
    """Everything raises RequestRefused and Unreachable."""

    def __init__(self, url: str, tokens: TokenSource) -> None:
        self._url = url
        self._tokens = tokens

    async def ask(
        self,
        method: str,
        path: str,
        shape: type[T],
        query: dict[str, int] | None = None,
        body: Body | None = None,
    ) -> T:
        """The answer of what stands at `path` below the URL."""
        url = f"{self._url}/{path}" + (f"?{urlencode(query)}" if query else "")
        answer = await self._with_token(partial(ask, method, url, body))
        return msgspec.convert(answer.body, shape)

    async def fetch(self, path: str) -> bytes:
        """What stands at `path` below the URL, as it is."""
        return await self._with_token(partial(fetch, f"{self._url}/{path}"))

    async def _with_token(self, request: Callable[[str], Awaitable[T]]) -> T:
        token = self._tokens.token or await self._tokens.renewed()
        try:
            return await request(token)
        except RequestRefused as refusal:
            if refusal.code not in _STALE or not self._tokens.can_renew:
                raise
            return await request(await self._tokens.renewed())
