"""Other nodes that write to the same document, as a room's edge meets them.

Keeps what the bus brought until the room can follow it, and holds the room's next commit back while it is
somebody else's turn. Knows hints and waiting. Does not know whose turn it is: `collab.turns` does.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from collab.clock import Clock
from collab.effects import Publish, RoomEffect
from collab.hints import is_knock
from collab.room import Room
from collab.turns import Turns

# Of more hints the oldest are dropped: a room that misses one asks the store.
HINTS_MAX: Final = 16

Perform = Callable[[list[RoomEffect]], None]


class Rivals:
    """Of one document; is told what became of the room's commits."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._turns = Turns()
        # Of the bus, until the room is loaded and nothing of it is in flight.
        self._hints: deque[Publish] = deque(maxlen=HINTS_MAX)
        self._heard = asyncio.Event()

    def hear(self, hint: Publish) -> None:
        self._hints.append(hint)
        self._heard.set()

    def won(self) -> None:
        self._turns.won(self._clock.now_ms())

    def lost(self) -> None:
        self._turns.lost(self._clock.now_ms())

    def learnt(self) -> None:
        """The store says that others have committed."""
        self._turns.learnt(self._clock.now_ms())

    async def take_turn(self, room: Room[Any], perform: Perform) -> None:
        """Follows what was heard; returns when nobody else who writes here is to be let go first. `perform`
        does what the room wants."""
        self._follow(room, perform)
        while room.may_wait and (left_ms := self._turns.left_ms(self._clock.now_ms())) > 0:
            self._heard.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(left_ms / 1000):
                    await self._heard.wait()
            self._follow(room, perform)

    def _follow(self, room: Room[Any], perform: Perform) -> None:
        while self._hints:
            hint, before = self._hints.popleft(), room.head.version
            if is_knock(hint, room.head):
                self._turns.knocked(self._clock.now_ms())
            perform(room.follow(hint))
            if room.head.version > before:
                self._turns.heard(self._clock.now_ms())
