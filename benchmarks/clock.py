"""How wrong the room's time is on a listener's device: modelled, over the real filter of `jam/clock.py`.

24 sessions of 20 minutes on each network of `benchmarks/jam_model`, in virtual time and by seed: every run
gives the same figures. Beside it the clocks of three rules that are in use elsewhere. On 4G nobody can see
the half of the path's asymmetry, so that much is forgiven.
"""

from benchmarks.jam_model.network import DARK, LAN, MOBILE, NETWORKS, WIFI
from benchmarks.jam_model.rules import OURS, REFERENCES, SEED
from benchmarks.jam_model.session import percentiles, simulate
from benchmarks.report import Gate, Report

P99_MOST_MS = {LAN.name: 0.3, WIFI.name: 0.7, MOBILE.name: MOBILE.floor_ms + 1.5, DARK.name: 0.3}


def run(rounds: int = 1) -> Report:
    """Once, whatever `rounds` says: there is no chance in it."""
    report = Report("clock")
    for network in NETWORKS.values():
        for rule in (*REFERENCES, OURS):
            figures = simulate(rule, network, SEED, plays=False)
            contender = f"modelled, {network.name}: {rule.name}"
            for name, value in zip(("p50", "p95", "p99"), percentiles(figures.clock_ms), strict=True):
                report.add(contender, f"clock error {name}, ms", value)
            if rule is OURS:
                p99 = report.median(contender, "clock error p99, ms")
                report.gates.append(Gate(f"{contender}, p99, ms", p99, at_most=P99_MOST_MS[network.name]))
    return report
