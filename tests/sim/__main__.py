"""`python -m tests.sim`: runs schedules, and tells the story of one that fails.

--seed S --schedules N     S, S + 1, …; one without --schedules
--undo-storm               four people who take back half of what they do
--jams                     Jams instead of playlists
--day FOLDER               a day of Jams in a SQLite file there, and what `tutti verify` says of it
--trace                    what happens in the schedule, line by line
--veto 0,3                 leaves these faults of the schedule out
--bug NAME                 plants a bug (see bugs.py, node_bugs.py, jams/bugs.py)
"""

import argparse
import sys
from collections.abc import Set
from pathlib import Path
from time import process_time

from tests.sim.coverage import Coverage
from tests.sim.jams.day import live_a_day
from tests.sim.oracle import Violation
from tests.sim.planting import Bug
from tests.sim.shrink import shrink
from tests.sim.workload import JAMS, PLAYLISTS, UNDO_STORMS, Workload

# Below this many schedules the rare things need not have been seen.
ENOUGH = 2_000


def main() -> int:
    arguments = _arguments()
    if arguments.day:
        return _live(arguments.day, arguments.seed)
    workload = JAMS if arguments.jams else UNDO_STORMS if arguments.undo_storm else PLAYLISTS
    bug: Bug | None = workload.bugs[arguments.bug] if arguments.bug else None
    vetoed = frozenset(int(number) for number in arguments.veto.split(",") if number)
    if arguments.trace:
        return _tell(workload, arguments.seed, vetoed, bug)
    coverage = Coverage()
    started_s = process_time()
    commits = clients = faults = 0
    for seed in range(arguments.seed, arguments.seed + arguments.schedules):
        try:
            report = workload.run(seed, vetoed=vetoed, coverage=coverage, bug=bug)
        except Violation as violation:
            print(f"seed {seed}: {violation}")
            needless = shrink(workload, seed, bug) | vetoed
            _tell(workload, seed, needless, bug)
            veto = ",".join(map(str, sorted(needless)))
            named = f" --bug {arguments.bug}" if arguments.bug else ""
            command = f"python -m tests.sim {workload.option}".rstrip()
            print(f"again: {command} --seed {seed} --trace --veto '{veto}'{named}")
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
    missing = coverage.missing(workload.sometimes)
    if missing and n >= ENOUGH:
        print(f"never seen: {', '.join(sorted(missing))}")
        return 1
    return 0


def _live(folder: Path, seed: int) -> int:
    day = live_a_day(folder, seed)
    for finding in day.findings:
        print(finding)
    print(f"{day.commits} commits, {day.faults} faults")
    print(f"verified {day.verified.documents} documents, {day.verified.findings} findings")
    return 1 if day.verified.findings else 0


def _tell(workload: Workload, seed: int, vetoed: Set[int], bug: Bug | None) -> int:
    """Prints what happens in one schedule."""
    try:
        report = workload.run(seed, vetoed=vetoed, trace=print, bug=bug)
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
    parser.add_argument("--jams", action="store_true")
    parser.add_argument("--day", type=Path)
    parser.add_argument("--veto", default="")
    parser.add_argument("--bug", choices=sorted({*PLAYLISTS.bugs, *JAMS.bugs}), default="")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
