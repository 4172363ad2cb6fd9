"""What a schedule will be like.

Everything that makes one seed different from the next and is not decided by what happens: how many people and
nodes, how long, and the faults. Faults are numbered, and each draws from its own stream, so one can be vetoed
and the others stay as they are: that is how a failing seed is shrunk.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from enum import Enum, auto
from random import Random


class Trouble(Enum):
    """Kinds of fault; what each does is said in `faults`, `playlist_faults` and `jams.faults`."""

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
    # Of Jams alone.
    HOST_GONE = auto()
    ALL_GONE = auto()
    BLACKOUT = auto()
    DOUBLE_SKIP = auto()
    KICK = auto()
    CLOCK_JUMP = auto()
    SLEEP = auto()


@dataclass(frozen=True, slots=True)
class Fault:
    number: int
    at_us: int
    trouble: Trouble


@dataclass(frozen=True, slots=True)
class Plan:
    """`small` limits make the rare paths (blocks, history, snapshots) common; see `limits`."""

    nodes: int
    storm_us: int
    act_every_us: int
    delay_us_max: int
    encoding: int
    is_small: bool
    faults: tuple[Fault, ...]


def draw_faults(
    random: Random,
    weights: Mapping[Trouble, int],
    storm_us: int,
    vetoed: Set[int],
    number: tuple[int, int] = (2, 9),
) -> tuple[Fault, ...]:
    """Faults at random times of the storm; `number`: at least and at most so many."""
    chosen = random.choices(list(weights), list(weights.values()), k=random.randint(*number))
    times = sorted(random.randint(200_000, storm_us) for _ in chosen)
    return tuple(
        Fault(number, at_us, trouble)
        for number, (at_us, trouble) in enumerate(zip(times, chosen, strict=True))
        if number not in vetoed
    )
