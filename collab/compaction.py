"""Forgets old history, if the operator wants that.

A document keeps its snapshots and the ops after the oldest one; this moves that beginning forward, to the
newest snapshot that is old enough. Nobody's edit is lost by it: one that was written against a version before
the beginning is answered `base_gone`, and its client writes it anew against the newest. Outcomes of
submissions stay for ever. Knows the store and the clock. Does not know rooms, nor what ops mean; any node may
do it, at any time.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import structlog

from collab.config import Retention
from storage.rows import Head
from storage.store import Store, StoreError

log = structlog.get_logger("tutti.compaction")

COMPACT_EVERY_S: Final = 3600.0
# Deleted at once: writers wait for no longer than this takes.
STEP: Final = 4096
_DAY_MS: Final = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Compacted:
    """How many documents forgot something, and how many versions in all."""

    documents: int = 0
    versions: int = 0


class Compaction:
    """`run` once, or `keep_running` as a task of a node."""

    def __init__(self, store: Store, retention: Retention, now_ms: Callable[[], int]) -> None:
        self._store = store
        self._retention = retention
        self._now_ms = now_ms

    async def keep_running(self, pause: Callable[[], Awaitable[None]]) -> None:
        """Runs after each pause, until it is cancelled."""
        while True:
            await pause()
            try:
                compacted = await self.run()
            except StoreError as error:
                log.warning("not_compacted", error=str(error))
            except Exception:
                # A bug here is not the node's end: its tasks are one group.
                log.exception("not_compacted")
            else:
                if compacted.documents:
                    log.info("compacted", documents=compacted.documents, versions=compacted.versions)

    async def run(self) -> Compacted:
        """Looks through all documents once. Raises StoreError; what was forgotten by then is forgotten."""
        if self._retention.keeps_everything:
            return Compacted()
        documents = versions = 0
        after = ""
        while heads := await self._store.all_documents(after):
            for head in heads:
                forgotten = await self._compact(head)
                documents += forgotten > 0
                versions += forgotten
            after = heads[-1].document
        return Compacted(documents, versions)

    async def _compact(self, head: Head) -> int:
        """How many versions the document forgot."""
        through = await self._forgettable(head)
        horizon = head.horizon
        if through <= horizon:
            return 0
        for limit in (*range(horizon + STEP, through, STEP), through):
            horizon = await self._store.forget_ops(head.document, limit)
        return max(0, horizon - head.horizon)

    async def _forgettable(self, head: Head) -> int:
        """The newest version that need not be kept."""
        retention = self._retention
        through = head.version
        if retention.versions is not None:
            through -= retention.versions
        if retention.days is None or through <= head.horizon:
            return through
        return await self._last_before(head, through, self._now_ms() - retention.days * _DAY_MS)

    async def _last_before(self, head: Head, through: int, at_ms: int) -> int:
        """The last version, not above `through`, that was committed before a time."""
        low = head.horizon
        # Mostly nothing has become old enough since the last time.
        high = through if await self._is_before(head, low + 1, at_ms) else low
        while low < high:
            middle = (low + high + 1) // 2
            if await self._is_before(head, middle, at_ms):
                low = middle
            else:
                high = middle - 1
        return low

    async def _is_before(self, head: Head, version: int, at_ms: int) -> bool:
        rows = await self._store.ops(head.document, version - 1, version)
        # None: another node has forgotten it meanwhile.
        return not rows or rows[0].at_ms < at_ms


async def hourly() -> None:
    """The pause of a node."""
    await asyncio.sleep(COMPACT_EVERY_S)
