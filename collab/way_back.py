"""The way back to what a playlist was.

A restore or a take-back is an op that goes through the room like any other, so everybody sees it, can edit
on, and can take it back again. It is written against the newest version; if somebody is faster in a way that
it cannot stand beside, it is worked out anew. Knows the past, and who makes ops happen. Does not know roles:
the caller has asked them.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from collab.errors import Refusal
from collab.history import restoring
from collab.http_ports import Documents
from collab.past import Past
from ot.document import Document
from ot.op import Op, encode, is_identity

ATTEMPTS_MAX: Final = 4

# Somebody else brought back the same entry, or the base was compacted away under our hands.
_OVERTAKEN: Final = frozenset(("uid_taken", "base_gone"))

# The op, and the version that it is written against.
_WorkedOut = tuple[int, Op]


class WayBack:
    """Both return the version that the change became, or the present one if there is nothing to change, and
    raise what `Past` raises and Refusal `forbidden`, `busy` and `playlist_full`."""

    def __init__(self, past: Past, documents: Documents) -> None:
        self._past = past
        self._documents = documents

    async def restore(self, document: str, user: str, version: int) -> int:
        """Makes the playlist what it was at a version."""
        past = (await self._past.state_at(document, version)).document

        async def work_out() -> _WorkedOut:
            view = await self._documents.read(document, user)
            now = Document([dict(entry) for entry in view.entries], dict(view.attributes))
            return view.head.version, await asyncio.to_thread(restoring, now, past)

        return await self._go(document, user, work_out)

    async def take_back(self, document: str, user: str, author: str, since: int) -> int:
        """Takes back what `author` did after version `since`, and keeps what others did."""
        return await self._go(document, user, lambda: self._past.taking_back(document, author, since))

    async def _go(self, document: str, user: str, work_out: Callable[[], Awaitable[_WorkedOut]]) -> int:
        for _ in range(ATTEMPTS_MAX):
            base, op = await work_out()
            if is_identity(op):
                return base
            try:
                return await self._documents.bring_back(document, user, base, encode(op))
            except Refusal as refusal:
                if refusal.code not in _OVERTAKEN:
                    raise
        raise Refusal("busy", retry_after_ms=1000)
