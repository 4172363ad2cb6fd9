"""A day of Jams in a real database, and what `tutti verify` says of it.

The simulated world with a SQLite file behind its store: the same rooms, people and faults, one Jam after the
other, with the times of a Jam sixty times shorter, so that two hours pass in two minutes of virtual time.
What the worlds check while they run they check of SQLite here; at the end the whole file is looked through.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from collab.config import Settings as ServerSettings
from collab.database import visit_database
from collab.jams import shortened
from collab.kinds import all_kinds
from collab.verify import Verification, Verified
from jam.settings import Limits, Times
from storage.memory import CommitFault
from storage.rows import Commit
from storage.sqlite import SqliteStore, open_sqlite
from storage.store import OutcomeUnknown, Unavailable
from tests.sim.coverage import Coverage
from tests.sim.jams.plan import WEIGHTS, JamPlan, draw_jam_plan
from tests.sim.jams.world import JamWorld
from tests.sim.limits import small
from tests.sim.outside import Outside
from tests.sim.plan import Trouble, draw_faults
from tests.sim.streams import Streams
from tests.sim.world import Trace

SHORTER: Final = 60
JAMS_A_DAY: Final = 12
MINUTES_A_JAM: Final = 24 * 60 // JAMS_A_DAY
ACT_EVERY_US: Final = 500_000
MINUTES_A_FAULT: Final = (3, 6)
# A backup is put back by hand; the simulation does it inside the store in memory only.
_WEIGHTS: Final[dict[Trouble, int]] = {
    trouble: weight for trouble, weight in WEIGHTS.items() if trouble is not Trouble.RESTORE
}


@dataclass(frozen=True, slots=True)
class Day:
    """What a day amounted to."""

    commits: int
    faults: int
    verified: Verified
    findings: Sequence[str]


def live_a_day(folder: Path, seed: int, jams: int = JAMS_A_DAY, minutes: int = MINUTES_A_JAM) -> Day:
    """So many Jams one after the other, each so long, in a database made in `folder`. Raises Violation if one
    of them broke a promise while it ran."""
    commits = faults = 0
    with asyncio.Runner() as runner:
        store = BlockingStore(runner, runner.run(open_sqlite(folder)))
        for number in range(seed, seed + jams):
            streams = Streams(number)
            plan = _plan(streams, minutes)
            # Nothing that folds is changed: whoever verifies folds again, without this.
            with small(plan.is_small):
                report = DayWorld(store, streams, plan).run()
            commits += report.commits
            faults += report.faults
        runner.run(store.sqlite.close())
    findings: list[str] = []
    verified = asyncio.run(_verify(folder, findings.append))
    return Day(commits, faults, verified, findings)


def _plan(streams: Streams, minutes: int) -> JamPlan:
    storm_us = minutes * 60 * 1_000_000 // SHORTER
    few, many = (minutes // apart for apart in reversed(MINUTES_A_FAULT))
    return replace(
        draw_jam_plan(streams, frozenset()),
        storm_us=storm_us,
        act_every_us=ACT_EVERY_US,
        times=shortened(Times(), SHORTER),
        limits=Limits(seats=5, listeners=2),
        faults=draw_faults(streams.of("faults"), _WEIGHTS, storm_us, frozenset(), (few, many)),
    )


async def _verify(folder: Path, report: Callable[[str], None]) -> Verified:
    """As `tutti verify` does it."""
    store = await visit_database(ServerSettings(data=folder))
    try:
        return await Verification(store, all_kinds(), report).run()
    finally:
        await store.close()


class DayWorld(JamWorld):
    """A Jam in this store."""

    def __init__(
        self, store: "BlockingStore", streams: Streams, plan: JamPlan, trace: Trace | None = None
    ) -> None:
        self._blocking = store
        super().__init__(streams, plan, Outside(streams), Coverage(), trace)

    def _database(self) -> Any:
        return self._blocking


class BlockingStore:
    """A store whose methods never wait, as the world wants them: whoever calls one is held up instead. Loses
    answers as the store in memory does."""

    def __init__(self, runner: asyncio.Runner, sqlite: SqliteStore) -> None:
        self.sqlite = sqlite
        self._runner = runner
        self._faults: deque[CommitFault] = deque()

    def __getattr__(self, name: str) -> Any:
        return partial(self._call, getattr(self.sqlite, name))

    async def _call(self, method: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        return self._runner.run(method(*arguments, **options))

    def fail_next_commit(self, fault: CommitFault) -> None:
        self._faults.append(fault)

    async def commit(self, group: Sequence[Commit]) -> list[bool]:
        fault = self._faults.popleft() if self._faults else None
        if fault is CommitFault.UNAVAILABLE:
            raise Unavailable("The simulated database cannot be reached.")
        if fault is CommitFault.UNKNOWN_NOT_WRITTEN:
            raise OutcomeUnknown("The simulated database did not answer.")
        answers: list[bool] = self._runner.run(self.sqlite.commit(group))
        if fault is CommitFault.UNKNOWN_WRITTEN:
            raise OutcomeUnknown("The simulated database did not answer.")
        return answers
