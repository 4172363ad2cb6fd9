"""The bus of the world: hints that may be late, lost, repeated, out of order, or not come at all."""

from collections.abc import Callable
from random import Random
from typing import Any

from collab.effects import Publish
from collab.hints import bare
from tests.sim.events import Events
from tests.sim.oracle import Oracle, expect

DELAY_US = (200, 15_000)
TROUBLE_DELAY_US = (200, 900_000)

# This part of the hints say only where the document stands: what they told was too much to carry.
BARE = 0.1

Hear = Callable[[Publish], None]


class SimBus:
    """`listeners` are called with every hint, those of the node that published it too."""

    def __init__(self, events: Events, random: Random, oracle: Oracle[Any, Any]) -> None:
        self.listeners: list[Callable[[], Hear | None]] = []
        self.silent_until_us = 0
        self.troubled_until_us = 0
        self._events = events
        self._random = random
        self._oracle = oracle

    def heal(self) -> None:
        self.silent_until_us = self.troubled_until_us = 0

    def publish(self, hint: Publish) -> None:
        history = self._oracle.histories[hint.epoch]
        expect(hint.version <= history.version, "a hint was published before its commit")
        now_us = self._events.now_us
        for listener in self.listeners:
            hear = listener()
            if hear is None or now_us < self.silent_until_us:
                continue
            copies, delays_us = 1, DELAY_US
            if now_us < self.troubled_until_us:
                copies, delays_us = self._random.choice((0, 1, 1, 2)), TROUBLE_DELAY_US
            for _ in range(copies):
                heard = bare(hint) if self._random.random() < BARE else hint
                self._events.after(self._random.randint(*delays_us), hear, heard)
