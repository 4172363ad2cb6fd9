"""Forgets requests that came with a key, when nobody will repeat them any more.

Knows the store and the clock. Any node may do it, at any time.
"""

from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from storage.store import Store, StoreError

log = structlog.get_logger("tutti.stale_keys")

# A day is promised; nobody's clock or night shift is that exact.
KEPT_MS: Final = 25 * 3600 * 1000
# Deleted at once: writers wait for no longer than this takes.
STEP: Final = 1_000


async def forget_requests(store: Store, now_ms: int) -> int:
    """Drops those that were kept for long enough; how many."""
    total = 0
    while count := await store.forget_requests(now_ms - KEPT_MS, STEP):
        total += count
    return total


async def keep_forgetting(
    store: Store, now_ms: Callable[[], int], pause: Callable[[], Awaitable[None]]
) -> None:
    """After each pause, until it is cancelled."""
    while True:
        await pause()
        try:
            await forget_requests(store, now_ms())
        except StoreError as error:
            log.warning("not_forgotten", error=str(error))
        except Exception:
            # A bug here is not the node's end: its tasks are one group.
            log.exception("not_forgotten")
