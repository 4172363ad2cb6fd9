"""Pauses between two attempts at the same thing.

Each is longer than the one before up to a bound, and none is exactly as long as it could be, so that what
failed together is not tried again together. Knows one series of attempts. Does not know what is tried.
"""

import asyncio
import random

FIRST_S = 0.05
LAST_S = 2.0


class Patience:
    """`pause` after each failure, `reset` after a success."""

    def __init__(self) -> None:
        self._next_s = FIRST_S

    async def pause(self) -> None:
        await asyncio.sleep(self._next_s * random.uniform(0.5, 1.0))
        self._next_s = min(2 * self._next_s, LAST_S)

    def reset(self) -> None:
        self._next_s = FIRST_S
