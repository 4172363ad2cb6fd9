"""Laws that one might expect, and that do not hold: each with the smallest case against it.

Small is how many entries the list has and how many steps (an entry inserted, removed or moved) the ops take,
together. `docs/OT.md` shows each; `test_not_laws` looks for a smaller one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ot.apply import apply
from ot.build import diff
from ot.compact import compact
from ot.compose import compose
from ot.document import Document
from ot.fuzz.every import every_op, length_after, list_of
from ot.invert import invert
from ot.op import IDENTITY, Drop, Insert, Keep, Op, Pick, Remove
from ot.transform import transform

Ops = tuple[Op, ...]

# For each op, the place of the one that it follows; -1: it is for the list as it was.
ALONE = (-1,)
CONCURRENT = (-1, -1)
IN_A_ROW = (-1, 0)
THREE_CONCURRENT = (-1, -1, -1)
TWO_IN_A_ROW_AND_ONE_BESIDE = (-1, 0, -1)


@dataclass(frozen=True)
class NotLaw:
    """`holds` says whether the law holds for some ops on a list; for `against`, on one of `length`, not."""

    name: str
    shape: tuple[int, ...]
    holds: Callable[..., bool]
    length: int
    against: Ops


def order_does_not_matter(before: Document, a: Op, b: Op) -> bool:
    a_first = apply(apply(before, a), transform(b, a, "right"))
    return a_first == apply(apply(before, b), transform(a, b, "right"))


def equal_effect_is_equal_op(before: Document, a: Op, b: Op) -> bool:
    return apply(before, a) != apply(before, b) or a == b


def an_op_and_its_inverse_are_nothing(before: Document, a: Op) -> bool:
    return compose(a, invert(a, before)) == IDENTITY


def the_inverse_of_two_is_the_two_inverses(before: Document, a: Op, b: Op) -> bool:
    inverses = compose(invert(b, apply(before, a)), invert(a, before))
    return invert(compose(a, b), before) == inverses


def the_inverse_moves_with_the_op(before: Document, a: Op, b: Op) -> bool:
    carried = transform(invert(a, before), transform(b, a, "right"), "left")
    return carried == invert(transform(a, b, "left"), apply(before, b))


def the_difference_is_the_op(before: Document, a: Op) -> bool:
    return diff(before, apply(before, a)) == a


def three_may_meet_in_any_order(before: Document, a: Op, b: Op, c: Op) -> bool:
    """TP2: c over a and then b, or over b and then a, of which a is the first and c the last."""
    over_a_b = transform(transform(c, a, "right"), transform(b, a, "right"), "right")
    over_b_a = transform(transform(c, b, "right"), transform(a, b, "left"), "right")
    both = apply(apply(before, a), transform(b, a, "right"))
    return apply(both, over_a_b) == apply(both, over_b_a)


def law_l_for_an_earlier_op(before: Document, a: Op, b: Op, c: Op) -> bool:
    after = apply(apply(before, a), b)
    at_once = transform(c, compose(a, b), "left")
    return apply(after, at_once) == apply(after, transform(transform(c, a, "left"), b, "left"))


def law_l_for_a_later_pair(before: Document, a: Op, b: Op, c: Op) -> bool:
    after = apply(before, c)
    at_once = transform(compose(a, b), c, "right")
    step = apply(after, transform(a, c, "right"))
    return apply(after, at_once) == apply(step, transform(b, transform(c, a, "left"), "right"))


def the_mirrored_law_to_the_letter(before: Document, a: Op, b: Op, c: Op) -> bool:
    at_once = transform(compose(a, b), c, "left")
    first = transform(a, c, "left")
    return at_once == compose(first, transform(b, transform(c, a, "right"), "left"))


def compacting_changes_nothing_for_others(before: Document, a: Op, b: Op) -> bool:
    after = apply(before, a)
    return apply(after, transform(b, a, "right")) == apply(after, transform(b, compact(a, before), "right"))


def new(uid: str) -> Insert:
    return Insert(({"uid": uid},))


REMOVE, IDLE = Op((Remove(1),)), Op((Drop(0, 1), Pick(1)))

NOT_LAWS = (
    NotLaw(
        "The order does not matter", CONCURRENT, order_does_not_matter, 0, (Op((new("x"),)), Op((new("y"),)))
    ),
    NotLaw("Equal effect is equal op", CONCURRENT, equal_effect_is_equal_op, 1, (IDENTITY, IDLE)),
    NotLaw("An op and its inverse are nothing", ALONE, an_op_and_its_inverse_are_nothing, 1, (REMOVE,)),
    NotLaw(
        "The inverse of two is the two inverses",
        IN_A_ROW,
        the_inverse_of_two_is_the_two_inverses,
        1,
        (REMOVE, Op((new("b"),))),
    ),
    NotLaw("The inverse moves with the op", CONCURRENT, the_inverse_moves_with_the_op, 1, (REMOVE, REMOVE)),
    NotLaw("The difference is the op", ALONE, the_difference_is_the_op, 1, (IDLE,)),
    NotLaw(
        "Three may meet in any order",
        THREE_CONCURRENT,
        three_may_meet_in_any_order,
        1,
        (Op((Keep(1), new("a"))), REMOVE, Op((new("c"), Keep(1)))),
    ),
    NotLaw(
        "Law L for an earlier op",
        TWO_IN_A_ROW_AND_ONE_BESIDE,
        law_l_for_an_earlier_op,
        1,
        (REMOVE, Op((new("b"),)), Op((Keep(1), new("c")))),
    ),
    NotLaw(
        "Law L for a later pair",
        TWO_IN_A_ROW_AND_ONE_BESIDE,
        law_l_for_a_later_pair,
        1,
        (REMOVE, Op((new("b"),)), Op((Keep(1), new("c")))),
    ),
    NotLaw(
        "The mirrored law to the letter",
        TWO_IN_A_ROW_AND_ONE_BESIDE,
        the_mirrored_law_to_the_letter,
        2,
        (Op((Remove(1), Keep(1))), Op((Keep(1), new("b"))), Op((Keep(1), Remove(1)))),
    ),
    NotLaw(
        "Compacting changes nothing for others",
        CONCURRENT,
        compacting_changes_nothing_for_others,
        1,
        (IDLE, Op((new("b"), Keep(1)))),
    ),
)


def size(length: int, ops: Ops) -> int:
    return length + sum(map(steps, ops))


def steps(op: Op) -> int:
    return sum(
        len(component.entries) if type(component) is Insert else component.n
        for component in op.components
        if type(component) in (Insert, Remove, Pick)
    )


def smaller_than(limit: int, shape: tuple[int, ...]) -> Iterator[tuple[int, Ops]]:
    """Every list and ops of this shape that are smaller together."""

    def extend(length: int, ops: Ops, lengths: tuple[int, ...], left: int) -> Iterator[Ops]:
        if len(ops) == len(shape):
            yield ops
            return
        base = shape[len(ops)]
        on = length if base < 0 else lengths[base]
        for op in _small(on, "abc"[len(ops)], left):
            yield from extend(length, (*ops, op), (*lengths, length_after(op, on)), left - steps(op))

    for length in range(limit):
        for ops in extend(length, (), (), limit - 1 - length):
            yield length, ops


def _small(length: int, name: str, most: int) -> list[Op]:
    """The ops on a list of `length` that take at most `most` steps."""
    if most == 0:
        return [IDENTITY]
    return [op for op in every_op(length, name, min(most, 2)) if steps(op) <= most]


def holds_for(law: NotLaw, length: int, ops: Ops) -> bool:
    return law.holds(list_of(length), *ops)
