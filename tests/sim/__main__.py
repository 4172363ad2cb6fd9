"""`python -m tests.sim`: runs schedules, and tells the story of one that fails.

--seed S --schedules N     S, S + 1, …; one without --schedules
--undo-storm               four people who take back half of what they do
--trace                    what happens in the schedule, line by line
--veto 0,3                 leaves these faults of the schedule out
--bug NAME                 plants a bug (see bugs.py)
"""

import argparse
import sys
from time import process_time

from tests.sim.bugs import BUGS, Bug
from tests.sim.coverage import Coverage
from tests.sim.oracle import Violation
from tests.sim.shrink import shrink
from tests.sim.world import run_schedule

# Below this many schedules the rare things need not have been seen.
ENOUGH = 2_000


def main() -> int:
    arguments = _arguments()
    bug: Bug | None = BUGS[arguments.bug] if arguments.bug else None
    vetoed = frozenset(int(number) for number in arguments.veto.split(",") if number)
    if arguments.trace:
        return _tell(arguments.seed, vetoed, bug, undo_storm=arguments.undo_storm)
    coverage = Coverage()
    started_s = process_time()
    commits = clients = faults = 0
    for seed in range(arguments.seed, arguments.seed + arguments.schedules):
        try:
            report = run_schedule(
                seed,
                vetoed=vetoed,
                coverage=coverage,
                bug=bug() if bug else None,
                undo_storm=arguments.undo_storm,
            )
        except Violation as violation:
            print(f"seed {seed}: {violation}")
            needless = shrink(seed, bug, undo_storm=arguments.undo_storm) | vetoed
            _tell(seed, needless, bug, undo_storm=arguments.undo_storm)
            veto = ",".join(map(str, sorted(needless)))
            named = f" --bug {arguments.bug}" if arguments.bug else ""
            named += " --undo-storm" if arguments.undo_storm else ""
            print(f"again: python -m tests.sim --seed {seed} --trace --veto '{veto}'{named}")
            return 1
        commits += report.commits
        clients += report.clients
        faults += report.faults
    n = arguments.schedules
    for what, times in sorted(coverage.counts.items()):
        print(f"{times:8}  {what}")
    rate = n / (process_time() - started_s)
    averages = f"{commits / n:.1f} commits, {clients / n:.1f} clients, {faults / n:.1f} faults"
    print(f"{n} schedules, {rate:.0f} a second; on average {averages}")
    missing = coverage.missing()
    if missing and n >= ENOUGH:
        print(f"never seen: {', '.join(sorted(missing))}")
        return 1
    return 0


def _tell(seed: int, vetoed: frozenset[int], bug: Bug | None, *, undo_storm: bool) -> int:
    """Prints what happens in one schedule."""
    try:
        report = run_schedule(
            seed, vetoed=vetoed, trace=print, bug=bug() if bug else None, undo_storm=undo_storm
        )
    except Violation as violation:
        print(f"violation: {violation}")
        return 1
    print(report)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.sim", description="A whole Tutti in virtual time.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--schedules", type=int, default=1)
    parser.add_argument("--trace", action="store_true")
    parser.add_argument("--undo-storm", action="store_true")
    parser.add_argument("--veto", default="")
    parser.add_argument("--bug", choices=sorted(BUGS), default="")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
