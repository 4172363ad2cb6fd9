"""Round after round of random cases.

Each round has its own seed, so that a failure replays alone, a run goes on where another one stopped, and two
machines can share the rounds. Knows cases and laws. Does not know the time, nor where randomness comes from.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from ot import judge
from ot.fuzz.algebra import Algebra
from ot.fuzz.case import Case, draw
from ot.fuzz.draws import Draws
from ot.fuzz.laws import Law, failure
from ot.fuzz.shrink import smaller
from ot.op import encode

# Most mistakes show on short lists, where everything meets; some need a long one.
LENGTHS_MAX: Final = (2, 4, 8, 16)


@dataclass(slots=True)
class Tally:
    """How much was tried. A round has a pair of concurrent ops; `met` of them have a gap or an entry in
    common."""

    rounds: int = 0
    checks: int = 0
    met: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """A law that does not hold in a round: why, and the smallest case found."""

    law: Law
    round: int
    case: Case
    reason: str


class Rounds:
    """The rounds of one seed, from `start` on. `draws(text)` makes a source of randomness, the same one for
    the same text: `random.Random` does."""

    def __init__(
        self,
        algebra: Algebra,
        laws: Sequence[Law],
        draws: Callable[[str], Draws],
        seed: int,
        start: int = 0,
    ) -> None:
        self.algebra = algebra
        self.laws = laws
        self.seed = seed
        self.next = start
        self.tally = Tally()
        self._draws = draws

    def play(self) -> Failure | None:
        """The next round. On a failure the case is as it was drawn."""
        number = self.next
        case = draw(self._draws(f"{self.seed}/{number}"), LENGTHS_MAX[number % len(LENGTHS_MAX)])
        found: Failure | None = None
        checks = 0
        for law in self.laws:
            checks += 1
            reason = failure(law, self.algebra, case)
            if reason is not None:
                found = Failure(law, number, case, reason)
                break
        # At the end, so that a round which is interrupted counts as not played.
        self.next = number + 1
        self.tally.rounds += 1
        self.tally.checks += checks
        self.tally.met += judge.collide(encode(case.a), encode(case.b))
        return found

    def minimised(self, found: Failure) -> Failure:
        """The failure with a case as small as it was possible to make it."""
        law, algebra = found.law, self.algebra
        case = smaller(lambda candidate: failure(law, algebra, candidate) is not None, found.case)
        return Failure(law, found.round, case, failure(law, algebra, case) or found.reason)
