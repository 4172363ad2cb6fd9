"""Requests in somebody's name: HTTP with their token.

A token that the server calls old is replaced once, if there is where to get another from. That is the only
request that is made twice without being asked for, and it has a budget: should a server call every token
old, it hears a tenth more than on good days, and so does its issuer. Whatever else fails is the caller's to
try again. Knows tokens and the shape that an answer should have. Does not know what is asked.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Final, TypeVar
from urllib.parse import urlencode

import msgspec

from collab.messages import Body
from collab.retry_budget import RetryBudget, Thrift
from tutti_client.clock import DEVICE
from tutti_client.errors import RequestRefused
from tutti_client.http import ask, fetch
from tutti_client.incoming import Incoming, receive
from tutti_client.tokens import TokenSource

T = TypeVar("T")

_STALE: Final = ("token_expired", "token_invalid")
# Besides the tenth: a program that asks once in a while finds its token old each time.
THRIFT: Final = Thrift(per_s=0.1, most=10.0, first=1.0)


class Asker:
    """Everything raises RequestRefused and Unreachable."""

    def __init__(self, url: str, tokens: TokenSource, now_ms: Callable[[], int] = DEVICE.now_ms) -> None:
        """`now_ms` never steps back."""
        self._url = url
        self._tokens = tokens
        self._now_ms = now_ms
        self._retries = RetryBudget(THRIFT, now_ms())

    async def ask(
        self,
        method: str,
        path: str,
        shape: type[T],
        query: Mapping[str, int | str] | None = None,
        body: Body | None = None,
    ) -> T:
        """The answer of what stands at `path` below the URL."""
        url = f"{self._url}/{path}" + (f"?{urlencode(query)}" if query else "")
        answer = await self._with_token(partial(ask, method, url, body))
        return msgspec.convert(answer.body, shape)

    async def fetch(self, path: str) -> bytes:
        """What stands at `path` below the URL, as it is."""
        return await self._with_token(partial(fetch, f"{self._url}/{path}"))

    async def receive(self, path: str, start: int, etag: str) -> Incoming:
        """What stands at `path` below the URL, from byte `start` on, of the file that bears `etag` if one is
        given; as it comes."""
        return await self._with_token(partial(receive, f"{self._url}/{path}", start, etag))

    async def _with_token(self, request: Callable[[str], Awaitable[T]]) -> T:
        self._retries.asked()
        token = self._tokens.token or await self._tokens.renewed()
        try:
            return await request(token)
        except RequestRefused as refusal:
            if refusal.code not in _STALE or not self._tokens.can_renew:
                raise
            if not self._retries.take(self._now_ms()):
                raise
            return await request(await self._tokens.renewed())
