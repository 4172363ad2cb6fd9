"""One at a time, and not too many waiting.

For work beside the event loop that takes a thread for a while: whoever comes waits for their turn, and who
finds too many waiting is told to come back. Knows nothing of the work.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from collab.errors import Refusal

WAITING_MAX: Final = 64


class Turnstile:
    """`lock` is for its owner's own work, which is never sent away."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self._waiting = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Raises Refusal `busy` when too many wait, those whose turn it is among them."""
        if self._waiting >= WAITING_MAX:
            raise Refusal("busy", retry_after_ms=1000)
        self._waiting += 1
        try:
            async with self.lock:
                yield
        finally:
            self._waiting -= 1
