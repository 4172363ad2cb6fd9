"""How long somebody waits for what a letter finds, among 100,000 tracks.

Real titles, each typed letter by letter, up to 20 letters, as a browser asks: one request for each, over a
connection that stays open, to a real server on SQLite and on PostgreSQL. The first letters count as the
others do, and once more by themselves: they match tens of thousands of tracks. So do titles with a letter
mistyped. The reference is what one writes first, `LIKE '%…%'` over the same table, asked without a server in
between.
"""

import random
import statistics
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Final

from benchmarks.crate import Ask, Crate, crate, recorded_rows
from benchmarks.databases import postgresql, sqlite
from benchmarks.harness import Quiet
from benchmarks.report import ROUNDS, Gate, Report
from storage.catalogue import TrackRow

TITLES: Final = 40
LETTERS_MAX: Final = 20
SHORT: Final = 2
# Of the letters of a round; a scan takes long.
SCANS: Final = 40
P95_MS_MAX: Final = 30

P50, P95, MOST = "p50, ms", "p95, ms", "most, ms"


def run(rounds: int = ROUNDS) -> Report:
    """Asks both databases the same."""
    report = Report("search")
    rows = recorded_rows()
    with ExitStack() as stack:
        crates = [
            stack.enter_context(crate(stack.enter_context(database()), rows))
            for database in (sqlite, postgresql)
        ]
        for number in range(rounds):
            for each in crates:
                _measure(report, each, rows, random.Random(number))
    for each in crates:
        typed = report.median(each.name, P95)
        scanned = report.ratio(each.name, _scans(each), P95)
        report.gates.append(Gate(f"{each.name}: p95 of a letter, ms", typed, at_most=P95_MS_MAX))
        report.gates.append(Gate(f"{each.name}: p95 of a letter, × a scan's", scanned, at_most=0.5))
    return report


def _measure(report: Report, crate: Crate, rows: Sequence[TrackRow], draw: random.Random) -> None:
    titles = [_wanted(row, draw) for row in draw.sample(rows, TITLES)]
    letters = [title[:length] for title in titles for length in range(1, len(title) + 1)]
    quiet = Quiet(crate.server)
    began_s, began_cpu_s = time.perf_counter(), time.process_time()
    # Between two rounds the server would close one that is idle.
    with crate.asking() as ask:
        taken = [(typed, _ms(ask, typed)) for typed in letters]
        wrong = [_ms(ask, _mistyped(title, draw)) for title in titles]
    cpu = (time.process_time() - began_cpu_s) / (time.perf_counter() - began_s)
    run = {"cpu": cpu, "foreign_cpu": quiet.foreign_cpu()}
    _add(report, crate.name, [ms for _, ms in taken], run)
    _add(report, f"{crate.name}, 1 or 2 letters", [ms for typed, ms in taken if len(typed) <= SHORT], run)
    _add(report, f"{crate.name}, mistyped", wrong, run)
    _add(report, _scans(crate), [_ms(crate.scan, typed) for typed in draw.sample(letters, SCANS)], run)


def _scans(crate: Crate) -> str:
    return f"{crate.name}, LIKE"


def _add(report: Report, name: str, taken_ms: Sequence[float], run: dict[str, float]) -> None:
    report.add(name, P50, statistics.median(taken_ms), run)
    report.add(name, P95, statistics.quantiles(taken_ms, n=20)[-1], run)
    report.add(name, MOST, max(taken_ms), run)


def _ms(ask: Ask, typed: str) -> float:
    began_s = time.perf_counter()
    ask(typed)
    return 1000 * (time.perf_counter() - began_s)


def _wanted(row: TrackRow, draw: random.Random) -> str:
    """As people look for a song: by its title, or by its artist and title."""
    words = f"{row.artists[0]} {row.title}" if draw.random() < 0.3 else row.title
    return words[:LETTERS_MAX]


def _mistyped(title: str, draw: random.Random) -> str:
    at = draw.randrange(len(title))
    return title[:at] + draw.choice("etaoinshrdlu") + title[at + 1 :]
