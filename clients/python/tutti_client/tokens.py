"""Where tokens come from.

A token is kept as long as it is good, so that a server in trouble does not become its issuer's trouble, too;
and an issuer in trouble is left alone for a while, whoever wants a token. Knows when a token ends, once the
server has said so. Does not know what is in it.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from tutti_client.clock import DEVICE
from tutti_client.errors import Unreachable
from tutti_client.renewal import Renewal

log = logging.getLogger("tutti_client")

# A token with less than this to go is not worth a new connection.
MARGIN_MS: Final = 30_000
# After a question in vain nothing is asked for so long, twice as long each time, at random down to a half.
PAUSE_FIRST_MS: Final = 1_000
PAUSE_LAST_MS: Final = 20_000
# How often the server's word that a token is about to end is followed by a question.
LAST_MINUTE_PAUSE_S: Final = 5.0

TokenFactory = Callable[[], Awaitable[str]]


class TokenSource:
    """A fixed token, or an async callable that is asked for one whenever a new one is needed. `now_ms` never
    steps back."""

    def __init__(self, token: str | TokenFactory, now_ms: Callable[[], int] = DEVICE.now_ms) -> None:
        self._factory = None if isinstance(token, str) else token
        self.token = token if isinstance(token, str) else ""
        self._now_ms = now_ms
        self._expires_ms: int | None = None
        self._renewal = Renewal()
        self._is_wanted = False
        self._changed = asyncio.Event()
        self._asking = asyncio.Lock()
        self._failures = 0
        self._reason = ""
        self._not_before_ms = self._now_ms()

    @property
    def can_renew(self) -> bool:
        return self._factory is not None

    def expires(self, at_ms: int, server_ms: int) -> None:
        """The server said when the current token ends. Both are its wall time, in ms."""
        self._expires_ms = at_ms
        self._renewal.ends(at_ms, server_ms, random.random())
        self._changed.set()

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
        """A new token; the fixed one if there is no other. Raises what the callable raises, and Unreachable,
        without asking it, for a while after that."""
        if self._factory is None:
            return self.token
        before = self.token
        async with self._asking:
            if self.token and self.token != before:
                return self.token  # somebody else was given it while we waited
            if self._now_ms() < self._not_before_ms:
                raise Unreachable("unreachable", f"There was no new token a moment ago: {self._reason}")
            try:
                self.token = await self._factory()
            except Exception as error:
                self._leave_alone(error)
                raise
            self._failures = 0
            self._expires_ms = None
        return self.token

    def want(self, wanted: bool = True) -> None:
        """The server says that the token is about to end, or no longer matters to it."""
        self._is_wanted = wanted
        self._changed.set()

    async def next(self, server_ms: Callable[[], int]) -> str:
        """A token that is another than the present one: asked for in good time, and when the server wants one
        again and again. `server_ms` is the server's wall time now."""
        pause_s = LAST_MINUTE_PAUSE_S
        while True:
            await self._until_due(server_ms)
            is_wanted, self._is_wanted = self._is_wanted, False
            before = self.token
            self._renewal.asked(server_ms())
            try:
                token = await self.renewed()
            except Exception as error:
                log.warning("no new token: %r", error)
                token = before
            if token != before:
                self._renewal.took(server_ms(), random.random())
                return token
            if is_wanted:
                await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))
                pause_s *= 2
                self._is_wanted = True

    async def _until_due(self, server_ms: Callable[[], int]) -> None:
        """Also what is due may change meanwhile: a session begins by saying when its token ends."""
        while not self._is_wanted:
            self._changed.clear()
            due_ms = self._renewal.due_ms()
            wait_s = None if due_ms is None else (due_ms - server_ms()) / 1000
            if wait_s is not None and wait_s <= 0:
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._changed.wait()

    def _leave_alone(self, error: Exception) -> None:
        pause_ms = min(PAUSE_LAST_MS, PAUSE_FIRST_MS << min(self._failures, 16))
        self._failures += 1
        self._reason = str(error) or type(error).__name__
        self._not_before_ms = self._now_ms() + int(pause_ms * random.uniform(0.5, 1.0))
