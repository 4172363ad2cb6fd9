import pytest
from hypothesis import given

from ot.build import insert_at, move_range, remove_range, set_attribute, set_field
from ot.compose import compose, compose_all
from ot.fuzz import laws
from ot.fuzz.algebra import OURS
from ot.fuzz.case import Case
from ot.op import IDENTITY, Drop, Insert, Keep, OpError, Pick, Remove
from tests.ot.strategies import cases, law

X, Y = {"uid": "x"}, {"uid": "y"}


def test_pairs_of_components() -> None:
    assert compose(insert_at(1, 0, [X]), remove_range(2, 0)) == IDENTITY
    assert compose(insert_at(2, 0, [X]), move_range(3, 0, 1, 3)) == insert_at(2, 2, [X])
    assert compose(insert_at(1, 1, [X]), set_field(2, 1, "n", 1)) == insert_at(1, 1, [{**X, "n": 1}])
    assert compose(move_range(3, 0, 1, 3), remove_range(3, 2)) == remove_range(3, 0)
    assert compose(move_range(3, 0, 1, 3), set_field(3, 2, "n", 1)).components == (
        Pick(1, {"n": 1}),
        Keep(2),
        Drop(0, 1),
    )
    assert compose(set_field(2, 0, "n", 1), set_field(2, 0, "n", None)) == set_field(2, 0, "n", None)


def test_a_block_moved_back_is_a_move_still() -> None:
    there_and_back = compose(move_range(3, 0, 1, 3), move_range(3, 2, 1, 0))
    assert there_and_back.components == (Drop(0, 1), Pick(1), Keep(2))


def test_what_stands_where_entries_went_goes_leftmost() -> None:
    replaced = compose(remove_range(2, 1), insert_at(1, 1, [Y]))
    assert replaced.components == (Keep(1), Insert((Y,)), Remove(1))


def test_later_attribute_wins() -> None:
    both = compose(set_attribute("name", "a"), set_attribute("name", None))
    assert both == set_attribute("name", None)


def test_op_for_another_length_is_noticed() -> None:
    for a in (insert_at(2, 0, [X]), move_range(3, 0, 1, 3)):
        for b in (remove_range(2, 0), remove_range(9, 0), move_range(2, 0, 1, 2), move_range(9, 0, 1, 9)):
            with pytest.raises(OpError) as raised:
                compose(a, b)
            assert raised.value.code == "op_length"


def test_compose_all_of_nothing_and_of_one() -> None:
    assert compose_all([]) == IDENTITY
    assert compose_all([insert_at(0, 0, [X])]) == insert_at(0, 0, [X])


def test_compose_all_of_many_appends_is_one_insert() -> None:
    entries = [{"uid": str(n)} for n in range(1000)]
    ops = [insert_at(n, n, [entry]) for n, entry in enumerate(entries)]
    assert compose_all(ops) == insert_at(0, 0, entries)


@law
@given(cases)
def test_does_what_both_do(case: Case) -> None:
    laws.composition(OURS, case)


@law
@given(cases)
def test_associative_to_the_letter(case: Case) -> None:
    laws.associativity(OURS, case)
