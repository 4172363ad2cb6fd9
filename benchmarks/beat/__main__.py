"""`python -m benchmarks.beat`: some of the evenings of `python -m benchmarks beat`, or a long one.

    --networks LAN Wi-Fi --evenings 1 --join    adds to what was measured before
    --hour [MINUTES]                            one of sample pieces

Exits 1 if a gate was missed.
"""

import argparse
import sys

from benchmarks.beat.benchmark import EVENINGS, NETWORKS_HERE, SECONDS, run_beat
from benchmarks.beat.hour import MINUTES, run_hour
from benchmarks.harness import keep_report


def main() -> int:
    options = argparse.ArgumentParser(
        prog="python -m benchmarks.beat", description="The same beat in browsers."
    )
    options.add_argument("--networks", nargs="+", choices=NETWORKS_HERE, default=NETWORKS_HERE)
    options.add_argument("--evenings", type=int, default=EVENINGS, help="on each; default %(default)s")
    options.add_argument("--seconds", type=float, default=SECONDS, help="each; default %(default)s")
    options.add_argument("--join", action="store_true", help="the evenings of earlier runs count, too")
    options.add_argument(
        "--hour",
        nargs="?",
        type=float,
        const=MINUTES,
        metavar="MINUTES",
        help="a long one; default %(const)s",
    )
    chosen = options.parse_args()
    if chosen.hour is not None:
        report = run_hour(chosen.hour)
    else:
        report = run_beat(chosen.networks, chosen.evenings, chosen.seconds, joins=chosen.join)
    keep_report(report)
    report.print_gates()
    return 0 if report.is_kept else 1


if __name__ == "__main__":
    sys.exit(main())
