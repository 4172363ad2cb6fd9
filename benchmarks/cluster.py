"""Two nodes against one: what a document costs that people edit on both, and what each op costs where.

The writers are those of `edit`, on the same PostgreSQL, with the same number of them against one node and
against two. On one playlist with writers on both nodes every op meets those of the other node, and nobody
may be starved: `busy` is how often a submission lost too many races. On a playlist for each writer the nodes
share nothing but the database; two nodes are faster than one where each has a core, and where they share one
only what an op costs says something. Then an edit on one node to listeners on the other, against listeners on
the same node.
"""

from benchmarks.contenders import TUTTI
from benchmarks.edit import HOT, WIDE, Case
from benchmarks.harness import Server, generate
from benchmarks.pair import CORES_FOR_TWO, Pair, pair
from benchmarks.report import CORES, ROUNDS, Gate, Report
from benchmarks.writing import Desk, Writing, open_desk

ENTRIES = 1000
SECONDS = 3.0
LISTENERS = 500
IN_FLIGHT = 4
OFFERED_DELIVERIES_S = 5_000
PUBLISHERS = 4

ONE, TWO = "one node", "two nodes"
SHAPES = (ONE, TWO)
NODES = (", node 1", ", node 2")
COSTS = {
    "node µs": ("node 1 cpu s", "node 2 cpu s"),
    "database µs": ("database cpu s",),
    "redis µs": ("redis cpu s",),
}
TRAFFIC = {
    "redis bytes in": "redis bytes in",
    "redis bytes out": "redis bytes out",
    "publishes": "redis publishes",
}


def run(rounds: int = ROUNDS) -> Report:
    """Measures both shapes in turn."""
    report = Report("cluster")
    with pair() as nodes:
        desk = open_desk(nodes.one, WIDE.playlists, ENTRIES)
        for _ in range(rounds):
            for case in (HOT, WIDE):
                for shape in SHAPES:
                    _write(report, nodes, desk, shape, case)
            for shape in SHAPES:
                _fan_out(report, nodes, shape)
    report.gates = _gates(report)
    return report


def _server(nodes: Pair, shape: str) -> Server:
    return nodes.both if shape == TWO else nodes.one


def _write(report: Report, nodes: Pair, desk: Desk, shape: str, case: Case) -> None:
    nodes.settle()
    lost_before = nodes.lost_races()
    run = generate(
        _server(nodes, shape),
        lambda: Writing(desk, case.writers, case.playlists),
        SECONDS,
        generator="writers",
        meter=nodes.readings,
    )
    for figure, key in (("acked/s", "acked_per_s"), ("p50 ms", "p50_ms"), ("p99 ms", "p99_ms")):
        report.add(shape, f"{case.name}: {figure}", run[key], run)
        if shape == TWO:
            for node in NODES:
                report.add(shape, f"{case.name}: {figure}{node}", run[key + node], run)
    report.add(shape, f"{case.name}: busy", run["busy"], run)
    report.add(shape, f"{case.name}: lost races", nodes.lost_races() - lost_before, run)
    for figure, keys in COSTS.items():
        spent_s = sum(run[key] for key in keys)
        report.add(shape, f"{case.name}: {figure}/op", spent_s * 1e6 / run["acked"], run)
    for figure, key in TRAFFIC.items():
        report.add(shape, f"{case.name}: {figure}/op", run[key] / run["acked"], run)


def _fan_out(report: Report, nodes: Pair, shape: str) -> None:
    """Publishers on the first node, listeners on the last."""
    server = _server(nodes, shape)

    def closed_loop() -> None:
        run = generate(
            server,
            lambda: TUTTI.plan(server, LISTENERS, PUBLISHERS),
            "run",
            IN_FLIGHT,
            SECONDS,
            meter=nodes.readings,
        )
        deliveries = run["deliveries_per_s"] * SECONDS
        report.add(shape, "fan-out: thousand deliveries/s", run["deliveries_per_s"] / 1000, run)
        spent_s = sum(run[key] for key in COSTS["node µs"])
        report.add(shape, "fan-out: node µs/delivery", spent_s * 1e6 / deliveries, run)

    def offered() -> None:
        run = generate(
            server,
            lambda: TUTTI.plan(server, LISTENERS, PUBLISHERS),
            "pace",
            OFFERED_DELIVERIES_S / LISTENERS,
            SECONDS,
        )
        for figure, key in (("p50 ms", "p50_ms"), ("p99 ms", "p99_ms")):
            report.add(shape, f"fan-out: {figure}", run[key], run)

    closed_loop()
    offered()


def _gates(report: Report) -> list[Gate]:
    hot, wide = f"{HOT.name}: acked/s", f"{WIDE.name}: acked/s"
    gates = [
        Gate(f"{hot}, × one node", report.ratio(TWO, ONE, hot), at_least=0.7),
        Gate(f"{HOT.name}: busy", report.median(TWO, f"{HOT.name}: busy"), at_most=0),
    ]
    has_cores = len(CORES) >= CORES_FOR_TWO
    gates.append(
        Gate(
            f"{wide}, × one node",
            report.ratio(TWO, ONE, wide),
            at_least=1.5 if has_cores else None,
            unbound="" if has_cores else f"{len(CORES)} cores, of which both nodes share one",
        )
    )
    # What two nodes cost more than one is seen on any number of cores.
    cost = f"{WIDE.name}: node µs/op"
    gates.append(Gate(f"{cost}, × one node", report.ratio(TWO, ONE, cost), at_most=1.3))
    return gates
