"""Where tokens come from.

A token is kept as long as it is good, so that a server in trouble does not become its issuer's trouble, too.
Knows when a token ends, once the server has said so. Does not know what is in it.
"""

from collections.abc import Awaitable, Callable
from typing import Final

# A token with less than this to go is not worth a new connection.
MARGIN_MS: Final = 30_000

TokenFactory = Callable[[], Awaitable[str]]


class TokenSource:
    """A fixed token, or an async callable that is asked for one whenever a new one is needed."""

    def __init__(self, token: str | TokenFactory) -> None:
        self._factory = None if isinstance(token, str) else token
        self.token = token if isinstance(token, str) else ""
        self._expires_ms: int | None = None

    @property
    def can_renew(self) -> bool:
        return self._factory is not None

    def expires(self, at_ms: int) -> None:
        """The server said when the current token ends (its wall time, ms)."""
        self._expires_ms = at_ms

    def forget(self) -> None:
        """The current token was refused."""
        if self._factory is not None:
            self.token = ""

    async def current(self, server_ms: int) -> str:
        """The token that we have, or a new one if that is about to end. Raises what the callable raises."""
        is_stale = self._expires_ms is not None and self._expires_ms - server_ms < MARGIN_MS
        if self._factory is not None and (is_stale or not self.token):
            return await self.renewed()
        return self.token

    async def renewed(self) -> str:
        """A new token; the fixed one if there is no other."""
        if self._factory is not None:
            self.token = await self._factory()
            self._expires_ms = None
        return self.token
