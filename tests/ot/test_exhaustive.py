"""The laws on every op on short lists; where all triples are too many, a slice that a seed picks."""

from random import Random

import pytest

from ot.apply import apply
from ot.check import check
from ot.compose import compose
from ot.document import Document
from ot.transform import transform
from tests.ot.exhaustive import every_op

# Raised to 10**9, the test below runs on all pairs that follow each other; it then takes half a minute.
PAIRS_MAX = 4_000


def document(length: int) -> Document:
    return Document([{"uid": f"d{index}"} for index in range(length)], {})


@pytest.mark.parametrize("length", [0, 1, 2])
def test_diamond_for_every_pair(length: int) -> None:
    before = document(length)
    firsts = [(op, apply(before, op)) for op in every_op(length, "a")]
    seconds = [(op, apply(before, op)) for op in every_op(length, "b")]
    for a, after_a in firsts:
        for b, after_b in seconds:
            one = apply(after_a, transform(b, a, "right"))
            other = apply(after_b, transform(a, b, "left"))
            assert one.entries == other.entries, (a, b)


@pytest.mark.parametrize("length", [0, 1])
def test_law_l_and_compose_for_triples(length: int) -> None:
    before = document(length)
    pairs = [(a, b) for a in every_op(length, "a") for b in every_op(check(a, length), "b")]
    if len(pairs) > PAIRS_MAX:
        pairs = Random(1).sample(pairs, PAIRS_MAX)
    for a, b in pairs:
        both = compose(a, b)
        assert apply(before, both).entries == apply(apply(before, a), b).entries, (a, b)
        for c in every_op(length, "c"):
            at_once = transform(c, both, "right")
            assert at_once == transform(transform(c, a, "right"), b, "right"), (a, b, c)
