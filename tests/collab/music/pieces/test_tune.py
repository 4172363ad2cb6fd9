from itertools import pairwise

from collab.music.pieces.dice import Dice
from collab.music.pieces.harmony import Key, chords
from collab.music.pieces.rhythm import Hit, hits
from collab.music.pieces.score import SIXTEENTH, TICKS
from collab.music.pieces.tune import Singer, ornamented, tune

BAR = 4 * TICKS
MOTIFS = {"a": "x--- x-x- x--- x-x-", "b": "x--- x--- x--- ----"}
SINGER = Singer(Key("C", "major").scale, 60, 79)


def test_a_pattern_is_written_in_sixteenths() -> None:
    assert list(hits("X--. ..o.")) == [Hit(0, 3 * SIXTEENTH, 112), Hit(6 * SIXTEENTH, SIXTEENTH, 56)]


def test_swing_delays_every_second_sixteenth() -> None:
    assert [hit.at for hit in hits("xxxx", start=BAR, swing=50)] == [
        BAR,
        BAR + SIXTEENTH * 3 // 2,
        BAR + 2 * SIXTEENTH,
        BAR + SIXTEENTH * 7 // 2,
    ]


def test_a_motif_that_comes_again_has_the_same_rhythm() -> None:
    notes = tune(Dice(5), SINGER, chords("C Am F G"), MOTIFS, "abab")
    bars = [[note.start - bar * BAR for note in notes if note.start // BAR == bar] for bar in range(4)]
    assert bars[0] == bars[2]
    assert bars[1] == bars[3]


def test_tunes_are_sung_in_their_range_and_scale_and_rest_on_the_chord() -> None:
    bars = chords("C Am F G C Am Dm G")
    for seed in range(40):
        notes = tune(Dice(seed), SINGER, bars, MOTIFS, "aabbabab")
        for note in notes:
            assert SINGER.low <= note.pitch <= SINGER.high
            assert note.pitch % 12 in SINGER.scale
            if note.start % TICKS == 0:
                assert note.pitch % 12 in bars[note.start // BAR].tones
        # A third is the widest step, and the chord's next tone is as far again at most.
        assert all(abs(b.pitch - a.pitch) <= 9 for a, b in pairwise(notes))


def test_ornaments_take_no_time() -> None:
    notes = tune(Dice(5), SINGER, chords("C Am F G"), MOTIFS, "abab")
    richer = ornamented(Dice(1), SINGER, notes, 100)
    assert len(richer) > len(notes)
    assert sum(note.length for note in richer) == sum(note.length for note in notes)
