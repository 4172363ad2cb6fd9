"""How things go wrong between nodes.

A node is cut off from one of the three whom it talks to, and from nobody else; it is told to stop, and starts
again, perhaps as the neighbouring minor version; its machine's clock is set. All of it ends after a while,
unless the storm itself does not. Knows the world's parts and breaks them. Does not know what should come of
it.
"""

from random import Random
from typing import TYPE_CHECKING, Any, Final

from tests.sim.machine import HOUR_MS
from tests.sim.node import SimNode
from tests.sim.plan import Trouble

if TYPE_CHECKING:
    from tests.sim.faults import Faults
    from tests.sim.world import World

# How long one is cut off: from a moment to longer than the heads' comparison takes to find out.
CUT_US: Final = (200_000, 3_000_000)
DOWN_US: Final = (20_000, 600_000)
CLOCK_STEPS_MS: Final = (-HOUR_MS, -20_000, -3_000, 3_000, 20_000, HOUR_MS)

CLUSTER_TROUBLES: Final = frozenset(
    {
        Trouble.CUT_FROM_BUS,
        Trouble.CUT_FROM_STORE,
        Trouble.CUT_FROM_CLIENTS,
        Trouble.DRAIN,
        Trouble.UPGRADE,
        Trouble.SET_CLOCK,
    }
)


class ClusterFaults:
    """Brings these troubles about; `faults` brings about all others."""

    def __init__(self, world: "World[Any, Any]", faults: "Faults") -> None:
        self._world = world
        self._faults = faults

    def bring_about(self, trouble: Trouble, random: Random) -> None:
        world = self._world
        node = random.choice(world.nodes)
        world.trace(f"  {node.name}")
        lasts_us = random.randint(*CUT_US)
        match trouble:
            case Trouble.CUT_FROM_BUS:
                world.bus.cut(node.name)
                self._faults.end_in(lasts_us, world.bus.mend, node.name)
            case Trouble.CUT_FROM_STORE:
                node.line.cut(is_one_way=random.random() < 0.5)
                self._faults.end_in(lasts_us, node.line.mend)
            case Trouble.CUT_FROM_CLIENTS:
                node.lose_clients(random.randint(0, lasts_us))
                self._faults.end_in(lasts_us, self._regain_clients, node)
            case Trouble.DRAIN:
                node.drain(lambda: self._start_later(node, random))
            case Trouble.UPGRADE:
                node.drain(lambda: self._upgrade(node, random))
            case Trouble.SET_CLOCK:
                node.machine.set_wall(random.choice(CLOCK_STEPS_MS))
            case _:
                raise AssertionError(f"{trouble} is none of a cluster")

    def heal(self) -> None:
        for node in self._world.nodes:
            node.line.mend()
            self._regain_clients(node)

    @staticmethod
    def _regain_clients(node: SimNode) -> None:
        node.is_reachable = True

    def _upgrade(self, node: SimNode, random: Random) -> None:
        """The node comes back as the other one of the two minor versions that run in this world."""
        older, newer = self._world.plan.minors
        if older is not newer:
            node.minor = older if node.minor is newer else newer
            self._world.coverage.hit("a node changed its version")
            self._world.trace(f"{node.name} becomes {node.minor.name.lower()}")
        self._start_later(node, random)

    def _start_later(self, node: SimNode, random: Random) -> None:
        self._world.trace(f"{node.name} has stopped")
        self._faults.end_in(random.randint(*DOWN_US), self._faults.start, node)
