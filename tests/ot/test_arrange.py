from collections.abc import Sequence
from random import Random

import pytest

from ot.apply import apply
from ot.arrange import deduplicate, replace_all, reverse, shuffle, sort_by, sort_by_field
from ot.build import insert_at, longest_increasing, set_field
from ot.document import EMPTY, Document
from ot.op import IDENTITY, Drop, Keep, Op, Pick
from ot.transform import transform
from ot.value import Value


def playlist(*values: Value) -> Document:
    """An entry for each value, its uid the place; None for an entry without the member."""
    entries = [{"uid": str(i), "by": value} for i, value in enumerate(values)]
    return Document(
        [{k: v for k, v in entry.items() if v is not None} for entry in entries], {"name": "list"}
    )


def after(document: Document, op: Op) -> str:
    return "".join(str(entry["uid"]) for entry in apply(document, op).entries)


def moved(op: Op) -> int:
    return sum(component.n for component in op.components if type(component) is Pick)


def test_sort_is_stable_and_moves_blocks_whole() -> None:
    document = playlist(*"bbaab")
    op = sort_by(document, lambda entry: str(entry["by"]))
    assert after(document, op) == "23014"
    assert op.components == (Drop(0, 2), Keep(2), Pick(2), Keep(1))
    assert sort_by(document, lambda entry: int(str(entry["uid"]))) == IDENTITY
    assert after(document, sort_by(document, lambda entry: str(entry["by"]), descending=True)) == "01423"


@pytest.mark.parametrize(
    ("values", "ascending", "descending"),
    [
        ((3, 10, 2), "201", "102"),
        (("b", "C", "a", "B"), "2031", "1032"),
        ((2, None, 1), "201", "021"),
        (("x", 7, True, ["a"], {"m": 1}, False), "521034", "430125"),
        ((["b"], ["a", "z"], ["a"], []), "3210", "0123"),
        ((["a", 2], ["a", "1"], ["a", 1]), "201", "102"),
        ((2**53 - 1, -1, 2**53 - 2), "120", "021"),
    ],
)
def test_sort_by_a_member_of_any_type(values: Sequence[Value], ascending: str, descending: str) -> None:
    document = playlist(*values)
    assert after(document, sort_by_field(document, "by")) == ascending
    assert after(document, sort_by_field(document, "by", descending=True)) == descending


def test_shuffle_draws_from_what_it_is_given() -> None:
    document = playlist(*range(8))
    orders = {after(document, shuffle(8, Random(seed).randrange)) for seed in range(50)}
    assert len(orders) == 50
    assert all(sorted(order) == list("01234567") for order in orders)
    asked: list[int] = []
    assert shuffle(4, lambda n: asked.append(n) or n - 1) == IDENTITY
    assert asked == [4, 3, 2]
    assert (shuffle(0, Random().randrange), shuffle(1, Random().randrange)) == (IDENTITY, IDENTITY)


def test_every_order_of_a_shuffle_comes_as_often() -> None:
    """Fisher and Yates: each sequence of draws gives an order of its own."""

    def drawn(*draws: int) -> str:
        answers = iter(draws)
        return after(playlist(*"abc"), shuffle(3, lambda _: next(answers)))

    assert len({drawn(first, second) for first in range(3) for second in range(2)}) == 6


def test_reverse() -> None:
    document = playlist(*"abcd")
    assert after(document, reverse(4)) == "3210"
    assert moved(reverse(4)) == 3
    assert reverse(0) == reverse(1) == IDENTITY


def test_deduplicate_keeps_the_first_of_each_and_moves_nothing() -> None:
    document = playlist("a", "b", "a", None, "b", None, 1, True, ["a"], ["a"])
    op = deduplicate(document, "by")
    assert after(document, op) == "0135678"
    assert moved(op) == 0
    assert deduplicate(document, "uid") == IDENTITY
    assert deduplicate(EMPTY, "by") == IDENTITY


def test_replace_all_uses_again_what_stands() -> None:
    document = playlist("a", "b", "c", "a")
    document.entries[0]["note"] = "mine"
    new = [{"uid": "x", "by": "d"}, {"uid": "y", "by": "a"}, {"uid": "z", "by": "c"}, {"uid": "w", "by": "a"}]
    op = replace_all(document, new, "by")
    assert after(document, op) == "x023"
    assert moved(op) == 0
    assert apply(document, op).entries[1]["note"] == "mine"
    assert apply(document, op).attributes == document.attributes
    assert replace_all(document, document.entries, "by") == IDENTITY


def test_replace_all_takes_entries_without_the_member_as_new() -> None:
    document = playlist("a", None)
    assert after(document, replace_all(document, [{"uid": "x"}, {"uid": "y", "by": "a"}], "by")) == "x0"
    assert after(document, replace_all(document, [], "by")) == ""


@pytest.mark.parametrize("seed", range(40))
def test_each_keeps_a_longest_run_in_place(seed: int) -> None:
    random = Random(seed)
    document = playlist(*(random.randrange(6) for _ in range(random.randrange(12))))
    length = len(document.entries)
    for op in (sort_by_field(document, "by"), shuffle(length, random.randrange), reverse(length)):
        order = [int(str(entry["uid"])) for entry in apply(document, op).entries]
        assert moved(op) == length - len(longest_increasing(order))


def test_what_others_do_meanwhile_stays() -> None:
    document = playlist(*"dabc")
    op = sort_by_field(document, "by")
    edit = set_field(4, 2, "note", "n")
    append = insert_at(4, 4, [{"uid": "x"}])
    assert after(apply(document, append), transform(op, append, "right")) == "123x0"
    both = apply(apply(document, op), transform(edit, op, "right"))
    assert [entry.get("note") for entry in both.entries] == [None, "n", None, None]
