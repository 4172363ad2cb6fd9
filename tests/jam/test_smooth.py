"""How smoothly one song follows another: the tables, and the choice among equals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jam.smooth import (
    ENERGY_MAX,
    KEYS,
    ROUGHNESS_MAX,
    TEMPO_MAX,
    TEMPO_MIN,
    Features,
    features_of,
    roughness,
    smoothest,
)

FEATURES = st.builds(
    Features,
    st.none() | st.integers(TEMPO_MIN, TEMPO_MAX),
    st.none() | st.sampled_from(KEYS),
    st.none() | st.integers(0, ENERGY_MAX),
)
# What a pair of tempos, keys or energies costs when the other two are not known.
UNKNOWN_KEY_AND_ENERGY = 300
UNKNOWN_TEMPO_AND_ENERGY = 300
UNKNOWN_TEMPO_AND_KEY = 400


def tempos(one: int, other: int) -> int:
    return roughness(Features(tempo=one), Features(tempo=other)) - UNKNOWN_KEY_AND_ENERGY


def keys(one: str, other: str) -> int:
    return roughness(Features(key=one), Features(key=other)) - UNKNOWN_TEMPO_AND_ENERGY


def energies(one: int, other: int) -> int:
    return roughness(Features(energy=one), Features(energy=other)) - UNKNOWN_TEMPO_AND_KEY


def test_a_tempo_fits_within_six_percent_counted_once_half_or_double() -> None:
    assert tempos(12_000, 12_000) == tempos(12_000, 6_000) == tempos(8_750, 17_500) == 0
    for near in (12_719, 11_330, 6_350, 5_670, 25_300):
        assert 0 < tempos(12_000, near) <= 120, near
    for off in (12_760, 11_290, 6_400, 5_600, 18_000, 4_000, 3_000, 48_000):
        assert tempos(12_000, off) >= 240, off
    assert tempos(12_000, 12_100) < tempos(12_000, 12_400) < tempos(12_000, 12_700)
    assert tempos(12_000, 17_000) == tempos(TEMPO_MIN, TEMPO_MAX) == 400


def test_keys_on_the_wheel() -> None:
    assert keys("8A", "8A") == 0
    smooth = {keys("8A", key) for key in ("7A", "9A", "8B")}
    assert smooth == {40} == {keys("1A", "12A"), keys("12B", "1B"), keys("12B", "12A")}
    audible = [keys("8A", key) for key in ("9B", "7B", "10A", "6A")]
    assert all(100 < cost < 200 for cost in audible)
    assert all(keys("8A", key) >= 260 for key in KEYS if key[:-1] not in ("6", "7", "8", "9", "10"))
    assert keys("8A", "2A") == keys("8A", "2B") == 400


def test_the_keys_are_a_smooth_walk_around_the_wheel() -> None:
    assert len(set(KEYS)) == 24
    assert {keys(one, other) for one, other in zip(KEYS, KEYS[1:] + KEYS[:1], strict=True)} == {40}


def test_energies() -> None:
    assert [energies(50, other) for other in (50, 51, 40, 90, 100, 0)] == [0, 4, 40, 160, 200, 200]


def test_what_is_not_known_lies_between_what_fits_and_what_does_not() -> None:
    playing = Features(12_000, "8A", 50)
    assert roughness(playing, Features()) == roughness(Features(), Features()) == ROUGHNESS_MAX // 2
    for fits, clashes in (
        (Features(tempo=12_300), Features(tempo=15_000)),
        (Features(key="9A"), Features(key="3A")),
        (Features(energy=60), Features(energy=100)),
    ):
        assert roughness(playing, fits) < roughness(playing, Features()) < roughness(playing, clashes)


@given(FEATURES, FEATURES)
def test_it_is_the_same_in_both_directions_and_bounded(one: Features, other: Features) -> None:
    assert 0 <= roughness(one, other) == roughness(other, one) <= ROUGHNESS_MAX


@given(FEATURES.filter(lambda song: None not in (song.tempo, song.key, song.energy)))
def test_nothing_follows_a_song_more_smoothly_than_itself(song: Features) -> None:
    assert roughness(song, song) == 0


def test_the_smoothest_of_equals_is_the_first() -> None:
    playing = Features(12_000, "8A", 50)
    rough, unknown, smooth = Features(9_000, "3B", 0), Features(), Features(12_100, "9A", 55)
    assert smoothest(playing, [rough, unknown, smooth, smooth]) == 2
    assert smoothest(playing, [rough, unknown]) == 1
    assert smoothest(Features(), [rough, smooth, unknown]) == 0
    with pytest.raises(ValueError, match="empty"):
        smoothest(playing, [])


@pytest.mark.parametrize(
    "song",
    [Features(tempo=TEMPO_MIN - 1), Features(tempo=TEMPO_MAX + 1), Features(key="13A"), Features(energy=101)],
)
def test_features_that_cannot_be(song: Features) -> None:
    with pytest.raises(ValueError, match="is no tempo"):
        roughness(Features(), song)


def test_features_of_an_entry() -> None:
    entry = {"uid": "a.1", "track": "demo:1", "tempo": 12_345, "key": "8A", "energy": 0}
    assert features_of(entry) == Features(12_345, "8A", 0)
    assert features_of({"track": "demo:1"}) == Features()
    for bad in ({"tempo": True}, {"tempo": 120}, {"tempo": "120"}, {"key": "8a"}, {"key": 8}, {"key": "C"}):
        assert features_of(bad) == Features()
    for bad in ({"energy": -1}, {"energy": 101}, {"energy": False}, {"energy": None}, {"energy": [1]}):
        assert features_of(bad) == Features()
