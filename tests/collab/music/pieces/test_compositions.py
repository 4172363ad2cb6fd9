"""The twelve as they are written: what can be said of a piece without hearing it."""

from itertools import combinations

import pytest

from collab.music.pieces import drums
from collab.music.pieces.compositions import COMPOSITIONS
from collab.music.pieces.cover import cover
from collab.music.pieces.orchestra import INSTRUMENTS
from collab.music.pieces.score import TICKS, Score

SCORES = [compose() for compose in COMPOSITIONS]
# The same on every machine, whatever the versions of Python and numpy. Who changes a piece writes its new
# one down: files of the old edition are replaced at the next start.
DIGESTS = {
    "wound-up-twice": "435459475e4abf92",
    "second-floor-rain": "443f31eca09eadc3",
    "slow-lantern": "46fbef6a62c7bec3",
    "umbrella-in-july": "cc6d1d4d4b7d7b88",
    "inbound-platform-nine": "e110b10eb21d66cd",
    "salt-flats-before-light": "abf6e6a8d1388425",
    "the-borrowed-coat": "869919ee22c3d15d",
    "press-any-button": "80ba3064295abb9d",
    "bronze-weather": "fe6b839db7981771",
    "elevator-to-the-roof": "8339bb2a75de23e9",
    "low-tide-telephone": "2e12328e29c7217f",
    "ferry-of-neon": "58c81818f0e370a4",
}
# Drums, whose pitch says nothing about the key.
UNTUNED = {name for name in INSTRUMENTS if hasattr(drums, name)} | {"log_drum"}
each_score = pytest.mark.parametrize("score", SCORES, ids=lambda score: score.name)


def test_there_are_a_dozen_and_none_is_like_another() -> None:
    assert len(SCORES) == 12
    for what in ("name", "title", "artist", "genre", "tempo", "seed"):
        assert len({getattr(score, what) for score in SCORES}) == 12, what
    assert len({score.key.name for score in SCORES}) == 12
    assert len({frozenset(part.instrument for part in score.parts) for score in SCORES}) == 12


def test_tempos_differ_by_more_than_a_deck_could_hide() -> None:
    for one, other in combinations(sorted(score.tempo for score in SCORES), 2):
        assert other / one > 1.06


@each_score
def test_it_is_what_was_composed(score: Score) -> None:
    assert score.digest() == DIGESTS[score.name]


@each_score
def test_it_can_be_played(score: Score) -> None:
    assert 40 <= score.seconds(score.ticks) <= 90
    assert min(note.start for part in score.parts for note in part.notes) <= TICKS // 32
    for part in score.parts:
        assert part.instrument in INSTRUMENTS
        for note in part.notes:
            assert note.start >= 0
            assert note.length > 0
            assert 24 <= note.pitch <= 112
            assert 1 <= note.velocity <= 127


@each_score
def test_it_begins_and_ends_in_its_key(score: Score) -> None:
    """The lowest of the notes that are struck last is the tonic; those of the first bar are of the scale."""
    tuned = [note for part in score.parts if part.instrument not in UNTUNED for note in part.notes]
    last = max(note.start for note in tuned)
    final = [note.pitch for note in tuned if note.start + note.length >= last]
    assert min(final) % 12 == score.key.root
    first = [note.pitch % 12 for note in tuned if note.start < 480]
    assert set(first) <= set(score.key.scale)


@each_score
def test_most_notes_are_of_the_scale(score: Score) -> None:
    tuned = [note.pitch % 12 for part in score.parts if part.instrument not in UNTUNED for note in part.notes]
    assert sum(pitch in score.key.scale for pitch in tuned) > 0.93 * len(tuned)


def test_covers_are_as_different_and_small() -> None:
    covers = [cover(score.name) for score in SCORES]
    assert len(set(covers)) == 12
    assert all(picture.startswith(b"\x89PNG") and len(picture) <= 100_000 for picture in covers)
    with pytest.raises(KeyError):
        cover("no-such-piece")
