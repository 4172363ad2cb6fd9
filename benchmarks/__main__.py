"""`python -m benchmarks [NAME ...]`: runs the benchmarks, prints their JSON, keeps it in `results/`.

Exits 1 if a gate was missed, 2 if a benchmark could not be run.
"""

import argparse
import importlib
import json
import signal
import sys

from benchmarks.harness import RESULTS, BenchmarkError
from benchmarks.report import ROUNDS, Gate, Report

BENCHMARKS = (
    *("fanout", "edit", "core", "rebase", "catchup", "memory", "clock", "sync", "suggest", "jam"),
    *("cluster", "storm", "core-js", "audio"),
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
        _keep(reports[-1])
    print(json.dumps([report.as_json() for report in reports], indent=2))
    for report in reports:
        for gate in report.gates:
            value = "void" if gate.value is None else f"{gate.value:.2f}"
            verdict = gate.unbound or ("kept" if gate.is_kept else "MISSED")
            print(f"{report.benchmark}: {gate.name}: {value} ({_bounds(gate)}): {verdict}", file=sys.stderr)
    return 0 if all(report.is_kept for report in reports) else 1


def _bounds(gate: Gate) -> str:
    if gate.unbound:
        return "no bound here"
    bounds = (("at least", gate.at_least), ("at most", gate.at_most))
    return ", ".join(f"{word} {bound:g}" for word, bound in bounds if bound is not None)


def _keep(report: Report) -> None:
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{report.benchmark}.json").write_text(json.dumps(report.as_json(), indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
