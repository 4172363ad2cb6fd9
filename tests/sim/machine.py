"""The machine under a node: its two clocks.

The one on the wall is off by some, runs too fast or too slow, and jumps when somebody sets it; the other one
only counts. A node that starts takes the time from the wall and, where the store is a server's, sets it by
the store's; from then on `collab.clock` counts. Knows what the machine shows. Does not know what a node does
with it, but for this.
"""

from dataclasses import dataclass
from enum import Enum, auto
from random import Random
from typing import Final, assert_never

from collab.clock import Clock
from tests.sim.events import Events

HOUR_MS: Final = 3_600_000
# What a measurement over the network may be wrong by.
MEASURED_MS: Final = 10
# Together with what people's own clocks are off by below what `collab.playlist` forgives.
APART_MS: Final = 700
GAINS_PPM: Final = 50_000


class Clocks(Enum):
    """How a world's machines know the time: a little apart, each for itself; or anywhere, and the store sets
    the nodes' clocks at every start."""

    RIGHT = auto()
    APART = auto()
    ANYWHERE = auto()


@dataclass(frozen=True, slots=True)
class Quartz:
    """A bad machine: so far is its wall clock ahead, and so many millionths of the time its clocks gain. A
    machine that `is_set_by_store` shares the time with all others at every start."""

    ahead_ms: int = 0
    gains_ppm: int = 0
    is_set_by_store: bool = False


def draw_quartz(clocks: Clocks, random: Random) -> Quartz:
    """The quartz of one machine of a world."""
    gains_ppm = random.choice((0, -GAINS_PPM, GAINS_PPM))
    match clocks:
        case Clocks.RIGHT:
            return Quartz()
        case Clocks.APART:
            return Quartz(random.randint(-APART_MS, APART_MS), gains_ppm)
        case Clocks.ANYWHERE:
            return Quartz(random.randint(-HOUR_MS, HOUR_MS), gains_ppm, is_set_by_store=True)
    assert_never(clocks)


class Machine:
    """See the module. `now_ms` is what the node's clock shows, or would if it ran."""

    def __init__(self, events: Events, random: Random, quartz: Quartz) -> None:
        self._events = events
        self._random = random
        self._quartz = quartz
        self._ahead_ms = quartz.ahead_ms
        self.boot()

    @property
    def now_ms(self) -> int:
        return self._clock.now_ms()

    def boot(self) -> None:
        """A new process begins. Where no store sets its clock, whoever starts it sets the wall's."""
        if not self._quartz.is_set_by_store:
            self._ahead_ms = self._quartz.ahead_ms
        self._clock = Clock(self._wall_ns, self._monotonic_ns)
        if self._quartz.is_set_by_store:
            off_ms = self._events.now_ms - self._clock.now_ms()
            self._clock.step(1000 * (off_ms + self._random.randint(-MEASURED_MS, MEASURED_MS)))

    def set_wall(self, by_ms: int) -> None:
        """Somebody sets the clock on the wall."""
        self._ahead_ms += by_ms

    def _wall_ns(self) -> int:
        return (self._events.now_ms + self._ahead_ms) * 1_000_000

    def _monotonic_ns(self) -> int:
        now_us = self._events.now_us
        return 1000 * now_us + now_us * self._quartz.gains_ppm // 1000
