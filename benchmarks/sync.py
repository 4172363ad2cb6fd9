"""How far from the beat a listener hears the music: modelled, over the real filter and the real controller.

24 sessions of 20 minutes on each network of `benchmarks/jam_model`, in virtual time and by seed: every run
gives the same figures. Beside them three rules that are in use elsewhere, which must do as well and as badly
as the specification says, else the model is not the one it judges by. On 4G nobody can see the half of the
path's asymmetry, so that much is forgiven.
"""

from benchmarks.jam_model.network import DARK, LAN, MOBILE, NETWORKS, WIFI
from benchmarks.jam_model.rules import EXPECTED, OURS, REFERENCES, SEED, WITHIN
from benchmarks.jam_model.session import percentiles, simulate
from benchmarks.report import Gate, Report

P99_MOST_MS = {LAN.name: 2.0, WIFI.name: 2.5, MOBILE.name: MOBILE.floor_ms + 2.5, DARK.name: 2.0}
PERCENTILES = ("p50", "p95", "p99")


def run(rounds: int = 1) -> Report:
    """Once, whatever `rounds` says: there is no chance in it."""
    report = Report("sync")
    for network in NETWORKS.values():
        for rule in (*REFERENCES, OURS):
            figures = simulate(rule, network, SEED)
            contender = f"modelled, {network.name}: {rule.name}"
            for name, value in zip(PERCENTILES, percentiles(figures.playback_ms), strict=True):
                report.add(contender, f"playback error {name}, ms", value)
            report.add(contender, "audible jumps per hour", figures.jumps / figures.hours)
            report.add(contender, "without a stall, per hour", figures.unprovoked / figures.hours)
            if rule is OURS:
                p99 = report.median(contender, "playback error p99, ms")
                unprovoked = report.median(contender, "without a stall, per hour")
                report.gates += [
                    Gate(f"{contender}, p99, ms", p99, at_most=P99_MOST_MS[network.name]),
                    Gate(f"{contender}, audible without a stall, per hour", unprovoked, at_most=0),
                ]
                continue
            for name, expected in zip(PERCENTILES, EXPECTED[rule.name][network.name], strict=True):
                modelled = report.median(contender, f"playback error {name}, ms")
                least, most = expected * (1 - WITHIN), expected * (1 + WITHIN)
                report.gates.append(Gate(f"{contender}, {name}, ms", modelled, at_least=least, at_most=most))
    return report
