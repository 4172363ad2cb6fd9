"""What a schedule of a playlist will be like."""

from collections.abc import Set
from dataclasses import dataclass

from tests.sim.plan import Plan, Trouble, draw_faults
from tests.sim.streams import Streams

# Long enough for some 19 commits on average, where 15 are promised: a schedule costs what its commits cost.
STORM_US = (2_000_000, 5_000_000)
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
    Trouble.BUS_SILENT: 10,
    Trouble.BUS_TROUBLE: 10,
    Trouble.RESEND: 6,
    Trouble.FORGE: 4,
    Trouble.KILL_DEVICE: 6,
}


@dataclass(frozen=True, slots=True)
class PlaylistPlan(Plan):
    """`takes_back` is the share of actions that undo or redo."""

    editors: int
    viewers: int
    entries: int
    takes_back: float


def draw_plan(streams: Streams, vetoed: Set[int], *, undo_storm: bool = False) -> PlaylistPlan:
    """The plan of a seed; as an `undo_storm` four people take back half of what they do."""
    random = streams.of("plan")
    storm_us = random.randint(*STORM_US)
    return PlaylistPlan(
        editors=4 if undo_storm else random.randint(2, 4),
        viewers=random.choice((0, 1, 1)),
        nodes=random.choice((1, 2, 2)),
        storm_us=storm_us,
        act_every_us=random.choice((300_000, 500_000, 800_000)),
        delay_us_max=random.choice((30_000, 30_000, 200_000)),
        entries=random.randint(0, 6),
        encoding=random.choice((0, 0, 0, 0, 0, 0, 1, 2)),
        is_small=random.random() < 0.7,
        takes_back=0.5 if undo_storm else streams.of("undo").choice((0, 0, 0.2)),
        faults=draw_faults(streams.of("faults"), _WEIGHTS, storm_us, vetoed),
    )
