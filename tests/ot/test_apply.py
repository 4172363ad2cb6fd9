import pytest
from hypothesis import given

from ot.apply import apply
from ot.build import insert_at, remove_range, set_field
from ot.document import EMPTY, Document
from ot.fuzz import laws
from ot.fuzz.algebra import OURS
from ot.fuzz.case import Case
from ot.op import IDENTITY, Drop, Op, OpError, Pick
from tests.ot.strategies import cases, law

BEFORE = Document([{"uid": "a"}, {"uid": "b", "note": "n"}, {"uid": "c"}], {"name": "list"})


def test_drops_may_stand_before_their_picks_and_part_a_block() -> None:
    whole = Op((Drop(2, 1), Drop(0, 1), Pick(3, {"note": 1}), Drop(1, 1)))
    assert apply(BEFORE, whole).entries == [{"uid": uid, "note": 1} for uid in "cab"]


def test_null_deletes_and_other_entries_are_shared() -> None:
    after = apply(BEFORE, set_field(3, 1, "note", None))
    assert after.entries[1] == {"uid": "b"}
    assert after.entries[0] is BEFORE.entries[0]
    assert BEFORE.entries[1] == {"uid": "b", "note": "n"}


def test_identity_shares_everything() -> None:
    assert apply(BEFORE, IDENTITY).entries is BEFORE.entries
    assert apply(BEFORE, IDENTITY).attributes is BEFORE.attributes


def test_attributes() -> None:
    op = Op((), {"name": None, "public": True, "image": None})
    assert apply(BEFORE, op).attributes == {"public": True}


@pytest.mark.parametrize("op", [remove_range(4, 0), remove_range(2, 0), insert_at(0, 0, [{"uid": "x"}])])
def test_op_for_another_length_is_noticed(op: Op) -> None:
    with pytest.raises(OpError) as raised:
        apply(BEFORE, op)
    assert raised.value.code == "op_length"


def test_first_entries_of_an_empty_document() -> None:
    assert apply(EMPTY, insert_at(0, 0, BEFORE.entries)).entries == BEFORE.entries


@law
@given(cases)
def test_leads_where_the_generator_says(case: Case) -> None:
    laws.application(OURS, case)
