import pytest
from hypothesis import given

from ot.apply import apply
from ot.build import move_range, remove_range, set_attribute, set_field
from ot.compose import compose
from ot.document import Document
from ot.fuzz import laws
from ot.fuzz.algebra import OURS
from ot.fuzz.case import Case
from ot.op import Drop, Insert, Keep, Op, OpError, Pick, Remove
from ot.transform import transform
from tests.ot.letters import LETTERS, both_ways, edit, insert, letters, move, remove, text
from tests.ot.strategies import cases, law


@pytest.mark.parametrize(
    ("a", "b", "a_first", "b_first"),
    [
        (move("bcd"), move("cde", "a"), "cdeafghb", "eafghbcd"),
        (move("bcd"), insert("X", "d"), "aXefghbcd", "aXefghbcd"),
        (move("bcd"), remove("c"), "aefghbd", "aefghbd"),
        (move("bcd"), move("h", "d"), "ahefgbcd", "ahefgbcd"),
        (move("bc", "g"), move("fg", "c"), "afgdebch", "afgdebch"),
        (remove("bcd"), insert("X", "d"), "aXefgh", "aXefgh"),
        (insert("X"), insert("Y"), "abcdefghXY", "abcdefghYX"),
        (insert("X"), move("h", "a"), "habcdefgX", "habcdefgX"),
        (move("b", "a"), move("b"), "acdefghb", "bacdefgh"),
    ],
)
def test_worked_examples(a: Op, b: Op, a_first: str, b_first: str) -> None:
    assert text(both_ways(letters(LETTERS), a, b)) == a_first
    assert text(both_ways(letters(LETTERS), b, a)) == b_first


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        # insert ×
        (insert("X", "d"), insert("Y", "d"), "abcXYdefgh"),
        (insert("X", "d"), remove("cde"), "abXfgh"),
        (insert("X", "d"), move("cde", "a"), "cdeabXfgh"),
        (insert("X", "d"), move("gh", "d"), "abcXghdef"),
        # remove ×
        (remove("cde"), insert("X", "d"), "abXfgh"),
        (remove("bcd"), remove("cde"), "afgh"),
        (remove("c"), move("bcd"), "aefghbd"),
        # move ×
        (move("cde", "a"), insert("X", "d"), "cdeabXfgh"),
        (move("gh", "d"), insert("X", "d"), "abcghXdef"),
        (move("bcd"), remove("c"), "aefghbd"),
        (move("bcd"), move("cd", "a"), "cdaefghb"),
        (move("b", "e"), move("g", "e"), "acdbgefh"),
    ],
)
def test_table_of_lists(first: Op, second: Op, expected: str) -> None:
    assert text(both_ways(letters(LETTERS), first, second)) == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (edit("c", "1"), edit("c", "2"), {"c": "2"}),
        (edit("c", "1"), remove("bcd"), {}),
        (remove("bcd"), edit("c", "2"), {}),
        (edit("c", "1"), move("bcd"), {"c": "1"}),
        (move("bcd"), edit("c", "2"), {"c": "2"}),
        (edit("c", "1"), edit("d", "2"), {"c": "1", "d": "2"}),
        (edit("c", "1"), insert("X", "c"), {"c": "1"}),
        (
            compose(move("c"), set_field(8, 7, "note", "1")),
            compose(move("c", "a"), set_field(8, 0, "note", "2")),
            {"c": "2"},
        ),
    ],
)
def test_table_of_fields(first: Op, second: Op, expected: dict[str, str]) -> None:
    after = both_ways(letters(LETTERS), first, second)
    notes = {entry["uid"]: entry["note"] for entry in after.entries if "note" in entry}
    assert notes == expected


def test_two_fields_of_one_entry_are_independent() -> None:
    after = both_ways(letters(LETTERS), edit("c", "1", "note"), edit("c", "2", "title"))
    assert after.entries[2] == {"uid": "c", "note": "1", "title": "2"}


def test_of_one_attribute_the_second_wins_and_others_are_independent() -> None:
    first = compose(set_attribute("name", "one"), set_attribute("public", True))
    second = compose(set_attribute("name", None), set_attribute("image", "i"))
    assert both_ways(Document([], {"name": "old"}), first, second).attributes == {
        "public": True,
        "image": "i",
    }


def test_attributes_and_lists_are_independent() -> None:
    after = both_ways(letters("ab"), set_attribute("name", "n"), remove_range(2, 0))
    assert after == Document([{"uid": "b"}], {"name": "n"})


def test_smallest_case_against_which_rightmost_compose_and_early_ties_fail() -> None:
    """The server removes x, then inserts b in its place; a client inserts c before x."""
    take, put = Op((Remove(1),)), Op((Insert(({"uid": "b"},)),))
    client = Op((Insert(({"uid": "c"},)), Keep(1)))
    step_by_step = transform(transform(client, take, "right"), put, "right")
    assert transform(client, compose(take, put), "right") == step_by_step
    after = apply(apply(letters("x"), compose(take, put)), step_by_step)
    assert text(after) == "bc"


def test_law_l_does_not_hold_for_a_later_pair() -> None:
    """The insert stands right of c only if it meets c when x is gone already. So a client may compose what
    waits before it is sent, when nobody predicts anything of it, and never after."""
    take, put = Op((Remove(1),)), Op((Insert(({"uid": "b"},)),))
    earlier = Op((Keep(1), Insert(({"uid": "c"},))))
    before = apply(letters("x"), earlier)
    at_once = apply(before, transform(compose(take, put), earlier, "right"))
    there = apply(before, transform(take, earlier, "right"))
    step_by_step = apply(there, transform(put, transform(earlier, take, "left"), "right"))
    assert (text(at_once), text(step_by_step)) == ("bc", "cb")


def test_move_that_changes_nothing_is_a_move_still() -> None:
    still = Op((Keep(1), Pick(1), Drop(0, 1), Keep(1)))
    assert transform(still, Op((Remove(1), Keep(2))), "right") == Op((Pick(1), Drop(0, 1), Keep(1)))
    assert text(both_ways(letters("abc"), move_range(3, 1, 1, 3), still)) == "abc"


def test_ops_for_other_lengths_are_noticed() -> None:
    for side in ("left", "right"):
        for a, b in ((Remove(2), Remove(3)), (Remove(3), Remove(2)), (Keep(2, {"n": 1}), Pick(3))):
            drops = (Drop(0, 3),) if type(b) is Pick else ()
            with pytest.raises(OpError, match="different lengths") as raised:
                transform(Op((a,)), Op((b, *drops)), side)
            assert raised.value.code == "op_length"


def test_counts_cost_nothing() -> None:
    huge = 10**15
    a = Op((Pick(huge), Remove(huge), Drop(0, huge)))
    b = Op((Keep(huge, {"note": 1}), Pick(huge), Drop(0, huge)))
    assert transform(a, b, "right") == a
    assert transform(b, a, "left") == Op((Keep(huge, {"note": 1}),))


@law
@given(cases)
def test_diamond(case: Case) -> None:
    laws.diamond(OURS, case)


@law
@given(cases)
def test_item_by_item(case: Case) -> None:
    laws.transform_as_judged(OURS, case)


@law
@given(cases)
def test_law_l(case: Case) -> None:
    laws.law_l(OURS, case)


@law
@given(cases)
def test_mirrored_law_holds_in_effect(case: Case) -> None:
    laws.mirrored_law_in_effect(OURS, case)


@law
@given(cases)
def test_identity(case: Case) -> None:
    laws.identity(OURS, case)
