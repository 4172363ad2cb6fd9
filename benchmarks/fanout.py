"""One room with many listeners: how many deliveries a second, and how late.

Closed loop with 4 and with 32 messages in flight (a message is delivered when every listener has it), then
20,000 deliveries a second offered, for latency. Tutti's messages are real edits, committed before they are
sent. The references are a plain loop of `send_bytes` in Starlette, which the gates compare with, and
`websockets.broadcast`; `frames` is our protocol class alone, and shows what Tutti's own work costs.
"""

from contextlib import ExitStack

from benchmarks.contenders import BROADCAST, FRAMES, STARLETTE, TUTTI, Contender
from benchmarks.harness import Server, generate
from benchmarks.report import ROUNDS, Gate, Report

LISTENERS = 1000
SECONDS = 1.5
IN_FLIGHT = (4, 32)
OFFERED_DELIVERIES_S = 20_000
# Several people speak, each with one message under way at a time, as an editor has.
PACED_PUBLISHERS = 4


def run(rounds: int = ROUNDS) -> Report:
    """Measures Tutti beside the references."""
    report = Report("fanout")
    contenders = (STARLETTE, BROADCAST, FRAMES, TUTTI)
    with ExitStack() as stack:
        servers = [(contender, stack.enter_context(contender.running())) for contender in contenders]
        for _ in range(rounds):
            for in_flight in IN_FLIGHT:
                for contender, server in servers:
                    _closed_loop(report, contender, server, in_flight)
            for contender, server in servers:
                _offered(report, contender, server)
    mine, plain = TUTTI.name, STARLETTE.name
    report.gates = [
        Gate("deliveries, 4 in flight, × plain", report.ratio(mine, plain, _throughput(4)), at_least=3),
        Gate("deliveries, 32 in flight, × plain", report.ratio(mine, plain, _throughput(32)), at_least=15),
        Gate("p99 at 20,000/s, × plain", report.ratio(mine, plain, "p99_ms"), at_most=1.0),
    ]
    return report


def _closed_loop(report: Report, contender: Contender, server: Server, in_flight: int) -> None:
    run = generate(server, lambda: contender.plan(server, LISTENERS, in_flight), "run", in_flight, SECONDS)
    report.add(contender.name, _throughput(in_flight), run["deliveries_per_s"] / 1000, run)


def _offered(report: Report, contender: Contender, server: Server) -> None:
    messages_s = OFFERED_DELIVERIES_S / LISTENERS
    run = generate(
        server, lambda: contender.plan(server, LISTENERS, PACED_PUBLISHERS), "pace", messages_s, SECONDS
    )
    for figure in ("p50_ms", "p99_ms"):
        report.add(contender.name, figure, run[figure], run)


def _throughput(in_flight: int) -> str:
    return f"thousand deliveries/s, {in_flight} in flight"
