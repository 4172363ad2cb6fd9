"""The twelve as they sound: their beginnings, rendered once and listened to by numbers.

`make pieces` does the same with all of each.
"""

from itertools import combinations

import numpy as np
import pytest

from collab.music.pieces.compositions import COMPOSITIONS
from collab.music.pieces.mix import mixed_down
from collab.music.pieces.score import Score
from tests.collab.music.pieces.judging import DIFFERENCE_MIN, difference, faults_of
from tests.collab.music.pieces.listening import RATE, Sound, first_impression

SLICE_S = 24.0
SCORES = {compose().name: compose() for compose in COMPOSITIONS}


@pytest.fixture(scope="module")
def sounds() -> dict[str, Sound]:
    return {name: mixed_down(score, SLICE_S) for name, score in SCORES.items()}


@pytest.mark.parametrize("score", SCORES.values(), ids=SCORES.keys())
def test_a_piece_has_the_tempo_and_the_key_of_its_tags_and_no_fault(
    score: Score, sounds: dict[str, Sound]
) -> None:
    assert faults_of(score, sounds[score.name]) == []


def test_one_knows_which_it_is_after_two_seconds(sounds: dict[str, Sound]) -> None:
    heard = {name: first_impression(sound[: 2 * RATE]) for name, sound in sounds.items()}
    for one, other in combinations(heard, 2):
        assert difference(heard[one], heard[other]) > DIFFERENCE_MIN, (one, other)


def test_the_same_score_gives_the_same_samples(sounds: dict[str, Sound]) -> None:
    name = "press-any-button"
    again = mixed_down(SCORES[name], SLICE_S)
    assert np.array_equal(again, sounds[name])
