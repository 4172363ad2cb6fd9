import pytest
from hypothesis import given

from ot.build import insert_at, move_range, remove_range, set_attribute
from ot.cursor import follow
from ot.fuzz import laws
from ot.fuzz.algebra import OURS
from ot.fuzz.case import Case
from ot.op import Op
from tests.ot.strategies import cases, law

INSERTION = insert_at(4, 2, [{"uid": "x"}, {"uid": "y"}])


@pytest.mark.parametrize(
    ("position", "op", "after"),
    [
        (1, INSERTION, 1),
        (3, INSERTION, 5),
        (3, remove_range(4, 0, 2), 1),
        (1, remove_range(4, 0, 3), 0),
        # A cursor inside a block stays where the block was.
        (2, move_range(4, 1, 2, 4), 1),
        (3, set_attribute("name", "n"), 3),
    ],
)
def test_follows(position: int, op: Op, after: int) -> None:
    assert follow(position, op, "left") == follow(position, op, "right") == after


def test_side_decides_at_the_place_itself() -> None:
    assert follow(2, INSERTION, "left") == 2
    assert follow(2, INSERTION, "right") == 4
    assert follow(2, move_range(4, 0, 1, 2), "left") == 1
    assert follow(2, move_range(4, 0, 1, 2), "right") == 2


@law
@given(cases)
def test_equals_inserting_a_marker(case: Case) -> None:
    laws.cursor(OURS, case)
