"""PROTOCOL.md says enough of `transform` to write it."""

from random import Random
from typing import Literal

import pytest

from ot.fuzz.generate import Uids, document, op
from ot.op import encode
from ot.transform import transform
from tests.documents import page_transform

ROUNDS = 1000


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_page_and_the_code_agree_to_the_letter(side: Literal["left", "right"]) -> None:
    for seed in range(ROUNDS):
        random, uids = Random(seed), Uids()
        before = document(random, uids, random.randrange(1, 8))
        a, _ = op(random, uids, before)
        b, _ = op(random, uids, before)
        by_the_page = page_transform.transform(encode(a), encode(b), side)
        assert by_the_page == encode(transform(a, b, side)), f"seed {seed}"
