"""The JavaScript SDK's algebra, beside what JavaScript programs use instead.

One small op meets another on a JSON list of 100 entries, where ot-json1 is at home: an insert, a remove or a
move. And two branches of 10,000 edits each become one list, as two documents of Yjs do that exchange updates;
once with every kind of edit, and once with inserts and removes, which are all that a Y.Array can do itself.
`measure.js` runs both in turn, in one process of Node; each round is another process and other edits. Needs
the SDK's `dist`, and the others from npm.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.harness import BenchmarkError
from benchmarks.report import ROUNDS, Gate, Report

FOLDER = Path(__file__).parent
SDK = FOLDER.parents[1] / "clients" / "js"
TUTTI, JSON1, YJS = "Tutti", "ot-json1", "Yjs"
TASKS = ("transform", "compose", "apply")
MERGES = ("every kind", "inserts and removes")


def run(rounds: int = ROUNDS) -> Report:
    """Measures all of it in each round."""
    _prepare()
    report = Report("core-js")
    for number in range(1, rounds + 1):
        _measure(report, number)
    for task in TASKS:
        ratio = report.ratio(TUTTI, JSON1, _any(task))
        report.gates.append(Gate(f"{task}, × {JSON1}", ratio, at_most=1))
    for kinds in MERGES:
        ratio = report.ratio(TUTTI, YJS, _merge(kinds))
        report.gates.append(Gate(f"merge of {kinds}, × {YJS}", ratio, at_most=1))
    return report


def _prepare() -> None:
    """Installs and builds what is missing."""
    if shutil.which("npm") is None:
        raise BenchmarkError("there is no npm, and so no Node.js")
    for folder in (FOLDER, SDK):
        if not (folder / "node_modules").exists():
            _npm(folder, "ci", "--silent", "--no-audit", "--no-fund")
    _npm(SDK, "run", "--silent", "build")


def _npm(folder: Path, *words: str) -> None:
    done = subprocess.run(["npm", *words], check=False, cwd=folder, stdout=sys.stderr)
    if done.returncode != 0:
        raise BenchmarkError(f"npm {' '.join(words)} failed in {folder.name}")


def _measure(report: Report, number: int) -> None:
    command = ["node", str(FOLDER / "measure.js"), str(number)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise BenchmarkError(done.stderr.strip())
    measured = json.loads(done.stdout)
    small: dict[str, dict[str, dict[str, float]]] = measured["small"]
    for task in TASKS:
        for contender in (TUTTI, JSON1):
            took_us = {kind: tasks[task][contender] for kind, tasks in small.items()}
            for kind, each_us in took_us.items():
                report.add(contender, f"{task} of one {kind}, µs", each_us)
            report.add(contender, _any(task), sum(took_us.values()) / len(took_us))
    for kinds in MERGES:
        for contender, took_ms in measured["merges"][kinds].items():
            report.add(contender, _merge(kinds), took_ms)


def _any(task: str) -> str:
    return f"{task} of any, µs"


def _merge(kinds: str) -> str:
    return f"merge of {kinds}, ms"
