"""The few faults that it takes.

A failing seed comes with up to nine faults, most of them innocent. Vetoing one leaves the others as they are,
so they are taken out one after the other, as long as what is left still fails.
"""

from collections.abc import Set

from tests.sim.oracle import Violation
from tests.sim.planting import Bug
from tests.sim.streams import Streams
from tests.sim.workload import Workload


def shrink(workload: Workload, seed: int, bug: Bug | None) -> frozenset[int]:
    """The numbers of the faults that a failing seed does not need, to be vetoed."""
    vetoed: frozenset[int] = frozenset()
    for fault in reversed(workload.draw(Streams(seed), frozenset()).faults):
        fewer = vetoed | {fault.number}
        if fails(workload, seed, fewer, bug):
            vetoed = fewer
    return vetoed


def fails(workload: Workload, seed: int, vetoed: Set[int], bug: Bug | None) -> bool:
    try:
        workload.run(seed, vetoed=vetoed, bug=bug)
    except Violation:
        return True
    return False
