"""Who is shut out of this server.

A node keeps the list of banned users in memory, because tokens are believed without asking the database, and
reads what operators did since from the audit, twice a second: so a ban closes a person's sockets and refuses
their tokens on every node within a second, Redis or not. What the documents do with it the store has decided
in the ban's own commit. Knows the audit's lines. Does not know who gives them (`admin`), nor what a token is.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, Protocol

import structlog

from collab.closing import CloseCode
from collab.connection import Authenticated, Authenticator
from collab.errors import Refusal
from collab.listener import Closable
from storage.administered import Audited
from storage.store import StoreError

log = structlog.get_logger("tutti.bans")

# Half of the second within which a ban is promised to work.
READ_EVERY_S: Final = 0.5
_PAGE: Final = 1000


class _Session(Protocol):
    @property
    def user(self) -> str: ...


class _Socket(Protocol):
    """What a ban needs of a connection."""

    @property
    def session(self) -> _Session: ...

    def close(self, close_code: CloseCode, code: str, message: str) -> None: ...


class Bans:
    """`keep_running` as a task of a node, `check` wherever a token was believed."""

    def __init__(self) -> None:
        self._banned: set[str] = set()
        # The audit's line up to which the list is true; None before it was read.
        self._read_to: int | None = None

    def check(self, user: str) -> None:
        """Raises Refusal `token_invalid` if the user is banned."""
        if user in self._banned:
            raise Refusal("token_invalid")

    def guard(self, authenticate: Authenticator) -> Authenticator:
        """The same door, shut for those who are banned."""

        async def guarded(token: str, client: str) -> Authenticated:
            found = await authenticate(token, client)
            self.check(found.user)
            return found

        return guarded

    async def keep_running(
        self,
        store: Audited,
        sockets: Callable[[], Iterable[Closable]],
        pause: Callable[[], Awaitable[None]],
    ) -> None:
        """Follows the audit and closes sockets of the banned, until it is cancelled."""
        while True:
            try:
                await self.follow(store)
                self.close(sockets())
            except StoreError as error:
                log.warning("bans_not_read", error=str(error))
            except Exception:
                # A bug here is not the node's end: its tasks are one group.
                log.exception("bans_not_read")
            await pause()

    async def follow(self, store: Audited) -> None:
        """Reads what is new. Raises StoreError; then the list stays as it was."""
        if self._read_to is None:
            await self._read_all(store)
            return
        while lines := await store.audit(self._read_to, _PAGE):
            for line in lines:
                if line.action in ("ban", "delete_user"):
                    self._banned.add(line.subject)
                elif line.action == "unban":
                    self._banned.discard(line.subject)
            self._read_to = lines[-1].number

    async def _read_all(self, store: Audited) -> None:
        # The line first: what is banned or lifted while the pages are read stands behind it.
        end = await store.audit_end()
        banned: set[str] = set()
        after = ""
        while page := await store.banned(after, _PAGE):
            banned.update(page)
            after = page[-1]
        self._banned, self._read_to = banned, end

    def close(self, sockets: Iterable[_Socket]) -> None:
        """Ends those of the banned."""
        if not self._banned:
            return
        for socket in sockets:
            if socket.session.user in self._banned:
                socket.close(CloseCode.UNAUTHENTICATED, "token_invalid", "This account was shut out.")


async def twice_a_second() -> None:
    """The pause of a node."""
    await asyncio.sleep(READ_EVERY_S)
