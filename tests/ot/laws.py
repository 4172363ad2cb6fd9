"""The laws of the algebra, each as a function that fails with its name.

Used by the Hypothesis tests, the exhaustive ones and the fuzzer alike. A `Case` is drawn once; each law takes
from it what it needs.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from ot.apply import apply, inserted, removed
from ot.build import diff
from ot.check import check
from ot.compose import compose, compose_all
from ot.cursor import follow
from ot.document import Document
from ot.invert import invert
from ot.op import IDENTITY, Component, Drop, Insert, Keep, Op, Pick, Remove, decode, encode
from ot.transform import Side, transform
from tests.ot import generate, judge
from tests.ot.judge import spell_out

MARKER = {"uid": "marker"}


@dataclass
class Case:
    """`a` and `b` are concurrent, on `document`; `a2` follows `a`, and `a3` follows `a2`. The documents are
    what the generator, which does not know `apply`, says that they lead to."""

    document: Document
    a: Op
    b: Op
    a2: Op
    a3: Op
    after_a: Document
    after_b: Document
    after_a2: Document
    after_a3: Document
    cursor: int
    side: Side

    def __str__(self) -> str:
        lines = [f"document  {self.document.entries} {self.document.attributes}"]
        lines += [f"{name:<9} {json.dumps(encode(getattr(self, name)))}" for name in ("a", "b", "a2", "a3")]
        return "\n".join([*lines, f"cursor    {self.cursor} {self.side}"])


def draw(random: Random, length_max: int) -> Case:
    uids = generate.Uids()
    document = generate.document(random, uids, random.randint(0, length_max))
    a, after_a = generate.op(random, uids, document)
    b, after_b = generate.op(random, uids, document)
    a2, after_a2 = generate.op(random, uids, after_a)
    a3, after_a3 = generate.op(random, uids, after_a2)
    cursor = random.randint(0, len(document.entries))
    side: Side = random.choice(("left", "right"))
    return Case(document, a, b, a2, a3, after_a, after_b, after_a2, after_a3, cursor, side)


def application(case: Case) -> None:
    for op, before, after in (
        (case.a, case.document, case.after_a),
        (case.b, case.document, case.after_b),
        (case.a2, case.after_a, case.after_a2),
    ):
        assert check(op, len(before.entries)) == len(after.entries)
        assert alike(apply(before, op), after)
        assert alike(judge.applied(op, before), after)
        old, new = ({str(entry["uid"]) for entry in document.entries} for document in (before, after))
        assert {str(entry["uid"]) for entry in inserted(op)} == new - old
        assert {str(entry["uid"]) for entry in removed(before, op)} == old - new


def normal_form(case: Case) -> None:
    ab = transform(case.a, case.b, "left")
    ba = transform(case.b, case.a, "right")
    both = compose(case.a, case.a2)
    for op in (case.a, ab, ba, both, invert(case.a, case.document), diff(case.document, case.after_a)):
        assert is_normal(op.components), op
        assert same_op(decode(json.loads(json.dumps(encode(op)))), op)


def diamond(case: Case) -> None:
    a_then_b = apply(case.after_a, transform(case.b, case.a, "right"))
    b_then_a = apply(case.after_b, transform(case.a, case.b, "left"))
    assert alike(a_then_b, b_then_a)
    assert alike(a_then_b, judge.merged(case.a, case.b, case.document))


def transform_as_judged(case: Case) -> None:
    length = len(case.document.entries)
    for side in ("left", "right"):
        rewritten = transform(case.a, case.b, side)
        expected = judge.transformed(case.a, case.b, side == "right", length)
        assert spell_out(rewritten, len(case.after_b.entries)) == expected


def composition(case: Case) -> None:
    both = compose(case.a, case.a2)
    assert alike(apply(case.document, both), case.after_a2)
    lengths = len(case.document.entries), len(case.after_a.entries)
    assert spell_out(both, lengths[0]) == judge.composed(case.a, case.a2, *lengths)


def associativity(case: Case) -> None:
    left = compose(compose(case.a, case.a2), case.a3)
    right = compose(case.a, compose(case.a2, case.a3))
    assert same_op(left, right)
    assert same_op(compose_all([case.a, case.a2, case.a3]), left)


def law_l(case: Case) -> None:
    at_once = transform(case.b, compose(case.a, case.a2), "right")
    step_by_step = transform(transform(case.b, case.a, "right"), case.a2, "right")
    assert same_op(at_once, step_by_step)


def mirrored_law_in_effect(case: Case) -> None:
    """The earlier pair rewritten over a later op: the same document, though not always the same op."""
    at_once = transform(compose(case.a, case.a2), case.b, "left")
    first = transform(case.a, case.b, "left")
    second = transform(case.a2, transform(case.b, case.a, "right"), "left")
    assert alike(apply(case.after_b, at_once), apply(apply(case.after_b, first), second))


def inverse(case: Case) -> None:
    back = invert(case.a, case.document)
    assert check(back, len(case.after_a.entries)) == len(case.document.entries)
    assert alike(apply(case.after_a, back), case.document)


def identity(case: Case) -> None:
    assert same_op(compose(case.a, IDENTITY), case.a)
    assert same_op(compose(IDENTITY, case.a), case.a)
    assert same_op(transform(case.a, IDENTITY, case.side), case.a)
    assert same_op(transform(IDENTITY, case.a, case.side), IDENTITY)
    assert alike(apply(case.document, IDENTITY), case.document)
    assert same_op(invert(IDENTITY, case.document), IDENTITY)


def cursor_is_marker(case: Case) -> None:
    place = follow(case.cursor, case.a, case.side)
    marker = insertion(len(case.document.entries), case.cursor)
    first, second = (marker, case.a) if case.side == "left" else (case.a, marker)
    assert judge.merged(first, second, case.document).entries.index(MARKER) == place


def difference(case: Case) -> None:
    assert alike(apply(case.document, diff(case.document, case.after_a2)), case.after_a2)
    assert same_op(diff(case.document, case.document), IDENTITY)


LAWS: tuple[Callable[[Case], None], ...] = (
    application,
    normal_form,
    diamond,
    transform_as_judged,
    composition,
    associativity,
    law_l,
    mirrored_law_in_effect,
    inverse,
    identity,
    cursor_is_marker,
    difference,
)


def insertion(length: int, index: int) -> Op:
    parts: list[Component] = [Keep(index)] if index else []
    parts.append(Insert((MARKER,)))
    return Op((*parts, Keep(length - index)) if index < length else tuple(parts))


def alike(one: Document, other: Document) -> bool:
    """Equality of documents in which True is not 1."""
    return _json([one.entries, one.attributes]) == _json([other.entries, other.attributes])


def same_op(one: Op, other: Op) -> bool:
    """Equality to the letter, in which True is not 1."""
    return _json(encode(one)) == _json(encode(other))


def is_normal(components: tuple[Component, ...]) -> bool:
    """Normal form, read off the components: none empty, equal neighbours merged, no lone plain keep."""
    for component in components:
        match component:
            case Insert(entries):
                if not entries:
                    return False
            case Keep(n, edits) | Pick(n, edits):
                if n < 1 or edits == {}:
                    return False
            case Remove(n) | Drop(_, n):
                if n < 1:
                    return False
    for one, other in pairwise(components):
        match one, other:
            case (Insert(), Insert()) | (Remove(), Remove()):
                return False
            case (Keep(), Keep()) | (Pick(), Pick()):
                if _json(one.edits) == _json(other.edits):
                    return False
            case Drop(start, n), Drop(next_start, _):
                if start + n == next_start:
                    return False
    return not (len(components) == 1 and type(components[0]) is Keep and components[0].edits is None)


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True)
