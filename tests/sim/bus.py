"""The bus of the world: hints that may be late, lost, repeated, out of order, or not come at all."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from collab.effects import Publish
from collab.hints import bare
from tests.sim.coverage import Coverage
from tests.sim.events import Events
from tests.sim.minors import Minor, carried
from tests.sim.oracle import Oracle, expect

DELAY_US = (200, 15_000)
TROUBLE_DELAY_US = (200, 900_000)

# This part of the hints say only where the document stands: what they told was too much to carry.
BARE = 0.1

Hear = Callable[[Publish], None]
# How a node hears now; None while it is down.
Ear = Callable[[], Hear | None]


@dataclass(slots=True)
class _Ends:
    """Those of one node. Cut off, it hears nobody and nobody hears it."""

    ear: Ear
    minor: Callable[[], Minor]
    is_cut: bool = False


class SimBus:
    """Every hint reaches all nodes, the one that published it too."""

    def __init__(self, events: Events, random: Random, oracle: Oracle[Any, Any], coverage: Coverage) -> None:
        self.silent_until_us = 0
        self.troubled_until_us = 0
        self._events = events
        self._random = random
        self._oracle = oracle
        self._coverage = coverage
        self._ends: dict[str, _Ends] = {}

    def join(self, node: str, ear: Ear, minor: Callable[[], Minor]) -> Hear:
        """A node comes; what it gets publishes."""
        ends = self._ends[node] = _Ends(ear, minor)
        return lambda hint: self._publish(ends, hint)

    def cut(self, node: str) -> None:
        self._ends[node].is_cut = True

    def mend(self, node: str) -> None:
        self._ends[node].is_cut = False

    def heal(self) -> None:
        self.silent_until_us = self.troubled_until_us = 0
        for ends in self._ends.values():
            ends.is_cut = False

    def _publish(self, ends: _Ends, hint: Publish) -> None:
        history = self._oracle.histories[hint.epoch]
        expect(hint.version <= history.version, "a hint was published before its commit")
        now_us = self._events.now_us
        if now_us < self.silent_until_us:
            return
        if ends.is_cut:
            if hint.rows:
                self._coverage.hit("a node cut off from the bus committed")
            return
        minor = ends.minor()
        for others in self._ends.values():
            hear = others.ear()
            if hear is None or others.is_cut:
                continue
            copies, delays_us = 1, DELAY_US
            if now_us < self.troubled_until_us:
                copies, delays_us = self._random.choice((0, 1, 1, 2)), TROUBLE_DELAY_US
            for _ in range(copies):
                told = bare(hint) if self._random.random() < BARE else hint
                for heard in carried(told, minor, others.minor()):
                    self._events.after(self._random.randint(*delays_us), hear, heard)
