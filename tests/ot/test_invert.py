import pytest
from hypothesis import given

from ot.build import insert_at, move_range, remove_range, set_attribute, set_field
from ot.document import Document
from ot.fuzz import laws
from ot.fuzz.algebra import OURS
from ot.fuzz.case import Case
from ot.invert import invert
from ot.op import Op, OpError
from tests.ot.strategies import cases, law

BEFORE = Document([{"uid": "a", "note": "old"}, {"uid": "b"}, {"uid": "c"}], {"name": "list"})


@pytest.mark.parametrize(
    ("op", "inverse"),
    [
        (insert_at(3, 1, [{"uid": "x"}]), remove_range(4, 1)),
        (remove_range(3, 0), insert_at(2, 0, BEFORE.entries[:1])),
        (move_range(3, 0, 1, 3), move_range(3, 2, 1, 0)),
        (set_field(3, 0, "note", "new"), set_field(3, 0, "note", "old")),
        (set_field(3, 1, "note", "new"), set_field(3, 1, "note", None)),
        (set_attribute("name", None), set_attribute("name", "list")),
        (set_attribute("image", "i"), set_attribute("image", None)),
    ],
)
def test_inverse_of_one_edit(op: Op, inverse: Op) -> None:
    assert invert(op, BEFORE) == inverse


def test_op_for_another_length_is_noticed() -> None:
    with pytest.raises(OpError) as raised:
        invert(remove_range(4, 0), BEFORE)
    assert raised.value.code == "op_length"


@law
@given(cases)
def test_leads_back(case: Case) -> None:
    laws.inverse(OURS, case)
