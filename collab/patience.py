"""Pauses between two attempts at the same thing.

Each is longer than the one before up to a bound, and none is exactly as long as it could be, so that what
failed together is not tried again together. Knows one series of attempts. Does not know what is tried.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from storage.store import StoreError

log = structlog.get_logger("tutti.patience")

T = TypeVar("T")

FIRST_S = 0.05
LAST_S = 2.0


class Patience:
    """`pause` after each failure, `reset` after a success. A pause is at least `least` of what it could be:
    nothing, where many who failed together must not come back together."""

    def __init__(self, least: float = 0.5) -> None:
        self._least = least
        self._next_s = FIRST_S

    async def pause(self) -> None:
        await asyncio.sleep(self._next_s * random.uniform(self._least, 1.0))
        self._next_s = min(2 * self._next_s, LAST_S)

    def reset(self) -> None:
        self._next_s = FIRST_S


async def persevere(ask: Callable[[], Awaitable[T]], is_over: Callable[[], bool], room: str) -> T:
    """What the store answers to `ask`, asked until it does. Raises its StoreError once `is_over`."""
    patience = Patience()
    while True:
        try:
            return await ask()
        except StoreError as error:
            log.warning("store_unavailable", room=room, error=str(error))
            if is_over():
                raise
        await patience.pause()
