"""The laws on everything that is small.

    diamond      every pair of ops on lists of up to 2 entries with up to 2 new ones each, and on lists of 3
                 with one; on the first, T and the merge also item by item
    law L        every op, every one that can follow it, and every later one, on lists of up to 2; and that
                 composing the first two does what both do
    composing    every three ops in a row, in both groupings, while the list has at most 2 entries
    meeting      every interleaving of three clients with two ops each (`meeting`)

A run is divided by its first op or schedule, so that a slice of it, each n-th from some place on, can be
taken. Knows the algebra on trial. Does not know how far anybody wants to go, nor how progress is shown.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from ot import judge
from ot.conformance import encode_document
from ot.fuzz.algebra import Algebra
from ot.fuzz.every import every_op, length_after, list_of
from ot.fuzz.expect import Broken, same_json
from ot.fuzz.meeting import meetings, schedules
from ot.op import Op, encode

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part:
    """Of a whole, each `of`-th item from the `at`-th on."""

    at: int = 0
    of: int = 1

    def take(self, items: Sequence[T]) -> Sequence[T]:
        return items[self.at % self.of :: self.of]


@dataclass(frozen=True, slots=True)
class Run:
    """One exhaustive run. `checks` yields, step by step, how many cases were checked; it raises Broken, with
    the case in its message, if a law does not hold. `steps` is how often it yields."""

    name: str
    cases: str
    steps: Callable[[Part], int]
    checks: Callable[[Algebra, Part], Iterator[int]]


# List lengths, with how many new entries an op may bring there.
_PAIRS: Final = ((0, 2), (1, 2), (2, 2), (3, 1))
_JUDGED_LENGTH_MAX: Final = 2
_TRIPLES: Final = ((0, 1), (1, 1), (2, 1))
_LENGTH_MAX: Final = 2


def _firsts(universe: Sequence[tuple[int, int]]) -> list[tuple[int, int, Op]]:
    """Every first op, with the length of its list and the new entries of the ops that it meets there."""
    return [(length, new, op) for length, new in universe for op in every_op(length, "a", new)]


def _diamonds(algebra: Algebra, part: Part) -> Iterator[int]:
    for length, new, a in part.take(_firsts(_PAIRS)):
        before = list_of(length)
        after_a = algebra.apply(before, a)
        seconds = every_op(length, "b", new)
        for b in seconds:
            b_over_a = algebra.transform(b, a, "right")
            a_over_b = algebra.transform(a, b, "left")
            one = algebra.apply(after_a, b_over_a)
            if algebra.apply(algebra.apply(before, b), a_over_b) != one:
                raise Broken(_said("the diamond", a=a, b=b))
            if length <= _JUDGED_LENGTH_MAX:
                wire_a, wire_b = encode(a), encode(b)
                said = _said("by the judge,", a=a, b=b)
                same_json(said, encode(b_over_a), judge.transform(wire_b, wire_a, "right"))
                same_json(said, encode(a_over_b), judge.transform(wire_a, wire_b, "left"))
                same_json(said, encode_document(one), judge.merge(encode_document(before), wire_a, wire_b))
        yield len(seconds)


def _laws_l(algebra: Algebra, part: Part) -> Iterator[int]:
    for length, new, a in part.take(_firsts(_TRIPLES)):
        before = list_of(length)
        after_a = algebra.apply(before, a)
        laters = [(c, algebra.transform(c, a, "right")) for c in every_op(length, "c", new)]
        seconds = every_op(len(after_a.entries), "b", new)
        for b in seconds:
            both = algebra.compose(a, b)
            if algebra.apply(before, both) != algebra.apply(after_a, b):
                raise Broken(_said("composition", a=a, b=b))
            for c, c_over_a in laters:
                if algebra.transform(c, both, "right") != algebra.transform(c_over_a, b, "right"):
                    raise Broken(_said("law L", a=a, b=b, c=c))
        yield len(seconds) * len(laters)


def _groupings(algebra: Algebra, part: Part) -> Iterator[int]:
    for length, new, a in part.take(_firsts(_TRIPLES)):
        checked = 0
        length_a = length_after(a, length)
        for b in every_op(length_a, "b", new) if length_a <= _LENGTH_MAX else ():
            length_b = length_after(b, length_a)
            thirds = every_op(length_b, "c", new) if length_b <= _LENGTH_MAX else ()
            both = algebra.compose(a, b)
            for c in thirds:
                right = algebra.compose(a, algebra.compose(b, c))
                if algebra.compose(both, c) != right:
                    raise Broken(_said("associativity", a=a, b=b, c=c))
            checked += len(thirds)
        yield checked


def _meetings(algebra: Algebra, part: Part) -> Iterator[int]:
    for schedule in part.take(schedules()):
        yield meetings(algebra, schedule)


def _said(what: str, **ops: Op) -> str:
    return f"{what} {' '.join(f'{name} = {encode(op)}' for name, op in ops.items())}"


RUNS: Final = (
    Run("diamond", "pairs on lists of up to 3", lambda part: len(part.take(_firsts(_PAIRS))), _diamonds),
    Run("law L", "triples on lists of up to 2", lambda part: len(part.take(_firsts(_TRIPLES))), _laws_l),
    Run(
        "composing", "triples on lists of up to 2", lambda part: len(part.take(_firsts(_TRIPLES))), _groupings
    ),
    Run(
        "meeting",
        "sessions of 3 clients with 2 ops each",
        lambda part: len(part.take(schedules())),
        _meetings,
    ),
)
