"""Writers through real sockets: how many edits a second are acknowledged, and how long each waits.

Acknowledged means durable: SQLite with `synchronous=FULL` on the checkout's disk, PostgreSQL with fsync.
The writers are light (`writers.c`): each has one submission under way, and writes the next one when its row
is back. A hundred of them on one playlist of 1,000 entries meet on every op; a hundred on a playlist each
share nothing but the server; one alone shows what batching costs whom it does not help. The reference is the
same server with one transaction for each op (`one_by_one.py`). Only the server that is measured runs: the
others, which would be saving and unloading the rooms that their writers left, are stopped.
"""

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace

import httpx

from benchmarks.contenders import TUTTI
from benchmarks.databases import Database, postgresql, sqlite
from benchmarks.harness import BenchmarkError, Server, free_port, generate, running
from benchmarks.report import ROUNDS, Gate, Report
from benchmarks.writing import Desk, Writing, open_desk

ENTRIES = 1000
SECONDS = 2.0
PUT_AWAY_S = 30.0

DATABASES: tuple[Callable[[], AbstractContextManager[Database]], ...] = (sqlite, postgresql)
GROUPED, ONE_BY_ONE = "collab.main", "benchmarks.one_by_one"


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    writers: int
    playlists: int


HOT = Case("100 writers, 1 playlist", 100, 1)
WIDE = Case("100 writers, 100 playlists", 100, 100)
ALONE = Case("1 writer", 1, 1)
CASES = (HOT, WIDE, ALONE)


@dataclass(frozen=True, slots=True)
class Subject:
    """A server that runs, with playlists to write to."""

    name: str
    server: Server
    desk: Desk


def run(rounds: int = ROUNDS) -> Report:
    """Measures both programs on both databases."""
    report = Report("edit")
    with ExitStack() as stack:
        subjects = [
            stack.enter_context(_subject(module, stack.enter_context(database())))
            for database in DATABASES
            for module in (GROUPED, ONE_BY_ONE)
        ]
        for _ in range(rounds):
            for case in CASES:
                for subject in subjects:
                    _measure(report, subject, case)
    for name in ("SQLite", "PostgreSQL"):
        report.gates += _gates(report, name)
    return report


@contextmanager
def _subject(module: str, database: Database) -> Iterator[Subject]:
    port = free_port()
    command = [sys.executable, "-m", module, "serve", *database.words, "--port", str(port)]
    environment = {**TUTTI.environment, **database.environment}
    name = _name(module, database.name)
    log_name = name.replace(" ", "-").replace(",", "")
    with running(log_name, command, port, **environment) as server:
        server = replace(server, database=database.process)
        desk = open_desk(server, WIDE.playlists, ENTRIES)
        server.process.send_signal(signal.SIGSTOP)
        try:
            yield Subject(name, server, desk)
        finally:
            server.process.send_signal(signal.SIGCONT)


@contextmanager
def _awake(server: Server) -> Iterator[None]:
    """The server runs inside, from when it has put away the rooms that nobody is in."""
    server.process.send_signal(signal.SIGCONT)
    try:
        give_up = time.monotonic() + PUT_AWAY_S
        while "\ntutti_rooms 0.0\n" not in httpx.get(f"{server.url}/metrics").text:
            if time.monotonic() > give_up:
                raise BenchmarkError(f"{server.name} does not unload its rooms")
            time.sleep(0.05)
        yield
    finally:
        server.process.send_signal(signal.SIGSTOP)


def _name(module: str, database: str) -> str:
    return f"{database}{', one by one' if module == ONE_BY_ONE else ''}"


def _measure(report: Report, subject: Subject, case: Case) -> None:
    with _awake(subject.server):
        run = generate(
            subject.server,
            lambda: Writing(subject.desk, case.writers, case.playlists),
            SECONDS,
            generator="writers",
        )
    for figure, key in (("acked/s", "acked_per_s"), ("p50 ms", "p50_ms"), ("p99 ms", "p99_ms")):
        report.add(subject.name, f"{case.name}: {figure}", run[key], run)


def _gates(report: Report, database: str) -> list[Gate]:
    mine, reference = _name(GROUPED, database), _name(ONE_BY_ONE, database)

    def faster(case: Case, acked_per_s: float, times: float) -> list[Gate]:
        figure = f"{case.name}: acked/s"
        ratio = report.ratio(mine, reference, figure)
        return [
            Gate(f"{database}, {figure}", report.median(mine, figure), at_least=acked_per_s),
            Gate(f"{database}, {figure}, × one by one", ratio, at_least=times),
        ]

    wait = f"{ALONE.name}: p50 ms"
    alone = Gate(f"{database}, {wait}, × one by one", report.ratio(mine, reference, wait), at_most=1.3)
    return [*faster(HOT, 3000, 3), *faster(WIDE, 4000, 1.2), alone]
