"""`python -m tests.sim`: runs schedules, and tells the story of one that fails.

--seed S --schedules N     S, S + 1, …; one without --schedules
--jobs J                   on so many cores; on all without it
--summary FILE             what was seen, as JSON
--undo-storm               four people who take back half of what they do
--javascript               half of the devices with the JavaScript SDK
--jams                     Jams instead of playlists
--day FOLDER               a day of Jams in a SQLite file there, and what `tutti verify` says of it
--mode safety|liveness     storms that never end, or that all do; each seed has its own without it
--trace                    what happens in the schedule, line by line
--explain                  the acts that make a schedule fail, as a script that outlives its seed
--replay FILE              what happens in such a script
--veto 0,3                 leaves these faults of the schedule out
--bug NAME                 plants a bug (see bugs.py, node_bugs.py, cluster_bugs.py, jams/bugs.py)

Ends with 1 if a promise was broken, or if many schedules never showed what they are for.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence, Set
from dataclasses import replace
from pathlib import Path
from time import monotonic

from tests.sim.campaign import Tally, run_on_cores
from tests.sim.jams.day import live_a_day
from tests.sim.oracle import Violation
from tests.sim.plan import Aim
from tests.sim.planting import Bug
from tests.sim.script import Script, read, record
from tests.sim.shrink import shrink
from tests.sim.workload import JAMS, JAVASCRIPT, PLAYLISTS, UNDO_STORMS, Workload

# Below this many schedules the rare things need not have been seen.
ENOUGH = 2_000
PROGRESS_EVERY_S = 5.0


def main(words: Sequence[str] | None = None) -> int:
    arguments = _arguments(words)
    if arguments.day:
        return _live(arguments.day, arguments.seed)
    workload: Workload = arguments.workload
    if arguments.mode:
        option = f"{workload.option} --mode {arguments.mode}".strip()
        workload = replace(workload, option=option, aim=Aim(arguments.mode))
    bug: Bug | None = workload.bugs[arguments.bug] if arguments.bug else None
    vetoed = frozenset(int(number) for number in arguments.veto.split(",") if number)
    if arguments.replay:
        return _replay(arguments.replay)
    if arguments.explain:
        return _write_script(record(workload, arguments.seed, vetoed, arguments.bug))
    if arguments.trace or vetoed:
        return _tell(workload, arguments.seed, vetoed, bug)
    seeds = range(arguments.seed, arguments.seed + arguments.schedules)
    jobs = arguments.jobs or len(os.sched_getaffinity(0))
    tally = run_on_cores(workload, seeds, jobs, bug, _Progress(len(seeds)))
    missing = tally.coverage.missing(workload.sometimes) if tally.schedules >= ENOUGH else set()
    _print(tally, missing)
    if arguments.summary:
        summary = _summary(workload, seeds, tally, arguments.bug)
        arguments.summary.write_text(json.dumps(summary, indent=2) + "\n")
    if tally.violations:
        _tell_first(workload, tally, bug, arguments.bug)
    return 1 if tally.violations or missing else 0


class _Progress:
    """Says every few seconds how far it is."""

    def __init__(self, wanted: int) -> None:
        self._wanted = wanted
        self._said_s = monotonic()

    def __call__(self, tally: Tally) -> None:
        now_s = monotonic()
        if now_s - self._said_s >= PROGRESS_EVERY_S:
            self._said_s = now_s
            so_far = f"{tally.schedules} of {self._wanted} schedules, {tally.rate:.0f} a second and core"
            print(f"{so_far}, {len(tally.violations)} violations", file=sys.stderr, flush=True)


def _print(tally: Tally, missing: Set[str]) -> None:
    for what, times in sorted(tally.coverage.counts.items()):
        print(f"{times:8}  {what}")
    averages = ", ".join(f"{average:.1f} {what}" for what, average in tally.averages().items())
    print(f"{tally.schedules} schedules, {tally.rate:.0f} a second and core; on average {averages}")
    if missing:
        print(f"never seen: {', '.join(sorted(missing))}")


def _summary(workload: Workload, seeds: range, tally: Tally, bug: str) -> dict[str, object]:
    return {
        "first_seed": seeds.start,
        "schedules": tally.schedules,
        "cpu_s": round(tally.cpu_s, 1),
        "schedules_per_core_second": round(tally.rate, 1),
        "averages": tally.averages(),
        "seen": dict(sorted(tally.coverage.counts.items())),
        "violations": [
            {"seed": seed, "violation": violation, "again": _command(workload, seed, frozenset(), bug)}
            for seed, violation in tally.violations
        ],
    }


def _tell_first(workload: Workload, tally: Tally, bug: Bug | None, named: str) -> None:
    """The story of the first failing seed with as few faults as it takes, and how to hear them all again."""
    seed, _ = tally.violations[0]
    needless = shrink(workload, seed, bug)
    _tell(workload, seed, needless, bug)
    for seed, violation in tally.violations:
        print(f"seed {seed}: {violation}")
        vetoed = needless if seed == tally.violations[0][0] else frozenset()
        print(f"again: {_command(workload, seed, vetoed, named)}")
        print(f"to keep: {_command(workload, seed, vetoed, named, '--explain')} > script.jsonl")


def _command(workload: Workload, seed: int, vetoed: Set[int], bug: str, how: str = "--trace") -> str:
    """What replays this seed."""
    option = f" {workload.option}" if workload.option else ""
    veto = f" --veto {','.join(map(str, sorted(vetoed)))}" if vetoed else ""
    return f"python -m tests.sim{option} --seed {seed} {how}{veto}{f' --bug {bug}' if bug else ''}"


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


def _write_script(script: Script) -> int:
    """Prints the script, as short as it fails."""
    if script.violation:
        script = script.shortened()
        print(f"{len(script.acts)} acts, and then: {script.violation}", file=sys.stderr)
    else:
        print("The script breaks no promise: what does may need the seed's own delays.", file=sys.stderr)
    print(script.lines(), end="")
    return 1 if script.violation else 0


def _replay(file: Path) -> int:
    """Prints what happens in a script."""
    try:
        print(read(file).play(trace=print))
    except Violation as violation:
        print(f"violation: {violation}")
        return 1
    return 0


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.sim", description="A whole Tutti in virtual time.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--schedules", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=0)
    parser.add_argument("--summary", type=Path)
    parser.add_argument("--mode", choices=[aim.value for aim in Aim], default="")
    parser.add_argument("--trace", action="store_true")
    parser.add_argument("--explain", action="store_true")
    parser.add_argument("--replay", type=Path)
    parser.set_defaults(workload=PLAYLISTS)
    for workload in (UNDO_STORMS, JAVASCRIPT, JAMS):
        parser.add_argument(workload.option, dest="workload", action="store_const", const=workload)
    parser.add_argument("--day", type=Path)
    parser.add_argument("--veto", default="")
    parser.add_argument("--bug", choices=sorted({*PLAYLISTS.bugs, *JAMS.bugs}), default="")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main())
