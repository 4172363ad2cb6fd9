from itertools import permutations

import pytest
from hypothesis import given

from ot.apply import apply
from ot.build import diff, insert_at, move_range, permute, remove_range, set_attribute, set_field
from ot.document import Document
from ot.fuzz import laws
from ot.fuzz.algebra import OURS
from ot.fuzz.case import Case
from ot.fuzz.expect import same_document
from ot.op import IDENTITY, Drop, Insert, Keep, Op, Pick, Remove
from tests.ot.strategies import cases, law


def letters(text: str) -> Document:
    return Document([{"uid": letter} for letter in text], {})


def after(text: str, op: Op) -> str:
    return "".join(str(entry["uid"]) for entry in apply(letters(text), op).entries)


def test_insert() -> None:
    new = [{"uid": "x"}, {"uid": "y"}]
    assert after("", insert_at(0, 0, new)) == "xy"
    assert after("abc", insert_at(3, 0, new)) == "xyabc"
    assert after("abc", insert_at(3, 3, new)) == "abcxy"
    assert insert_at(3, 1, []) == IDENTITY


def test_remove() -> None:
    assert after("abc", remove_range(3, 1)) == "ac"
    assert after("abc", remove_range(3, 0, 3)) == ""
    assert remove_range(3, 1, 0) == IDENTITY


def test_move() -> None:
    for start in range(5):
        for n in range(6 - start):
            for before in range(6):
                block = "abcde"[start : start + n]
                rest = "abcde"[:start].ljust(start) + "|" * n + "abcde"[start + n :]
                expected = (rest[:before] + block + rest[before:]).replace("|", "")
                assert after("abcde", move_range(5, start, n, before)) == expected


def test_move_to_where_it_stands_is_nothing() -> None:
    assert move_range(5, 1, 2, 1) == move_range(5, 1, 2, 2) == move_range(5, 1, 2, 3) == IDENTITY


def test_set() -> None:
    assert set_field(3, 1, "note", None) == Op((Keep(1), Keep(1, {"note": None}), Keep(1)))
    assert set_attribute("name", "n") == Op((), {"name": "n"})
    with pytest.raises(ValueError, match="uid"):
        set_field(3, 1, "uid", "u")


@pytest.mark.parametrize(
    "build",
    [
        lambda: insert_at(3, 4, [{"uid": "x"}]),
        lambda: insert_at(3, -1, [{"uid": "x"}]),
        lambda: remove_range(3, 2, 2),
        lambda: remove_range(3, 0, -1),
        lambda: move_range(3, 0, 1, 4),
        lambda: move_range(3, 3, 1, 0),
        lambda: set_field(3, 3, "note", 1),
    ],
)
def test_places_outside_the_list_are_refused(build) -> None:
    with pytest.raises(IndexError, match="not within"):
        build()


def test_permute_keeps_a_longest_increasing_run_in_place() -> None:
    for order in permutations(range(5)):
        op = permute(order)
        assert after("abcde", op) == "".join("abcde"[index] for index in order)
        moved = sum(component.n for component in op.components if type(component) is Pick)
        assert moved == 5 - longest_increasing(order)


def longest_increasing(order: tuple[int, ...]) -> int:
    best = [1] * len(order)
    for index, number in enumerate(order):
        for earlier in range(index):
            if order[earlier] < number:
                best[index] = max(best[index], best[earlier] + 1)
    return max(best)


@pytest.mark.parametrize("order", [[0, 0], [1, 2], [0, 2]])
def test_permute_refuses_what_is_no_permutation(order: list[int]) -> None:
    with pytest.raises(ValueError, match="exactly once"):
        permute(order)


def test_diff_of_everything_at_once() -> None:
    old = Document(
        [{"uid": "a"}, {"uid": "b", "note": "n"}, {"uid": "c", "flag": 1}, {"uid": "d"}],
        {"name": "old", "public": True},
    )
    new = Document(
        [{"uid": "d"}, {"uid": "b"}, {"uid": "x"}, {"uid": "c", "flag": True}], {"name": "new", "image": "i"}
    )
    assert diff(old, new) == Op(
        (
            Drop(0, 1),
            Remove(1),
            Keep(1, {"note": None}),
            Insert(({"uid": "x"},)),
            Keep(1, {"flag": True}),
            Pick(1),
        ),
        {"name": "new", "image": "i", "public": None},
    )
    same_document("the difference", apply(old, diff(old, new)), new)


def test_diff_survives_a_uid_that_stands_twice() -> None:
    old, new = letters("aab"), letters("bbaa")
    assert apply(old, diff(old, new)) == new


@law
@given(cases)
def test_diff_leads_to_the_new_document(case: Case) -> None:
    laws.difference(OURS, case)
