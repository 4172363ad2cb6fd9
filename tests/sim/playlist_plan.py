"""What a schedule of a playlist will be like."""

from collections.abc import Set
from dataclasses import dataclass
from random import Random

from tests.sim.machine import Clocks
from tests.sim.plan import Plan, Trouble, draw_aim, draw_faults, draw_minors, draw_swarm
from tests.sim.streams import Streams

# Long enough for some 17 commits on average, where 15 are promised: a schedule costs what its commits cost.
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
    Trouble.RESEND: 10,
    Trouble.FORGE: 4,
    Trouble.KILL_DEVICE: 6,
    Trouble.CUT_FROM_BUS: 5,
    Trouble.CUT_FROM_STORE: 6,
    Trouble.CUT_FROM_CLIENTS: 5,
    Trouble.DRAIN: 6,
    Trouble.UPGRADE: 5,
    Trouble.SET_CLOCK: 4,
}


# What people do, and of a hundred times how often.
_HAND = {"insert": 39, "remove": 20, "move": 20, "field": 14, "attribute": 5, "bad": 2}


@dataclass(frozen=True, slots=True)
class PlaylistPlan(Plan):
    """`takes_back` is the share of actions that undo or redo; the others are drawn from `hand`."""

    editors: int
    viewers: int
    entries: int
    takes_back: float
    hand: tuple[str, ...]
    clocks: Clocks


def draw_plan(streams: Streams, vetoed: Set[int], *, undo_storm: bool = False) -> PlaylistPlan:
    """The plan of a seed; as an `undo_storm` four people take back half of what they do."""
    random = streams.of("plan")
    storm_us = random.randint(*STORM_US)
    viewers = random.choice((0, 1, 1))
    return PlaylistPlan(
        aim=draw_aim(streams.of("aim")),
        minors=draw_minors(streams.of("minors")),
        editors=4 if undo_storm else random.choice((3, 3, 3, 4, 5)) - viewers,
        viewers=viewers,
        nodes=random.choice((1, 2, 2, 3, 4)),
        storm_us=storm_us,
        act_every_us=random.choice((300_000, 500_000, 800_000)),
        delay_us_max=random.choice((30_000, 30_000, 200_000)),
        entries=random.randint(0, 6),
        encoding=random.choice((0, 0, 0, 0, 0, 0, 1, 2)),
        is_small=random.random() < 0.7,
        clocks=streams.of("clocks").choice(tuple(Clocks)),
        hand=_draw_hand(streams.of("mix")),
        takes_back=0.5 if undo_storm else streams.of("undo").choice((0.0, 0.0, 0.2)),
        faults=draw_faults(streams.of("faults"), _WEIGHTS, storm_us, vetoed),
    )


def _draw_hand(random: Random) -> tuple[str, ...]:
    """What to draw from; without inserts there is nothing to do."""
    mix = draw_swarm(random, _HAND)
    mix.setdefault("insert", _HAND["insert"])
    return tuple(kind for kind, times in mix.items() for _ in range(times))
