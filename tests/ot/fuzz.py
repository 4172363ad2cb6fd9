"""`python -m tests.ot.fuzz --seed S --rounds N`: every law on random ops, for as long as you like.

Each round has its own seed, so a failure replays alone. A failing law is then tried on short lists, and the
smallest case found is what is printed.
"""

import argparse
import sys
from collections.abc import Callable
from random import Random

from tests.ot.laws import LAWS, Case, draw

ROUNDS = 20_000
LENGTHS = (2, 4, 8, 16)
SHRINK_TRIES = 5_000


def first_failure(seed: int, rounds: int) -> tuple[int, Callable[[Case], None], Case] | None:
    """The first round in which a law fails, that law, and its case."""
    for number in range(rounds):
        case = draw(Random(f"{seed}/{number}"), LENGTHS[number % len(LENGTHS)])
        for law in LAWS:
            if _fails(law, case):
                return number, law, case
    return None


def smaller(law: Callable[[Case], None], case: Case) -> Case:
    """The smallest case found that fails too."""
    smallest = case
    for number in range(SHRINK_TRIES):
        candidate = draw(Random(f"smaller/{number}"), number * len(LENGTHS) // SHRINK_TRIES)
        if len(str(candidate)) < len(str(smallest)) and _fails(law, candidate):
            smallest = candidate
    return smallest


def _fails(law: Callable[[Case], None], case: Case) -> bool:
    try:
        law(case)
    except Exception:
        return True
    return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    arguments = parser.parse_args()
    failure = first_failure(arguments.seed, arguments.rounds)
    if failure is None:
        sys.stdout.write(f"seed {arguments.seed}: {arguments.rounds} rounds, {len(LAWS)} laws, all hold\n")
        return
    number, law, case = failure
    sys.stdout.write(f"seed {arguments.seed}, round {number}: {law.__name__} fails\n{smaller(law, case)}\n")
    sys.exit(1)


if __name__ == "__main__":
    main()
