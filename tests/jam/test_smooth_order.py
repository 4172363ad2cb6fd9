"""A whole list in a smooth order: what it promises, and how near it comes to the best there is."""

from collections.abc import Sequence
from itertools import pairwise, permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jam import smooth_order as module
from jam.smooth import KEYS, Features, roughness
from jam.smooth_order import smooth_order
from tests.jam.test_smooth import FEATURES


def songs(random: Random, n: int) -> list[Features]:
    """Songs as music libraries have them; of each part, one in ten is not known."""

    def known(value: int | str) -> int | str | None:
        return value if random.random() < 0.9 else None

    return [
        Features(
            known(min(20_000, max(6_000, int(random.gauss(12_000, 2_200))))),  # type: ignore[arg-type]
            known(random.choice(KEYS)),  # type: ignore[arg-type]
            known(min(100, max(0, int(random.gauss(60, 20))))),  # type: ignore[arg-type]
        )
        for _ in range(n)
    ]


def total(playlist: Sequence[Features], order: Sequence[int]) -> int:
    return sum(roughness(playlist[one], playlist[other]) for one, other in pairwise(order))


@given(st.lists(FEATURES, max_size=30))
def test_every_song_stands_once_and_the_first_stays(playlist: list[Features]) -> None:
    order = smooth_order(playlist)
    assert sorted(order) == list(range(len(playlist)))
    assert order[:1] == [0][: len(playlist)]
    assert order == smooth_order(playlist)


def test_it_is_near_the_best_of_all_orders() -> None:
    best = found = 0
    for seed in range(12):
        playlist = songs(Random(seed), 7)
        best += min(total(playlist, (0, *rest)) for rest in permutations(range(1, 7)))
        found += total(playlist, smooth_order(playlist))
    assert best <= found <= best * 1.03


@pytest.mark.parametrize(("n", "part"), [(30, 0.75), (100, 0.6), (1_000, 0.45)])
def test_it_is_much_smoother_than_chance(n: int, part: float) -> None:
    playlist = songs(Random(n), n)
    assert total(playlist, smooth_order(playlist)) < part * total(playlist, range(n))


def test_mending_only_ever_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(20):
        playlist = songs(Random(seed), 60)
        mended = total(playlist, smooth_order(playlist))
        with monkeypatch.context() as patch:
            patch.setattr(module, "MEND_PAIRS_MAX", 0)
            assert mended <= total(playlist, smooth_order(playlist))


def test_the_path_knows_what_it_costs() -> None:
    for seed in range(20):
        playlist = songs(Random(seed), 25)
        spots = [module.spot_of(song) for song in playlist]
        path = module._Path(spots, list(range(25)))
        for attempts in range(1, 40):
            path.mend(attempts)
            costs = [roughness(playlist[one], playlist[other]) for one, other in pairwise(path.order)]
            assert path._costs == costs


def test_a_long_list_is_walked_through_a_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WALK_PAIRS_MAX", 20_000)
    monkeypatch.setattr(module, "MEND_PAIRS_MAX", 20_000)
    playlist = songs(Random(1), 600)
    order = smooth_order(playlist)
    assert sorted(order) == list(range(600))
    assert total(playlist, order) < 0.5 * total(playlist, range(600))


def test_songs_of_which_nothing_is_known_stay_as_they_are() -> None:
    assert smooth_order([Features()] * 2_000) == list(range(2_000))
    assert smooth_order([]) == []


def test_songs_already_in_a_smooth_order_stay() -> None:
    playlist = [Features(12_000 + 10 * n, "8A", 50 + n) for n in range(40)]
    assert smooth_order(playlist) == list(range(40))
