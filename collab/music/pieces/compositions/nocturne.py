"""A nocturne: a piano in a large room, slow, the left hand in waves."""

from collab.music.pieces.dice import Dice
from collab.music.pieces.harmony import Chord, Key, above, chords, progression
from collab.music.pieces.score import EIGHTH, TICKS, Line, Score, Space, slowing
from collab.music.pieces.tune import Singer, ornamented, tune

_BAR = 4 * TICKS
_KEY = Key("Eb", "major")
_INTRO = chords("Eb Abmaj7")
_A = chords("Eb Cm7 Abmaj7 Bb7")
_B = chords("Gm7 Cm7 Fm7 Bb7")
_A_AGAIN = chords("Eb Cm7 Abm6 Bb7")
_CODA = chords("Eb Abm6 Eb")
_MOTIFS = {
    "a": "x--- --x- x--- o-x-",
    "b": "x--- ---- x-x- x---",
    "c": "x--- x--- x-x- o-x-",
    "e": "x--- ---- ---- ....",
}


def compose() -> Score:
    dice = Dice(1847)
    left, right = Line("piano", -3, room=38, loose=9), Line("piano", 0, room=38, loose=9)
    bars = (*_INTRO, *_A, *_B, *_A_AGAIN, *_CODA)
    _waves(left, bars[:-1])
    singer = Singer(_KEY.scale, 67, 86)
    first = tune(dice, singer, _A, _MOTIFS, "abae")
    second = tune(dice, singer, _B, _MOTIFS, "ccbe")
    again = tune(Dice(1847), singer, _A_AGAIN, _MOTIFS, "abae")
    right.lay(first, 2 * _BAR)
    right.lay(second, 6 * _BAR)
    right.lay(ornamented(dice, singer, again, 60), 10 * _BAR)
    right.lay(tune(dice, singer, _CODA[:2], _MOTIFS, "ae"), 14 * _BAR, softer=14)
    # A third below the long notes, where the tune comes again.
    inner = Line("piano", -5, room=38, loose=9)
    for number, voicing in enumerate(progression(_A_AGAIN, 55, 79)):
        inner.chord((10 + number) * _BAR + 2 * TICKS, 2 * TICKS, voicing[1:3], 52)
    last = 16 * _BAR
    right.chord(last, _BAR, (51, 58, 63, 67, 75), 54, spread=70)
    left.add(last, _BAR, 39, 66)
    return Score(
        name="slow-lantern",
        title="Slow Lantern",
        artist="Maren Oduya-Holt",
        genre="Nocturne",
        key=_KEY,
        tempo=6_300,
        seed=1,
        space=Space(room_ms=2_600, high_hz=9_000),
        parts=(left.played(dice), right.played(dice), inner.played(dice)),
        slows=slowing(14 * _BAR, last, 6_300, 4_400),
    )


def _waves(left: Line, bars: tuple[Chord, ...]) -> None:
    """Up from the root to the tenth and back, in eighths."""
    for number, chord in enumerate(bars):
        root = above(chord.root, 38)
        third, fifth = above(chord.tones[1], root + 12), above(chord.tones[2], root)
        seventh = above(chord.tones[-1], root + 7)
        for place, pitch in enumerate((root, fifth, root + 12, third, seventh + 12, third, root + 12, fifth)):
            velocity = 72 if place == 0 else 54
            left.add(number * _BAR + place * EIGHTH, (8 - place) * EIGHTH, pitch, velocity)
