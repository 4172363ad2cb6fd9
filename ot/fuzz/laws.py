"""The laws of the algebra, each as a function that raises `Broken` where it does not hold.

    application, lengths      what one op makes of a document is what the generator and the judge say
    normal-form               whatever is computed is in the one form in which equal ops are equal lists
    diamond, merge-as-judged  two concurrent ops lead to one document either way round, and to which
    transform-as-judged       … to the letter, item by item
    composition               one op that does what two do, to the letter, item by item
    associativity, tree       composing in any grouping, to the letter
    law-l                     T(c, a∘b) == T(T(c, a), b) for a later op c, to the letter
    looking-up                T(c, a) and T(c, a∘b) by an index, to the letter
    law-l-rightmost           the same for an earlier op c, if a and b are composed rightmost
    mirrored-law-in-effect    the earlier pair rewritten over a later op leads to the same document
    inverse, identity         taking back, and doing nothing
    undo-and-redo             an inverse carried over what others did since, and that taken back
    undo-stack                … by the stack that hears of others' edits one by one
    digest, cursor            a second statement of each
    difference, compact       the op between two documents; an op that says no more than it does

The tests, the fuzzer and the exhaustive runs share them. Laws that do not hold, with the smallest case
against each, are in `docs/OT.md`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ot import judge
from ot.conformance import encode_document
from ot.document import Document
from ot.fuzz.algebra import Algebra
from ot.fuzz.case import Case
from ot.fuzz.expect import Broken, is_normal, same_document, same_json, same_op
from ot.mirror import mirror
from ot.op import IDENTITY, Keep, Op, OpError, decode, encode
from ot.transform import Side
from ot.undo import UndoStack

MARKER: Final = {"uid": "marker"}
SIDES: Final[tuple[Side, ...]] = ("left", "right")


@dataclass(frozen=True, slots=True)
class Law:
    """A law by name. `library` says that it needs functions which a conformance filter does not have."""

    name: str
    holds: Callable[[Algebra, Case], None]
    library: bool = False


def application(algebra: Algebra, case: Case) -> None:
    for op, before, after in _steps(case):
        same_document("apply", algebra.apply(before, op), after)
        judged = judge.apply(encode_document(before), encode(op))
        same_json("the judge's apply", judged, encode_document(after))


def lengths(algebra: Algebra, case: Case) -> None:
    for op, before, after in _steps(case):
        if op.components:
            same_json("check", algebra.check(op, len(before.entries)), len(after.entries))
            for wrong in (len(before.entries) - 1, len(before.entries) + 1):
                try:
                    algebra.check(op, wrong)
                except OpError:
                    continue
                raise Broken(f"check takes {encode(op)} for a list of {wrong}.")


def normal_form(algebra: Algebra, case: Case) -> None:
    for op in (
        algebra.transform(case.a, case.b, "left"),
        algebra.transform(case.b, case.a, "right"),
        algebra.compose(case.a, case.a2),
        algebra.invert(case.a, case.document),
    ):
        if not is_normal(op):
            raise Broken(f"{encode(op)} is not in normal form.")
        same_op("decode(encode(op))", decode(encode(op)), op)


def diamond(algebra: Algebra, case: Case) -> None:
    a_then_b = algebra.apply(case.after_a, algebra.transform(case.b, case.a, "right"))
    b_then_a = algebra.apply(case.after_b, algebra.transform(case.a, case.b, "left"))
    same_document("first over second, second over first", b_then_a, a_then_b)


def merge_as_judged(algebra: Algebra, case: Case) -> None:
    merged = judge.merge(encode_document(case.document), encode(case.a), encode(case.b))
    a_then_b = algebra.apply(case.after_a, algebra.transform(case.b, case.a, "right"))
    same_json("a and b", encode_document(a_then_b), merged)


def transform_as_judged(algebra: Algebra, case: Case) -> None:
    for side in ("left", "right"):
        expected = judge.transform(encode(case.a), encode(case.b), side)
        same_json(f"T(a, b, {side})", encode(algebra.transform(case.a, case.b, side)), expected)


def composition(algebra: Algebra, case: Case) -> None:
    both = algebra.compose(case.a, case.a2)
    same_document("a∘a2", algebra.apply(case.document, both), case.after_a2)
    same_json("a∘a2", encode(both), judge.compose(encode(case.a), encode(case.a2)))


def associativity(algebra: Algebra, case: Case) -> None:
    left = algebra.compose(algebra.compose(case.a, case.a2), case.a3)
    right = algebra.compose(case.a, algebra.compose(case.a2, case.a3))
    same_op("(a∘a2)∘a3", left, right)


def tree(algebra: Algebra, case: Case) -> None:
    ops = [case.a, case.a2, case.a3]
    same_op("a∘a2∘a3 as a tree", algebra.compose_all(ops), algebra.compose(algebra.compose(*ops[:2]), ops[2]))


def law_l(algebra: Algebra, case: Case) -> None:
    at_once = algebra.transform(case.b, algebra.compose(case.a, case.a2), "right")
    step_by_step = algebra.transform(algebra.transform(case.b, case.a, "right"), case.a2, "right")
    same_op("T(b, a∘a2)", at_once, step_by_step)


def looking_up(algebra: Algebra, case: Case) -> None:
    for block in (case.a, algebra.compose(case.a, case.a2)):
        for side in SIDES:
            walked = algebra.transform(case.b, block, side)
            same_op("T(b, a) looked up", algebra.look_up(case.b, block, side), walked)


def law_l_rightmost(algebra: Algebra, case: Case) -> None:
    rightmost = mirror(algebra.compose(mirror(case.a), mirror(case.a2)))
    at_once = algebra.transform(case.b, rightmost, "left")
    step_by_step = algebra.transform(algebra.transform(case.b, case.a, "left"), case.a2, "left")
    same_op("T(b, a∘a2 rightmost)", at_once, step_by_step)


def mirrored_law_in_effect(algebra: Algebra, case: Case) -> None:
    """The same document, though not always the same op."""
    at_once = algebra.transform(algebra.compose(case.a, case.a2), case.b, "left")
    first = algebra.transform(case.a, case.b, "left")
    second = algebra.transform(case.a2, algebra.transform(case.b, case.a, "right"), "left")
    step_by_step = algebra.apply(algebra.apply(case.after_b, first), second)
    same_document("T(a∘a2, b)", algebra.apply(case.after_b, at_once), step_by_step)


def inverse(algebra: Algebra, case: Case) -> None:
    back = algebra.invert(case.a, case.document)
    same_document("a and its inverse", algebra.apply(case.after_a, back), case.document)
    same_json("the inverse of a", encode(back), judge.invert(encode_document(case.document), encode(case.a)))


def undo_and_redo(algebra: Algebra, case: Case) -> None:
    """`a` is taken back after `b` was committed: its inverse is the earlier party, so what `b` decided
    stands; and the redo is the inverse of the undo."""
    theirs = algebra.transform(case.b, case.a, "right")
    now = algebra.apply(case.after_a, theirs)
    back = algebra.invert(case.a, case.document)
    undo = algebra.transform(back, theirs, "left")
    undone = algebra.apply(now, undo)
    merged = judge.merge(encode_document(case.after_a), encode(back), encode(theirs))
    same_json("undo of a after b", encode_document(undone), merged)
    same_document("redo", algebra.apply(undone, algebra.invert(undo, now)), now)


def undo_stack(algebra: Algebra, case: Case) -> None:
    """`b` is taken back after others committed `a` and `a2`, and then done again."""
    first = algebra.transform(case.a, case.b, "right")
    second = algebra.transform(case.a2, algebra.transform(case.b, case.a, "left"), "right")
    after_first = algebra.apply(case.after_b, first)
    now = algebra.apply(after_first, second)
    stack = UndoStack()
    stack.record(case.b, case.document)
    stack.carry(first, after_first)
    stack.carry(second, now)
    undo = stack.take("undo", now)
    back = judge.invert(encode_document(case.document), encode(case.b))
    back = judge.transform(judge.transform(back, encode(first), "left"), encode(second), "left")
    undone = algebra.apply(now, undo)
    same_json("undo of b after a and a2", encode_document(undone), judge.apply(encode_document(now), back))
    stack.took("undo", undo, now)
    same_document("redo", algebra.apply(undone, stack.take("redo", undone)), now)


def identity(algebra: Algebra, case: Case) -> None:
    same_op("a∘1", algebra.compose(case.a, IDENTITY), case.a)
    same_op("1∘a", algebra.compose(IDENTITY, case.a), case.a)
    same_op("T(a, 1)", algebra.transform(case.a, IDENTITY, case.side), case.a)
    same_op("T(1, a)", algebra.transform(IDENTITY, case.a, case.side), IDENTITY)
    same_document("1", algebra.apply(case.document, IDENTITY), case.document)
    same_op("the inverse of 1", algebra.invert(IDENTITY, case.document), IDENTITY)


def digests(algebra: Algebra, case: Case) -> None:
    for document in (case.document, case.after_a):
        same_json("digest", algebra.digest(document), judge.digest(encode_document(document)))


def cursor(algebra: Algebra, case: Case) -> None:
    """A cursor equals inserting a marker."""
    place = algebra.follow(case.cursor, case.a, case.side)
    marker: dict[str, object] = {"l": [*_keep(case.cursor), ["i", [MARKER]], *_keep(_after(case))]}
    first, second = (marker, encode(case.a)) if case.side == "left" else (encode(case.a), marker)
    merged = judge.merge(encode_document(case.document), first, second)
    same_json("the cursor", place, merged["entries"].index(MARKER))


def difference(algebra: Algebra, case: Case) -> None:
    between = algebra.diff(case.document, case.after_a2)
    if not is_normal(between):
        raise Broken(f"{encode(between)} is not in normal form.")
    same_document("the difference", algebra.apply(case.document, between), case.after_a2)
    same_op("the difference of nothing", algebra.diff(case.document, case.document), IDENTITY)


def compaction(algebra: Algebra, case: Case) -> None:
    """Whatever was done and taken back: the same effect, no more said than that, and what is kept is kept."""
    nothing = algebra.compose(case.a, algebra.invert(case.a, case.document))
    compacted = algebra.compact(nothing, case.document)
    if not all(type(component) is Keep for component in compacted.components):
        raise Broken(f"compact leaves {encode(compacted)} of an op and its inverse.")
    for op, after in ((case.a, case.after_a), (algebra.compose(nothing, case.b), case.after_b)):
        compacted = algebra.compact(op, case.document)
        same_document("compact", algebra.apply(case.document, compacted), after)
        if not is_normal(compacted) or not _kept(case, op) <= _kept(case, compacted):
            raise Broken(f"compact makes {encode(compacted)} of {encode(op)}.")
        same_op("compact twice", algebra.compact(compacted, case.document), compacted)


LAWS: Final = (
    Law("application", application),
    Law("lengths", lengths, library=True),
    Law("normal-form", normal_form),
    Law("diamond", diamond),
    Law("merge-as-judged", merge_as_judged),
    Law("transform-as-judged", transform_as_judged),
    Law("composition", composition),
    Law("associativity", associativity),
    Law("tree", tree, library=True),
    Law("law-l", law_l),
    Law("law-l-rightmost", law_l_rightmost),
    Law("looking-up", looking_up, library=True),
    Law("mirrored-law-in-effect", mirrored_law_in_effect),
    Law("inverse", inverse),
    Law("undo-and-redo", undo_and_redo),
    Law("undo-stack", undo_stack, library=True),
    Law("identity", identity),
    Law("digest", digests),
    Law("cursor", cursor, library=True),
    Law("difference", difference, library=True),
    Law("compact", compaction, library=True),
)


def failure(law: Law, algebra: Algebra, case: Case) -> str | None:
    """Why the law does not hold, in a line; None if it does. An algebra that raises breaks the law."""
    try:
        law.holds(algebra, case)
    except Broken as broken:
        return str(broken)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


def _steps(case: Case) -> tuple[tuple[Op, Document, Document], ...]:
    return (
        (case.a, case.document, case.after_a),
        (case.b, case.document, case.after_b),
        (case.a2, case.after_a, case.after_a2),
    )


def _kept(case: Case, op: Op) -> set[int]:
    """The old indexes that an op on the case's document keeps."""
    fates = judge.spell_out(encode(op), len(case.document.entries)).fates
    return {index for index, fate in enumerate(fates) if fate == "k"}


def _keep(n: int) -> list[object]:
    return [["k", n]] if n else []


def _after(case: Case) -> int:
    return len(case.document.entries) - case.cursor
