"""What can be simulated.

A workload makes the world of a seed: which plan is drawn, who lives in it, which interesting things must be
seen at least once, and which planted bugs must be caught. Whoever runs, shrinks or replays schedules asks
only this.
"""

from collections.abc import Callable, Mapping, Set
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from ot.op import OpError
from tests.sim.bugs import BUGS
from tests.sim.cluster_bugs import CLUSTER_BUGS
from tests.sim.coverage import SOMETIMES, Coverage
from tests.sim.jams.bugs import JAM_BUGS
from tests.sim.jams.coverage import JAM_SOMETIMES
from tests.sim.jams.limits import hasty
from tests.sim.jams.plan import JamPlan, draw_jam_plan
from tests.sim.jams.world import JamWorld
from tests.sim.javascript.world import MixedWorld
from tests.sim.limits import small
from tests.sim.node_bugs import NODE_BUGS
from tests.sim.oracle import Violation
from tests.sim.outside import Outside
from tests.sim.plan import Aim, Plan
from tests.sim.planting import Bug
from tests.sim.playlist_plan import PlaylistPlan, draw_plan
from tests.sim.playlist_world import PlaylistWorld
from tests.sim.streams import Streams
from tests.sim.world import Report, Trace, World


@dataclass(frozen=True, slots=True)
class Workload:
    """`option` is how the command line names it. `limits` holds while a schedule of a plan runs. `aim`, if
    there is one, is that of all its schedules."""

    name: str
    option: str
    plan_type: type[Plan]
    draw: Callable[[Streams, Set[int]], Any]
    world: Callable[[Streams, Any, Outside, Coverage, Trace | None], World[Any, Any]]
    limits: Callable[[Plan], AbstractContextManager[None]]
    sometimes: Set[str]
    bugs: Mapping[str, Bug]
    aim: Aim | None = None

    def run(
        self,
        seed: int,
        *,
        vetoed: Set[int] = frozenset(),
        coverage: Coverage | None = None,
        trace: Trace | None = None,
        bug: Bug | None = None,
    ) -> Report:
        """Runs the schedule of a seed. Raises Violation if a promise was broken, whatever broke it."""
        streams = Streams(seed)
        plan = self.plan(streams, vetoed)
        return self.live(plan, Outside(streams), streams, coverage=coverage, trace=trace, bug=bug)

    def plan(self, streams: Streams, vetoed: Set[int]) -> Any:
        """The plan of a seed."""
        plan = self.draw(streams, vetoed)
        return plan if self.aim is None else replace(plan, aim=self.aim)

    def live(
        self,
        plan: Plan,
        outside: Outside,
        streams: Streams,
        *,
        coverage: Coverage | None = None,
        trace: Trace | None = None,
        bug: Bug | None = None,
    ) -> Report:
        """Runs the schedule of a plan. Raises Violation."""
        with bug() if bug else nullcontext(), self.limits(plan):
            world = self.world(streams, plan, outside, coverage or Coverage(), trace)
            try:
                return world.run()
            except Violation:
                raise
            except (AssertionError, OpError, LookupError, TypeError, ValueError) as error:
                raise Violation(f"{type(error).__name__}: {error}") from error


def _limits(plan: Plan) -> AbstractContextManager[None]:
    return small(plan.is_small)


PLAYLISTS: Final = Workload(
    "playlists",
    "",
    PlaylistPlan,
    draw_plan,
    PlaylistWorld,
    _limits,
    SOMETIMES,
    {**BUGS, **NODE_BUGS, **CLUSTER_BUGS},
)
# Four people who take back half of what they do.
UNDO_STORMS: Final = replace(
    PLAYLISTS,
    name="undo storms",
    option="--undo-storm",
    draw=partial(draw_plan, undo_storm=True),
    sometimes=frozenset(),
)
# Half of the devices have the JavaScript SDK; what was shown to be seen with one language need not be again.
JAVASCRIPT: Final = replace(
    PLAYLISTS, name="javascript", option="--javascript", world=MixedWorld, sometimes=frozenset()
)
JAMS: Final = Workload("jams", "--jams", JamPlan, draw_jam_plan, JamWorld, hasty, JAM_SOMETIMES, JAM_BUGS)
WORKLOADS: Final = (PLAYLISTS, UNDO_STORMS, JAVASCRIPT, JAMS)
