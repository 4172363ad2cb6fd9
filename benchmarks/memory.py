"""What an idle connection holds: the server's own memory before and after so many have come.

The first connections load what a server loads once, and are not counted. The kernel's socket buffers are not
either: they are the same for everyone. The references are those of `fanout`.
"""

import time

from benchmarks.contenders import BROADCAST, FRAMES, STARLETTE, TUTTI, Contender
from benchmarks.harness import held
from benchmarks.report import ROUNDS, Gate, Report

FIRST = 200
CONNECTIONS = 2000
# For what the handshakes left to be given back.
SETTLE_S = 1.0


def run(rounds: int = ROUNDS) -> Report:
    """Measures Tutti beside the references."""
    report = Report("memory")
    for _ in range(rounds):
        for contender in (STARLETTE, BROADCAST, FRAMES, TUTTI):
            report.add(contender.name, "KiB per idle connection", _measure(contender) / 1024)
    mine = report.median(TUTTI.name, "KiB per idle connection")
    report.gates = [Gate("KiB per idle connection", mine, at_most=28)]
    return report


def _measure(contender: Contender) -> float:
    """Bytes a connection, on a fresh server."""
    with contender.running() as server, held(server, contender.plan(server, FIRST, 0)):
        time.sleep(SETTLE_S)
        before = server.resident_bytes()
        with held(server, contender.plan(server, CONNECTIONS, 0)):
            time.sleep(SETTLE_S)
            return (server.resident_bytes() - before) / CONNECTIONS
