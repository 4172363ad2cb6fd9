"""What the evening was, read from the store.

A Jam's events are folded once: what was folded is kept, and whoever asks again pays only for what happened
since. The folding is done beside the event loop, one Jam at a time. Knows the store. Does not know roles,
which the caller has asked, nor how a recap is shown.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from collab.codec import unpack_body
from collab.errors import Refusal
from collab.turnstile import Turnstile
from jam.events import decode_event
from jam.recap import Recap, Recapping
from jam.state import load
from storage.rows import Head, OpRow, Snapshot
from storage.store import Store

# How far back a recap looks: some seconds' work, once, and more than a day of a busy Jam.
VERSIONS_MAX: Final = 100_000
# Read and folded at once; others get their turn in between.
PAGE: Final = 1_000
# A folded Jam holds its last thousand songs; so many Jams are kept, those asked about last.
KEPT_MAX: Final = 16


@dataclass(slots=True)
class _Folded:
    """A Jam up to a version, and the recap that was made of it, if it was."""

    epoch: str
    version: int
    recapping: Recapping
    recap: Recap | None = None


class JamRecaps:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._folded: OrderedDict[str, _Folded] = OrderedDict()
        self._turnstile = Turnstile()

    async def recap(self, head: Head) -> Recap:
        """Of the Jam with this head, as of its version or a later one. Raises Refusal `history_gone` if older
        events are being forgotten just now, `busy` when too many ask at once."""
        async with self._turnstile.turn():
            return await self._recap(head)

    async def _recap(self, head: Head) -> Recap:
        # Taken out while it changes: what fails half way is read anew.
        folded = self._folded.pop(head.document, None)
        if folded is None or folded.epoch != head.epoch:
            folded = await self._begin(head)
        if folded.version < head.version:
            folded.recap = None
        while folded.version < head.version:
            through = min(folded.version + PAGE, head.version)
            rows = await self._store.ops(head.document, folded.version, through)
            if len(rows) != through - folded.version:
                raise Refusal("history_gone")
            await asyncio.to_thread(_fold, folded.recapping, rows)
            folded.version = through
        if folded.recap is None:
            folded.recap = await asyncio.to_thread(folded.recapping.recap)
        self._folded[head.document] = folded
        if len(self._folded) > KEPT_MAX:
            self._folded.popitem(last=False)
        return folded.recap

    async def _begin(self, head: Head) -> _Folded:
        earliest = max(head.horizon, head.version - VERSIONS_MAX)
        snapshot = await self._store.snapshot_at(head.document, earliest)
        if snapshot is None:
            raise Refusal("history_gone")
        recapping = await asyncio.to_thread(_beginning, snapshot)
        return _Folded(head.epoch, snapshot.version, recapping)


def _beginning(snapshot: Snapshot) -> Recapping:
    return Recapping(load(unpack_body(snapshot.body)))


def _fold(recapping: Recapping, rows: list[OpRow]) -> None:
    recapping.fold(decode_event(unpack_body(row.body)) for row in rows)
