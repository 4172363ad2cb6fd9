"""A world with one playlist, in which every other device speaks JavaScript."""

from tests.sim.coverage import Coverage
from tests.sim.editor import MakeEngine
from tests.sim.javascript.link import javascript_link
from tests.sim.javascript.program import program
from tests.sim.outside import Outside
from tests.sim.playlist_plan import PlaylistPlan
from tests.sim.playlist_world import PlaylistWorld
from tests.sim.streams import Streams
from tests.sim.world import Trace


class MixedWorld(PlaylistWorld):
    """See the module."""

    def __init__(
        self, streams: Streams, plan: PlaylistPlan, outside: Outside, coverage: Coverage, trace: Trace | None
    ) -> None:
        program().clear()
        super().__init__(streams, plan, outside, coverage, trace)

    def _make_engine(self) -> MakeEngine:
        if len(self.editors) % 2 == 0:
            return super()._make_engine()
        self.trace("  in JavaScript")
        return javascript_link
