"""What a schedule of a Jam will be like."""

from collections.abc import Set
from dataclasses import dataclass

from jam.settings import Limits, Mode, Times
from tests.sim.jams.limits import LIMITS, TIMES
from tests.sim.plan import Plan, Trouble, draw_aim, draw_faults, draw_minors
from tests.sim.streams import Streams

# How often each is drawn.
WEIGHTS = {
    Trouble.UNKNOWN_WRITTEN: 5,
    Trouble.UNKNOWN_NOT_WRITTEN: 3,
    Trouble.UNKNOWN_LATE: 4,
    Trouble.UNAVAILABLE: 2,
    Trouble.RACE: 6,
    Trouble.STORE_AWAY: 3,
    Trouble.STORE_SLOW: 2,
    Trouble.CUT: 5,
    Trouble.DROP: 4,
    Trouble.OFFLINE: 8,
    Trouble.RESTART: 3,
    Trouble.CRASH: 6,
    Trouble.PAUSE: 4,
    Trouble.COMPACT: 2,
    Trouble.NEW_EPOCH: 2,
    Trouble.RESTORE: 2,
    Trouble.STALL: 3,
    Trouble.BUS_SILENT: 5,
    Trouble.BUS_TROUBLE: 4,
    Trouble.RESEND: 3,
    Trouble.CUT_FROM_BUS: 3,
    Trouble.CUT_FROM_STORE: 3,
    Trouble.CUT_FROM_CLIENTS: 3,
    Trouble.DRAIN: 4,
    Trouble.UPGRADE: 3,
    Trouble.HOST_GONE: 12,
    Trouble.ALL_GONE: 4,
    Trouble.BLACKOUT: 4,
    Trouble.DOUBLE_SKIP: 10,
    Trouble.KICK: 10,
    Trouble.CLOCK_JUMP: 4,
    Trouble.SLEEP: 6,
}
MODES: tuple[Mode, ...] = ("votes", "fair", "fair", "queue", "host")


@dataclass(frozen=True, slots=True)
class JamPlan(Plan):
    """`people` with one device each, the first of them the host; `second_devices` more, of the first ones.
    With a `fallback` of so many songs the music plays from the start."""

    people: int
    second_devices: int
    mode: Mode
    down_votes: bool
    approval: bool
    speaker: bool
    fallback: int
    times: Times
    limits: Limits


def draw_jam_plan(streams: Streams, vetoed: Set[int]) -> JamPlan:
    """The plan of a seed."""
    random = streams.of("plan")
    storm_us = random.randint(2_000_000, 5_000_000)
    return JamPlan(
        people=random.choice((2, 3, 3, 4)),
        second_devices=random.choice((0, 1)),
        aim=draw_aim(streams.of("aim")),
        minors=draw_minors(streams.of("minors")),
        nodes=random.choice((1, 2, 2, 3)),
        storm_us=storm_us,
        act_every_us=random.choice((900_000, 1_500_000, 2_500_000)),
        delay_us_max=random.choice((30_000, 30_000, 200_000)),
        encoding=random.choice((0, 0, 0, 0, 0, 0, 0, 0, 1, 2)),
        is_small=random.random() < 0.5,
        mode=random.choice(MODES),
        down_votes=random.random() < 0.3,
        approval=random.random() < 0.1,
        speaker=random.random() < 0.15,
        fallback=random.choice((0, 2, 4, 4)),
        times=TIMES,
        limits=LIMITS,
        faults=draw_faults(streams.of("faults"), WEIGHTS, storm_us, vetoed),
    )
