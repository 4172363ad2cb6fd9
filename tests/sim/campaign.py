"""Many schedules.

Runs the schedules of a range of seeds, on several cores if wanted, and adds up what they amounted to. Knows
slices, workers and how to count; not what a schedule is (`workload`), nor what to say of one that fails
(`shrink`, the command line).
"""

import gc
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context
from time import process_time

from tests.sim.coverage import Coverage
from tests.sim.oracle import Violation
from tests.sim.planting import Bug
from tests.sim.workload import Workload

# So many seeds a worker takes at a time: some seconds of work, so that progress is seen and all end together.
SLICE = 100
# After so many failing seeds the next ones have nothing new to tell.
VIOLATIONS_MAX = 10
# A world is a knot of objects that refer to each other. Looking for such knots all the time cost a tenth of a
# run, and not at all would cost a MiB a schedule.
COLLECT_EVERY = 25


@dataclass(slots=True)
class Tally:
    """What a number of schedules amounted to. `cpu_s` is what one core would have taken, in seconds;
    `violations` are failing seeds and what was broken."""

    schedules: int = 0
    commits: int = 0
    clients: int = 0
    faults: int = 0
    cpu_s: float = 0.0
    coverage: Coverage = field(default_factory=Coverage)
    violations: list[tuple[int, str]] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Schedules a second and core."""
        return self.schedules / self.cpu_s if self.cpu_s else 0.0

    def add(self, other: "Tally") -> None:
        self.schedules += other.schedules
        self.commits += other.commits
        self.clients += other.clients
        self.faults += other.faults
        self.cpu_s += other.cpu_s
        self.coverage.counts.update(other.coverage.counts)
        self.violations.extend(other.violations)

    def averages(self) -> dict[str, float]:
        """Of a schedule."""
        n = max(1, self.schedules)
        sums = {"commits": self.commits, "clients": self.clients, "faults": self.faults}
        return {what: round(total / n, 2) for what, total in sums.items()}


def run_seeds(workload: Workload, seeds: Iterable[int], bug: Bug | None = None) -> Tally:
    """The schedules of these seeds, one after the other, up to `VIOLATIONS_MAX` failing ones."""
    tally = Tally()
    started_s = process_time()
    with _collecting_by_hand():
        for seed in seeds:
            try:
                report = workload.run(seed, coverage=tally.coverage, bug=bug)
            except Violation as violation:
                tally.violations.append((seed, str(violation)))
            else:
                tally.commits += report.commits
                tally.clients += report.clients
                tally.faults += report.faults
            tally.schedules += 1
            if tally.schedules % COLLECT_EVERY == 0:
                gc.collect()
            if len(tally.violations) >= VIOLATIONS_MAX:
                break
    tally.cpu_s = process_time() - started_s
    return tally


def run_on_cores(
    workload: Workload, seeds: range, jobs: int, bug: Bug | None, progress: Callable[[Tally], None]
) -> Tally:
    """As `run_seeds`, by so many processes; `progress` is called with the sum so far after each slice."""
    tally = Tally()
    for part in _parts(workload, seeds, jobs, bug):
        tally.add(part)
        progress(tally)
        if len(tally.violations) >= VIOLATIONS_MAX:
            break
    tally.violations.sort()
    return tally


def _parts(workload: Workload, seeds: range, jobs: int, bug: Bug | None) -> Iterator[Tally]:
    """What each slice amounted to, as they end."""
    slices = (seeds[at : at + SLICE] for at in range(0, len(seeds), SLICE))
    if jobs == 1 or len(seeds) <= SLICE:
        yield from (run_seeds(workload, part, bug) for part in slices)
        return
    # Spawned, not forked: a worker must not inherit whatever threads and state its parent has.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        running: set[Future[Tally]] = set()
        try:
            while True:
                wanted = 2 * jobs - len(running)
                running |= {pool.submit(run_seeds, workload, part, bug) for part in islice(slices, wanted)}
                if not running:
                    return
                ended, running = wait(running, return_when=FIRST_COMPLETED)
                for future in ended:
                    yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)


@contextmanager
def _collecting_by_hand() -> Iterator[None]:
    """Nobody looks for garbage while the block runs, and what is here already is none of its business."""
    was_enabled = gc.isenabled()
    gc.disable()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        if was_enabled:
            gc.enable()
