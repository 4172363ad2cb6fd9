"""`python -m tests.faults [ROW …]`: brings faults about and says what was seen.

    python -m tests.faults node-killed --scale full --rounds 10
    python -m tests.faults node-killed-100-times --rounds 25 --seed 2 --join
    python -m tests.faults --list

Writes each row's result to `tests/faults/results` when it is played at full size (or to `--json DIR`), and
exits 1 if anything was missed. `make docs` then makes the table of docs/RELIABILITY.md anew.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.faults.figures import RESULTS, Result
from tests.faults.row import FAILED, play
from tests.faults.rows import ROWS


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Faults with real processes.")
    parser.add_argument("rows", nargs="*", metavar="ROW", help="those to play; all if none is named")
    parser.add_argument("--scale", choices=("slice", "full"), default="full")
    parser.add_argument("--rounds", type=int, help="how often the fault comes, instead of the row's own")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="DIR", help="where results go")
    parser.add_argument("--join", action="store_true", help="count this run to the results that are there")
    parser.add_argument("--list", action="store_true", help="name the rows")
    chosen = parser.parse_args(arguments)
    unknown = [name for name in chosen.rows if name not in ROWS]
    if unknown:
        parser.error(f"there is no row {', '.join(unknown)}; --list names them")
    rows = [ROWS[name] for name in chosen.rows or ROWS]
    if chosen.list:
        _say(*(f"{row.name:28} {row.fault}: {row.promise}" for row in rows))
        return 0
    folder = chosen.json or (RESULTS if chosen.scale == "full" else None)
    missed = 0
    for row in rows:
        if chosen.scale == "slice" and row.slice is None:
            continue
        result = play(row, chosen.scale, chosen.rounds, chosen.seed)
        _report(result)
        missed += not result.holds
        if folder is not None:
            path = folder / f"{row.name}.json"
            (Result.read(path).joined(result) if chosen.join and path.exists() else result).write(path)
    return 1 if missed else 0


def _report(result: Result) -> None:
    _say(f"{result.row} ({result.scale}, {result.seconds} s, load {result.load_average[0]})")
    for figure in result.figures:
        sign = "≥" if figure.at_least else "≤"
        verdict = "" if figure.holds else "  MISSED"
        _say(f"  {figure.name}: {figure.seen:.4g} {figure.unit} ({sign} {figure.promised:g}){verdict}")
    _say(*(f"  FOUND: {finding}" for finding in result.findings))
    if not result.holds:
        _say(f"  History and logs are kept below {FAILED}.")


def _say(*lines: str) -> None:
    sys.stdout.writelines(line + "\n" for line in lines)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
