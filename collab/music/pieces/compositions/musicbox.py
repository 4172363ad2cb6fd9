"""A music box that was wound up twice, and runs down at the end."""

from collab.music.pieces.dice import Dice
from collab.music.pieces.harmony import Key, above, chords
from collab.music.pieces.score import EIGHTH, TICKS, Line, Score, Space, slowing
from collab.music.pieces.tune import Singer, ornamented, tune

_BAR = 4 * TICKS
_KEY = Key("G", "major")
_A = chords("G Em C D7 G Bm Am G")
_B = chords("Em Bm C G Am Em D D7")
_INTRO = chords("G D7")
_MOTIFS = {
    "a": "x-x- x-x- x--- o-o-",
    "b": "x--- x-x- x-x- x---",
    "c": "x-o- x--- x-o- x---",
    "e": "x--- x--- x--- ----",
}


def compose() -> Score:
    dice = Dice(96)
    comb = Line("music_box", 0, room=22, loose=2)
    low = Line("music_box", -6, room=22, loose=2)
    bars = (*_INTRO, *_A, *_B, *_A)
    for number, chord in enumerate(bars):
        root = above(chord.root, 60)
        figure = (
            root,
            above(chord.tones[2], root),
            above(chord.tones[1], root + 5),
            above(chord.tones[2], root),
        )
        for place in range(8):
            low.add(number * _BAR + place * EIGHTH, EIGHTH, figure[place % 4], 84 if place % 4 == 0 else 60)
    singer = Singer(_KEY.scale, 79, 100)
    first = tune(dice, singer, _A, _MOTIFS, "abacabae"[:8])
    # The comb has each tongue twice, so a tune may come in thirds.
    thirds = Singer(_KEY.scale, 76, 97)
    comb.lay(tune(Dice(7), singer, _INTRO, _MOTIFS, "ae"), 0)
    comb.lay(first, 2 * _BAR)
    comb.lay(tune(dice, singer, _B, _MOTIFS, "cbcecbae"), 10 * _BAR)
    comb.lay(ornamented(dice, singer, first, 50), 18 * _BAR)
    comb.lay(tune(Dice(96), thirds, _A, _MOTIFS, "abacabae"), 18 * _BAR, softer=34)
    end = len(bars) * _BAR
    comb.chord(end, TICKS, (79, 83, 86, 91), 80, spread=150)
    low.add(end, TICKS, 67, 80)
    return Score(
        name="wound-up-twice",
        title="Wound Up Twice",
        artist="The Tin Meridian",
        genre="Music box",
        key=_KEY,
        tempo=9_600,
        seed=3,
        space=Space(room_ms=1_200, low_hz=160),
        parts=(comb.played(dice), low.played(dice)),
        slows=slowing(end - 3 * _BAR, end, 9_600, 4_200),
    )
