import pytest
from hypothesis import given

from ot.apply import apply
from ot.build import insert_at, move_range, remove_range, set_attribute, set_field
from ot.compact import compact
from ot.compose import compose, compose_all
from ot.document import Document
from ot.fuzz import laws
from ot.fuzz.algebra import OURS
from ot.fuzz.case import Case
from ot.op import IDENTITY, Drop, Insert, Keep, Op, Pick, Remove
from ot.value import Entry
from tests.ot.strategies import cases, law

ENTRIES: list[Entry] = [{"uid": letter} for letter in "abcd"]
BEFORE = Document(ENTRIES, {"name": "list"})
A, B, C, D = ENTRIES


@pytest.mark.parametrize(
    ("steps", "compacted"),
    [
        # Removed and put back where it was.
        ((remove_range(4, 1), insert_at(3, 1, [B])), IDENTITY),
        # … elsewhere: a move.
        ((remove_range(4, 1), insert_at(3, 3, [B])), move_range(4, 1, 1, 4)),
        ((remove_range(4, 1), insert_at(3, 0, [B])), move_range(4, 1, 1, 0)),
        # … with another member: an edit.
        ((remove_range(4, 1), insert_at(3, 1, [{**B, "note": "n"}])), set_field(4, 1, "note", "n")),
        # A move there and back, or within what is moved.
        ((move_range(4, 1, 2, 4), move_range(4, 2, 2, 1)), IDENTITY),
        ((move_range(4, 0, 4, 4), move_range(4, 0, 1, 4)), move_range(4, 0, 1, 4)),
        # What really changes is said as before.
        ((remove_range(4, 1), insert_at(3, 1, [{"uid": "x"}])), None),
        ((move_range(4, 1, 1, 4),), None),
        ((set_attribute("name", "list"),), None),
        ((set_field(4, 1, "note", None),), None),
    ],
)
def test_says_no_more_than_it_does(steps: tuple[Op, ...], compacted: Op | None) -> None:
    op = compose_all(steps)
    assert compact(op, BEFORE) == (op if compacted is None else compacted)
    assert apply(BEFORE, compact(op, BEFORE)) == apply(BEFORE, op)


def test_what_is_kept_stays_kept() -> None:
    """b and c changed places by a move of b: c never moved, so it must not begin to."""
    op = move_range(4, 1, 1, 3)
    assert compact(op, BEFORE) is not op
    assert compact(op, BEFORE) == op


def test_of_moves_that_contradict_each_other_as_many_as_possible_become_keeps() -> None:
    turned = Op((Drop(2, 1), Drop(0, 2), Pick(3), Keep(1)))
    assert compact(turned, BEFORE).components == (Drop(0, 1), Keep(2), Pick(1), Keep(1))


def test_the_order_in_a_gap_stays() -> None:
    x: Entry = {"uid": "x"}
    for components in (
        (Keep(1), Insert((x,)), Remove(1), Drop(0, 1), Pick(1), Keep(1)),
        (Keep(1), Remove(1), Insert((x,)), Pick(1), Drop(0, 1), Keep(1)),
    ):
        compacted = compact(Op(components), BEFORE)
        kept = tuple(component for component in components if type(component) in (Insert, Remove))
        assert compacted.components == (Keep(1), *kept, Keep(2))


def test_of_a_uid_that_stands_twice_one_is_taken() -> None:
    before = Document([A, A, B], {})
    op = compose(remove_range(3, 0, 2), insert_at(1, 0, [A]))
    assert apply(before, compact(op, before)) == apply(before, op)


def test_edits_of_a_moved_block_are_kept() -> None:
    op = Op((Drop(0, 2), Pick(2, {"note": "n"}), Keep(2)), {"name": "n"})
    assert compact(op, BEFORE) == Op((Keep(2, {"note": "n"}), Keep(2)), {"name": "n"})


@law
@given(cases)
def test_an_op_and_its_inverse_say_nothing(case: Case) -> None:
    laws.compaction(OURS, case)
