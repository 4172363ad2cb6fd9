"""The few faults that it takes.

A failing seed comes with up to nine faults, most of them innocent. Vetoing one leaves the others as they are,
so they are taken out one after the other, as long as what is left still fails.
"""

from tests.sim.bugs import Bug
from tests.sim.oracle import Violation
from tests.sim.plan import draw_plan
from tests.sim.streams import Streams
from tests.sim.world import run_schedule


def shrink(seed: int, bug: Bug | None, *, undo_storm: bool = False) -> frozenset[int]:
    """The numbers of the faults that a failing seed does not need, to be vetoed."""
    vetoed: frozenset[int] = frozenset()
    for fault in reversed(draw_plan(Streams(seed), frozenset(), undo_storm=undo_storm).faults):
        fewer = vetoed | {fault.number}
        if fails(seed, fewer, bug, undo_storm=undo_storm):
            vetoed = fewer
    return vetoed


def fails(seed: int, vetoed: frozenset[int], bug: Bug | None, *, undo_storm: bool = False) -> bool:
    try:
        run_schedule(seed, vetoed=vetoed, bug=bug() if bug else None, undo_storm=undo_storm)
    except Violation:
        return True
    return False
