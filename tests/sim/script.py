"""A schedule as a list of what came from outside.

A seed replays as long as nobody changes what is drawn, in which order, and how: its stream moves, and with it
the story. A script does not depend on that. Its first line says in what world, each other line is an act with
its moment and all that was drawn for it; the rest of the world is steady. Knows how to write one down, how to
play it, and how to leave out what a failure does not need.
"""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from tests.sim.oracle import Violation
from tests.sim.outside import Act, Outside, Recording
from tests.sim.planting import Bug
from tests.sim.steady import SteadyStreams
from tests.sim.streams import Streams
from tests.sim.workload import WORKLOADS, Workload
from tests.sim.world import Report, Trace


class _Title(msgspec.Struct):
    """The first line. `violation`: what it led to when it was written."""

    workload: str
    bug: str
    violation: str
    plan: msgspec.Raw


@dataclass(frozen=True, slots=True)
class Script:
    """`bug` is the name of the planted bug that it catches, "" if a real one."""

    workload: Workload
    bug: str
    violation: str
    plan: Any
    acts: Sequence[Act]

    def play(self, *, is_mended: bool = False, trace: Trace | None = None) -> Report:
        """Lets it happen, with its bug unless that `is_mended`. Raises Violation."""
        bug: Bug | None = self.workload.bugs[self.bug] if self.bug and not is_mended else None
        streams = SteadyStreams()
        return self.workload.live(self.plan, Outside(streams, self.acts), streams, trace=trace, bug=bug)

    def violated(self, *, is_mended: bool = False) -> str:
        """The promise that is broken in it, "" if none is."""
        try:
            self.play(is_mended=is_mended)
        except Violation as violation:
            return str(violation)
        return ""

    def shortened(self) -> "Script":
        """With as few acts as it takes to fail."""
        fewer = replace(
            self, acts=_shortened(self.acts, lambda acts: bool(replace(self, acts=acts).violated()))
        )
        return replace(fewer, violation=fewer.violated())

    def lines(self) -> str:
        """As a file has it."""
        plan = msgspec.Raw(msgspec.json.encode(self.plan))
        title = _Title(self.workload.name, self.bug, self.violation, plan)
        return "".join(msgspec.json.encode(line).decode() + "\n" for line in (title, *self.acts))


def record(workload: Workload, seed: int, vetoed: Set[int], bug: str) -> Script:
    """What comes from outside in the schedule of this seed, and what it leads to in a steady world."""
    streams = Streams(seed)
    plan = workload.plan(streams, vetoed)
    outside = Recording(streams)
    try:
        workload.live(plan, outside, streams, bug=workload.bugs[bug] if bug else None)
    except Violation:
        pass
    script = Script(workload, bug, "", replace(plan, faults=()), outside.acts)
    return replace(script, violation=script.violated())


def read(file: Path) -> Script:
    title_line, *lines = file.read_bytes().splitlines()
    title = msgspec.json.decode(title_line, type=_Title)
    [workload] = [workload for workload in WORKLOADS if workload.name == title.workload]
    plan = msgspec.json.decode(title.plan, type=workload.plan_type)
    acts = [msgspec.json.decode(line, type=Act) for line in lines]
    return Script(workload, title.bug, title.violation, plan, acts)


def _shortened(acts: Sequence[Act], fails: Callable[[Sequence[Act]], bool]) -> Sequence[Act]:
    """Leaves out halves, then quarters, … down to single acts, the last ones first, while it still fails
    (Zeller, Hildebrandt: "Simplifying and Isolating Failure-Inducing Input", IEEE TSE 2002)."""
    size = len(acts)
    while size:
        end = len(acts)
        while end > 0:
            fewer = [*acts[: max(0, end - size)], *acts[end:]]
            if fails(fewer):
                acts = fewer
            end -= size
        size //= 2
    return acts
