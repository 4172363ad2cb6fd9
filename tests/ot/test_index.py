"""Looking up equals walking, to the letter."""

from random import Random

import pytest
from hypothesis import given

from ot import index as index_module
from ot.apply import apply
from ot.build import insert_at, move_range, remove_range, set_attribute, set_field
from ot.check import check
from ot.compose import compose, compose_all
from ot.document import Document
from ot.fuzz.case import Case
from ot.fuzz.every import every_op
from ot.fuzz.expect import same_op
from ot.index import Indexed
from ot.op import IDENTITY, Op, OpError
from ot.transform import Side, transform
from tests.ot.letters import edit, insert, move, remove
from tests.ot.strategies import cases, law

SIDES: tuple[Side, Side] = ("left", "right")
LENGTH = 200


def check_looked_up(small: Op, block: Op) -> None:
    indexed = Indexed(block, lookup_cost=0)
    for side in SIDES:
        same_op(f"T(small, block, {side})", indexed.rebase(small, side), transform(small, block, side))


def drawn(random: Random, length: int, name: str) -> Op:
    """One edit of a list."""
    match random.randrange(5):
        case 0 | 1:
            return insert_at(length, random.randint(0, length), [{"uid": name}])
        case 2:
            return remove_range(length, random.randrange(length))
        case 3:
            return move_range(length, random.randrange(length), 1, random.randint(0, length))
    return set_field(length, random.randrange(length), "note", name)


def history(random: Random, n: int) -> Op:
    """So many edits as one op."""
    ops: list[Op] = []
    length = LENGTH
    for number in range(n):
        ops.append(drawn(random, length, f"b{number}"))
        length = check(ops[-1], length)
    return compose_all(ops)


@law
@given(cases)
def test_any_op_over_any_other(case: Case) -> None:
    check_looked_up(case.a, case.b)
    check_looked_up(case.b, case.a)
    check_looked_up(case.b, compose(case.a, case.a2))
    check_looked_up(compose(case.a, case.a2), case.b)


@pytest.mark.parametrize("length", [0, 1, 2])
def test_every_op_over_every_other(length: int) -> None:
    blocks = [(op, Indexed(op, lookup_cost=0)) for op in every_op(length, "b")]
    for small in every_op(length, "a"):
        for block, indexed in blocks:
            for side in SIDES:
                assert indexed.rebase(small, side) == transform(small, block, side)


@pytest.mark.parametrize("seed", range(10))
def test_edits_over_a_long_history(seed: int) -> None:
    random = Random(seed)
    block = history(random, 300)
    indexed = Indexed(block)
    for number in range(50):
        small = compose(drawn(random, LENGTH, f"s{number}"), set_attribute("name", str(number)))
        for side in SIDES:
            same_op("T(small, block)", indexed.rebase(small, side), transform(small, block, side))


def test_an_edit_over_a_long_history_does_not_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    block = history(Random(1), 300)
    small = move_range(LENGTH, 20, 2, 170)
    expected = transform(small, block, "right")

    def walk(a: Op, b: Op, side: Side) -> Op:
        raise AssertionError("it walks")

    monkeypatch.setattr(index_module, "transform", walk)
    assert Indexed(block).rebase(small, "right") == expected
    for touching_much in (remove_range(LENGTH, 0, LENGTH), history(Random(2), 300)):
        with pytest.raises(AssertionError, match="it walks"):
            Indexed(block).rebase(touching_much, "right")


@pytest.mark.parametrize(
    "small",
    [
        insert("X", "d"),
        insert("X"),
        insert("X", "a"),
        remove("cde"),
        edit("d", 1),
        move("cde", "a"),
        move("a"),
        move("h", "d"),
        compose(insert("X", "d"), set_attribute("name", "x")),
    ],
)
@pytest.mark.parametrize(
    "block",
    [
        insert("Y", "d"),
        insert("Y"),
        remove("bcd"),
        remove("abcdefgh"),
        edit("d", 2),
        edit("d", 2, "title"),
        move("bcd"),
        move("cd", "a"),
        compose(move("bc", "f"), set_attribute("name", "y")),
        compose(move("b", "f"), insert("Y", "f")),
        IDENTITY,
    ],
)
def test_each_kind_over_each_other(small: Op, block: Op) -> None:
    check_looked_up(small, block)


def test_an_edit_lands_where_the_block_drops_its_entry() -> None:
    """Three that stood together and were dealt out."""
    document = Document([{"uid": letter} for letter in "abcdefgh"], {})
    block = compose_all([move("b"), move_range(8, 1, 1, 0), move_range(8, 2, 1, 5)])
    small = compose(remove("bc"), set_field(6, 1, "note", 1))
    after = apply(apply(document, block), Indexed(block, lookup_cost=0).rebase(small, "right"))
    assert after == apply(apply(document, block), transform(small, block, "right"))
    assert [entry["uid"] for entry in after.entries if "note" in entry] == ["d"]


def test_attributes_alone_and_nothing() -> None:
    block = compose(history(Random(3), 30), set_attribute("name", "theirs"))
    for small in (IDENTITY, set_attribute("name", "mine"), set_attribute("public", True)):
        check_looked_up(small, block)


@pytest.mark.parametrize("length", [LENGTH - 1, LENGTH + 1])
@pytest.mark.parametrize("start", [0, LENGTH - 2])
@pytest.mark.parametrize("lookup_cost", [0, 4])
def test_ops_for_lists_of_different_lengths(length: int, start: int, lookup_cost: int) -> None:
    indexed = Indexed(history(Random(4), 100), lookup_cost=lookup_cost)
    smalls = [
        remove_range(length, start),
        insert_at(length, length, [{"uid": "X"}]),
        move_range(length, start, 1, 0),
    ]
    for small in smalls:
        if small == IDENTITY:
            continue
        for side in SIDES:
            with pytest.raises(OpError, match="different lengths") as caught:
                indexed.rebase(small, side)
            assert caught.value.code == "op_length"
