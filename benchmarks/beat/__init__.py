"""How far apart people hear one Jam: real browsers, a real server, and what came out of the loudspeakers.

python -m benchmarks beat           all of it: twenty minutes
python -m benchmarks.beat --help    in parts, and the Jam of an hour
"""

from benchmarks.beat.benchmark import run_beat
from benchmarks.report import ROUNDS, Report


def run(rounds: int = ROUNDS) -> Report:
    """So many evenings on each network as there are percentiles to be had from, whatever `rounds` says."""
    return run_beat()
