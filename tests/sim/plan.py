"""What a schedule will be like.

Everything that makes one seed different from the next and is not decided by what happens: how many people and
nodes, how long, and the faults. Each seed draws which kinds of fault it knows at all, and how often each
comes (Groce et al., "Swarm Testing", ISSTA 2012): where everything goes wrong all the time, what it takes
three of one kind in a row to see is never seen. Faults are numbered, and each draws from its own stream, so
one can be vetoed and the others stay as they are: that is how a failing seed is shrunk.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from enum import Enum, auto
from random import Random
from typing import TypeVar

from tests.sim.minors import Minor

K = TypeVar("K")


class Trouble(Enum):
    """Kinds of fault; what each does is said in `faults`, `cluster_faults`, `playlist_faults` and
    `jams.faults`."""

    UNKNOWN_WRITTEN = auto()
    UNKNOWN_NOT_WRITTEN = auto()
    UNKNOWN_LATE = auto()
    UNAVAILABLE = auto()
    RACE = auto()
    STORE_AWAY = auto()
    STORE_SLOW = auto()
    CUT = auto()
    DROP = auto()
    OFFLINE = auto()
    QUIT_ON_ACK = auto()
    RESTART = auto()
    CRASH = auto()
    PAUSE = auto()
    ROLE = auto()
    COMPACT = auto()
    NEW_EPOCH = auto()
    RESTORE = auto()
    STALL = auto()
    BUS_SILENT = auto()
    BUS_TROUBLE = auto()
    RESEND = auto()
    FORGE = auto()
    KILL_DEVICE = auto()
    CUT_FROM_BUS = auto()
    CUT_FROM_STORE = auto()
    CUT_FROM_CLIENTS = auto()
    DRAIN = auto()
    UPGRADE = auto()
    SET_CLOCK = auto()
    # Of Jams alone.
    HOST_GONE = auto()
    ALL_GONE = auto()
    BLACKOUT = auto()
    DOUBLE_SKIP = auto()
    KICK = auto()
    CLOCK_JUMP = auto()
    SLEEP = auto()


# A kind of fault is on in this part of the schedules, and then so often as rare kinds or more.
_ON = 0.6
_RATES = (1, 1, 2, 5)
# This part of the schedules does not end well, and in this part two versions meet.
_SAFETY = 0.1
_MIXED = 0.25


@dataclass(frozen=True, slots=True)
class Fault:
    number: int
    at_us: int
    trouble: Trouble


class Aim(Enum):
    """What is asked of a schedule. Safety: the storm does not end, part of what breaks stays broken, and
    nothing may be wrong at any time. Liveness: it ends, then all agree, nobody waits, and nothing is left."""

    SAFETY = "safety"
    LIVENESS = "liveness"


@dataclass(frozen=True, slots=True)
class Plan:
    """`small` limits make the rare paths (blocks, history, snapshots) common; see `limits`. Nodes and clients
    are of the two `minors`, which may be one and the same."""

    aim: Aim
    minors: tuple[Minor, Minor]
    nodes: int
    storm_us: int
    act_every_us: int
    delay_us_max: int
    encoding: int
    is_small: bool
    faults: tuple[Fault, ...]


def draw_aim(random: Random) -> Aim:
    return Aim.SAFETY if random.random() < _SAFETY else Aim.LIVENESS


def draw_minors(random: Random) -> tuple[Minor, Minor]:
    """Mostly one version, else two neighbours."""
    if random.random() >= _MIXED:
        return Minor.NOW, Minor.NOW
    return random.choice(((Minor.BEFORE, Minor.NOW), (Minor.NOW, Minor.AFTER)))


def draw_swarm(random: Random, weights: Mapping[K, int]) -> dict[K, int]:
    """Of these kinds those that a schedule knows, each with its weight there; at least one."""
    chosen = {
        kind: weight * random.choice(_RATES) for kind, weight in weights.items() if random.random() < _ON
    }
    return chosen or dict(weights)


def draw_faults(
    random: Random,
    weights: Mapping[Trouble, int],
    storm_us: int,
    vetoed: Set[int],
    number: tuple[int, int] = (2, 9),
) -> tuple[Fault, ...]:
    """Faults at random times of the storm; `number`: at least and at most so many."""
    swarm = draw_swarm(random, weights)
    chosen = random.choices(list(swarm), list(swarm.values()), k=random.randint(*number))
    times = sorted(random.randint(200_000, storm_us) for _ in chosen)
    return tuple(
        Fault(number, at_us, trouble)
        for number, (at_us, trouble) in enumerate(zip(times, chosen, strict=True))
        if number not in vetoed
    )
