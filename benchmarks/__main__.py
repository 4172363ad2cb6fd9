"""`python -m benchmarks [NAME ...]`: runs the benchmarks, prints their JSON, keeps it in `results/`.

Exits 1 if a gate was missed, 2 if a benchmark could not be run.
"""

import argparse
import importlib
import json
import signal
import sys

from benchmarks.harness import BenchmarkError, keep_report
from benchmarks.report import ROUNDS, Report

BENCHMARKS = (
    *("fanout", "edit", "core", "rebase", "catchup", "memory", "clock", "sync", "suggest", "jam"),
    *("cluster", "storm", "core-js", "audio", "beat", "search", "scan", "imports", "probes", "page", "http"),
)


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m benchmarks", description="Benchmarks with their gates.")
    options.add_argument("names", nargs="*", metavar="NAME", help=f"any of: {', '.join(BENCHMARKS)}")
    options.add_argument("--rounds", type=int, default=ROUNDS, help="default %(default)s; the median counts")
    chosen = options.parse_args()
    unknown = set(chosen.names) - set(BENCHMARKS)
    if unknown:
        options.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    # Told to stop, the servers that were started stop too.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    reports: list[Report] = []
    for name in chosen.names or BENCHMARKS:
        try:
            module = importlib.import_module(f"benchmarks.{name.replace('-', '_')}")
            reports.append(module.run(rounds=chosen.rounds))
        except BenchmarkError as error:
            print(f"{name}: {error}", file=sys.stderr)
            return 2
        keep_report(reports[-1])
    print(json.dumps([report.as_json() for report in reports], indent=2))
    for report in reports:
        report.print_gates()
    return 0 if all(report.is_kept for report in reports) else 1


if __name__ == "__main__":
    sys.exit(main())
