from random import Random

import pytest
from hypothesis import given

from jam.digest import canonical_json, digest, order_digest
from jam.state import dump
from ot.digest import canonical_json as playlist_json
from tests.jam.lives import life
from tests.jam.plain import plain_digest
from tests.jam.test_queue import seeds
from tests.ot.strategies import law
from tests.vectors.awkward import INTEGERS, KEYS, TEXTS, members


@pytest.mark.parametrize("value", [*TEXTS, *INTEGERS, dict.fromkeys(KEYS, False), [None, True, []]])
def test_canonical_json_is_that_of_playlists(value: object) -> None:
    assert canonical_json(value).decode() == playlist_json(value)  # type: ignore[arg-type]


def test_so_it_is_at_every_depth() -> None:
    for seed in range(200):
        value = members(Random(seed), 8)
        assert canonical_json(value).decode() == playlist_json(value)


@law
@given(seeds)
def test_a_digest_is_of_the_snapshot_as_it_travels(random: Random) -> None:
    for moment in life(random, 20):
        jam = moment.before.jam
        assert digest(jam) == plain_digest(dump(jam))
        assert order_digest(moment.before.order()) == plain_digest(moment.before.order())
