"""Whether this node should be sent people.

A node is ready from the end of its start until it is told to stop, as long as its database answers. It does
not look at the bus: without Redis edits still work (P9). Knows the phase and the store's `ping`, whose last
answer it reuses for a second, so that asking often costs the database nothing.
"""

from typing import Final

from collab.ambient import Ambient
from storage.store import Store, StoreError

PING_REUSED_MS: Final = 1000


class Readiness:
    def __init__(self, store: Store, ambient: Ambient) -> None:
        self._store = store
        self._ambient = ambient
        self._phase = "starting"
        self._pinged_ms = -PING_REUSED_MS
        self._store_answers = False

    def started(self) -> None:
        self._phase = "accepting"

    def drain(self) -> None:
        """From now on not ready, for good."""
        self._phase = "draining"

    @property
    def draining(self) -> bool:
        return self._phase == "draining"

    async def checks(self) -> dict[str, str]:
        """What is looked at, by name; all of it is "ok" when the node is ready."""
        return {
            "node": "ok" if self._phase == "accepting" else self._phase,
            "database": "ok" if await self._database() else "unreachable",
        }

    async def _database(self) -> bool:
        now_ms = self._ambient.now_ms()
        if now_ms - self._pinged_ms >= PING_REUSED_MS:
            self._pinged_ms = now_ms
            try:
                await self._store.ping()
            except StoreError:
                self._store_answers = False
            else:
                self._store_answers = True
        return self._store_answers
