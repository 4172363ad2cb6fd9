"""Snapshots on their way to the store.

Saving one makes the next load shorter and may fail without harm, so nobody waits for it, except the end of a
room. Knows one document's snapshots under way. Does not know when one is worth it.
"""

import asyncio

import structlog

from collab import ledger
from collab.effects import SaveSnapshot
from storage.store import Store, StoreError

log = structlog.get_logger("tutti.saver")


class Saver:
    """Of one document."""

    def __init__(self, document: str, store: Store) -> None:
        self._document = document
        self._store = store
        # The loop itself holds its tasks only weakly.
        self._under_way: set[asyncio.Task[None]] = set()

    def begin(self, effect: SaveSnapshot) -> None:
        saving = asyncio.create_task(self._save(effect), name=f"save {self._document}")
        self._under_way.add(saving)
        saving.add_done_callback(self._under_way.discard)

    async def finish(self) -> None:
        """Returns when nothing is under way any more."""
        await asyncio.gather(*self._under_way)

    async def _save(self, effect: SaveSnapshot) -> None:
        try:
            await self._store.add_snapshot(self._document, effect.epoch, effect.snapshot)
            # A playlist that is opened for an edit a day would keep itself once a day.
            apart = ledger.SNAPSHOT_EVERY
            await self._store.thin_snapshots(self._document, effect.snapshot.version, apart)
        except StoreError as error:
            log.warning("snapshot_not_saved", room=self._document, error=str(error))
