"""The mirror, and law L for an earlier party, which `compose` alone does not give."""

from random import Random

import pytest

from ot.apply import apply
from ot.build import insert_at, move_range, remove_range
from ot.compose import compose, compose_all
from ot.document import Document
from ot.mirror import mirror
from ot.op import Op
from ot.transform import transform
from ot.value import Entry


def rightmost(a: Op, b: Op) -> Op:
    return mirror(compose(mirror(a), mirror(b)))


def drawn(random: Random, document: Document, name: str) -> Op:
    """A few edits in a row, as one op."""
    ops: list[Op] = []
    for number in range(random.randint(1, 4)):
        length = len(document.entries)
        start = random.randint(0, length)
        n = min(random.randint(0, 2), length - start)
        entries: list[Entry] = [{"uid": f"{name}{number}"}]
        ops.append(
            random.choice(
                (
                    insert_at(length, start, entries),
                    remove_range(length, start, n),
                    move_range(length, start, n, random.randint(0, length)),
                )
            )
        )
        document = apply(document, ops[-1])
    return compose_all(ops)


@pytest.mark.parametrize("seed", range(200))
def test_a_mirrored_op_does_the_same_to_the_reversed_list(seed: int) -> None:
    random = Random(seed)
    document = Document([{"uid": letter} for letter in "abcd"], {})
    op = drawn(random, document, "x")
    there = apply(document, op).entries
    back = apply(Document(document.entries[::-1], {}), mirror(op)).entries
    assert back == there[::-1]
    assert mirror(mirror(op)) == op


@pytest.mark.parametrize("seed", range(300))
def test_law_l_holds_for_an_earlier_party_if_composed_rightmost(seed: int) -> None:
    random = Random(seed)
    document = Document([{"uid": letter} for letter in "abcd"[: random.randint(1, 4)]], {})
    a = drawn(random, document, "a")
    b = drawn(random, apply(document, a), "b")
    c = drawn(random, document, "c")
    assert apply(apply(document, a), b) == apply(document, rightmost(a, b))
    at_once = transform(c, rightmost(a, b), "left")
    assert at_once == transform(transform(c, a, "left"), b, "left")


def test_composed_leftmost_it_does_not() -> None:
    """Of x, the earlier party puts C behind; others remove x and put Y in its place."""
    document = Document([{"uid": "x"}], {})
    c = insert_at(1, 1, [{"uid": "C"}])
    a, b = remove_range(1, 0), insert_at(0, 0, [{"uid": "Y"}])
    after = apply(apply(document, a), b)
    assert apply(after, transform(c, compose(a, b), "left")).entries == [{"uid": "Y"}, {"uid": "C"}]
    assert apply(after, transform(c, rightmost(a, b), "left")).entries == [{"uid": "C"}, {"uid": "Y"}]
