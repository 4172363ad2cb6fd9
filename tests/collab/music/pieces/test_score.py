from dataclasses import replace

import pytest

from collab.music.pieces.compositions.nocturne import compose
from collab.music.pieces.dice import Dice
from collab.music.pieces.score import EIGHTH, TICKS, Line, slowing


def test_ticks_take_as_long_as_the_tempo_says() -> None:
    score = replace(compose(), tempo=12_000, slows=())
    assert score.seconds(0) == 0
    assert score.seconds(TICKS) == 0.5


def test_the_tempo_may_fall() -> None:
    score = replace(compose(), tempo=12_000, slows=((TICKS, 6_000), (2 * TICKS, 3_000)))
    assert [score.seconds(beat * TICKS) for beat in range(4)] == pytest.approx([0, 0.5, 1.5, 3.5])


def test_slowing_goes_down_evenly_to_the_end() -> None:
    assert slowing(0, 4 * EIGHTH, 10_000, 6_000) == (
        (0, 9_000),
        (EIGHTH, 8_000),
        (2 * EIGHTH, 7_000),
        (3 * EIGHTH, 6_000),
    )


def test_a_player_is_human_within_bounds() -> None:
    line = Line("piano", 0, loose=9)
    for beat in range(100):
        line.add(beat * TICKS, TICKS, 60, 125)
    notes = line.played(Dice(3)).notes
    late = [note.start - beat * TICKS for beat, note in enumerate(notes)]
    assert min(late) >= -9
    assert max(late) <= 9
    assert len(set(late)) > 10
    assert all(1 <= note.velocity <= 127 for note in notes)


def test_a_digest_changes_with_any_note() -> None:
    score = compose()
    first, *others = score.parts
    moved = replace(first, notes=(first.notes[0]._replace(velocity=1), *first.notes[1:]))
    assert score.digest() == compose().digest()
    assert score.digest() != replace(score, parts=(moved, *others)).digest()
    assert score.digest() != replace(score, title="Another").digest()
