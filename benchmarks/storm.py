"""Thousands who come at once: how long until all of them edit, and what those feel who were there.

A few people edit, each at its pace, on a node with a database on the checkout's disk. Then 5,000 clients
connect at the same moment, as when another node has died and its balancer sends everybody here. Each is ready
when it has its playlist open and its first edit is acknowledged. Whoever is turned away comes back when told
to, with the pauses of an SDK. The others' wait for an ack is counted from when their edit was due, before the
storm and in it. What a connection holds is the server's own memory, all of them open and silent, less what it
had before.
"""

import json
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contenders import TUTTI
from benchmarks.harness import Quiet, Server, talking
from benchmarks.report import ROUNDS, Gate, Report
from benchmarks.writing import Desk, Writing, open_desk

COMERS = 5000
RESIDENTS = 20
# Of the comers, 20 in each; the residents have their own.
PLAYLISTS = 250
RESIDENTS_PLAYLISTS = 5
ENTRIES = 50
CALM_S = 5.0
# For what the handshakes left to be given back.
SETTLE_S = 2.0

FIGURES = {
    "all open, s": "open_s",
    "all editing, s": "editing_s",
    "half editing, ms": "arrival_p50_ms",
    "others' ack before, p50 ms": "calm_p50_ms",
    "others' ack before, p99 ms": "calm_p99_ms",
    "others' ack in the storm, p50 ms": "storm_p50_ms",
    "others' ack in the storm, p99 ms": "storm_p99_ms",
    "others' ack in the storm, max ms": "storm_max_ms",
    "others' edits in the storm": "storm_edits",
    "turned away": "refused",
    "told to ask again": "put_off",
    "connections lost": "lost",
}
ALL, TIMES, MEMORY = (
    "all editing, s",
    "others' p99 in the storm, × before",
    "KiB per connection with an open playlist",
)


@dataclass(frozen=True, slots=True)
class Storm:
    """Who was there, and who comes."""

    residents: Desk
    comers: Desk

    def write(self, path: Path) -> None:
        """For `storm.c`."""
        there = Writing(self.residents, RESIDENTS, RESIDENTS_PLAYLISTS)
        coming = Writing(self.comers, COMERS, PLAYLISTS)
        path.write_bytes(there.as_bytes() + coming.as_bytes())


def run(rounds: int = ROUNDS) -> Report:
    """Measures Tutti, on a fresh server each time."""
    report = Report("storm")
    for _ in range(rounds):
        with TUTTI.running() as server:
            _measure(report, server)
    report.gates = [
        Gate(ALL, report.median(TUTTI.name, ALL), at_most=30),
        Gate(TIMES, report.median(TUTTI.name, TIMES), at_most=2),
    ]
    return report


def _measure(report: Report, server: Server) -> None:
    plan = Storm(open_desk(server, RESIDENTS_PLAYLISTS, ENTRIES), open_desk(server, PLAYLISTS, ENTRIES))
    quiet = Quiet(server)
    with talking("storm", server, plan, CALM_S) as storm:
        storm.hear()
        before_bytes, before_s = server.resident_bytes(), server.cpu_s()
        storm.tell()
        measured: dict[str, float] = json.loads(storm.hear())
        spent_s = server.cpu_s() - before_s
        run = measured | {"foreign_cpu": quiet.foreign_cpu()}
        for figure, key in FIGURES.items():
            report.add(TUTTI.name, figure, run[key], run)
        report.add(TUTTI.name, TIMES, run["storm_p99_ms"] / run["calm_p99_ms"], run)
        report.add(TUTTI.name, "node ms per arrival", spent_s * 1000 / COMERS, run)
        time.sleep(SETTLE_S)
        report.add(TUTTI.name, MEMORY, (server.resident_bytes() - before_bytes) / COMERS / 1024)
