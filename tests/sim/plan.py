"""What a schedule will be like.

Everything that makes one seed different from the next and is not decided by what happens: how many people and
nodes, how long, and the faults. Faults are numbered, and each draws from its own stream, so one can be vetoed
and the others stay as they are: that is how a failing seed is shrunk.
"""

from collections.abc import Set
from dataclasses import dataclass
from enum import Enum, auto
from random import Random

from tests.sim.streams import Streams


class Trouble(Enum):
    """Kinds of fault; what each does is said in `faults`."""

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


# How often each is drawn.
_WEIGHTS = {
    Trouble.UNKNOWN_WRITTEN: 10,
    Trouble.UNKNOWN_NOT_WRITTEN: 6,
    Trouble.UNKNOWN_LATE: 6,
    Trouble.UNAVAILABLE: 4,
    Trouble.RACE: 8,
    Trouble.STORE_AWAY: 4,
    Trouble.STORE_SLOW: 3,
    Trouble.CUT: 12,
    Trouble.DROP: 8,
    Trouble.OFFLINE: 10,
    Trouble.QUIT_ON_ACK: 3,
    Trouble.RESTART: 4,
    Trouble.CRASH: 8,
    Trouble.PAUSE: 6,
    Trouble.ROLE: 9,
    Trouble.COMPACT: 9,
    Trouble.NEW_EPOCH: 3,
    Trouble.RESTORE: 3,
    Trouble.STALL: 6,
    Trouble.BUS_SILENT: 6,
    Trouble.BUS_TROUBLE: 3,
    Trouble.RESEND: 6,
    Trouble.FORGE: 4,
    Trouble.KILL_DEVICE: 6,
}


@dataclass(frozen=True, slots=True)
class Fault:
    number: int
    at_us: int
    trouble: Trouble


@dataclass(frozen=True, slots=True)
class Plan:
    """`small` limits make the rare paths (blocks, history, snapshots) common; see `limits`. `takes_back` is
    the share of actions that undo or redo."""

    editors: int
    viewers: int
    nodes: int
    storm_us: int
    edit_every_us: int
    delay_us_max: int
    entries: int
    encoding: int
    is_small: bool
    takes_back: float
    faults: tuple[Fault, ...]


def draw_plan(streams: Streams, vetoed: Set[int], *, undo_storm: bool = False) -> Plan:
    """The plan of a seed; as an `undo_storm` four people take back half of what they do."""
    random = streams.of("plan")
    storm_us = random.randint(3_000_000, 7_000_000)
    faults = _faults(streams.of("faults"), storm_us)
    return Plan(
        editors=4 if undo_storm else random.randint(2, 4),
        viewers=random.choice((0, 1, 1)),
        nodes=random.choice((1, 2)),
        storm_us=storm_us,
        edit_every_us=random.choice((300_000, 500_000, 800_000)),
        delay_us_max=random.choice((30_000, 30_000, 200_000)),
        entries=random.randint(0, 6),
        encoding=random.choice((0, 0, 0, 0, 0, 0, 1, 2)),
        is_small=random.random() < 0.7,
        takes_back=0.5 if undo_storm else streams.of("undo").choice((0, 0, 0.2)),
        faults=tuple(fault for fault in faults if fault.number not in vetoed),
    )


def _faults(random: Random, storm_us: int) -> list[Fault]:
    chosen = random.choices(list(_WEIGHTS), list(_WEIGHTS.values()), k=random.randint(2, 9))
    times = sorted(random.randint(200_000, storm_us) for _ in chosen)
    return [
        Fault(number, at_us, kind) for number, (at_us, kind) in enumerate(zip(times, chosen, strict=True))
    ]
