"""A waltz: an accordion, and strings that pluck the three."""

from collab.music.pieces.dice import Dice
from collab.music.pieces.harmony import Key, above, chords, progression
from collab.music.pieces.score import TICKS, Line, Score, Space, slowing
from collab.music.pieces.tune import Singer, ornamented, tune

_BAR = 3 * TICKS
_KEY = Key("B", "minor")
_INTRO = chords("Bm F#7 Bm F#7")
_A = chords("Bm Bm Em Bm G Em F#7 F#7 Bm Bm Em A D G F#7 Bm")
_B = chords("D D A A Em G F#7 F#7 G D Em Bm G Em F#7 Bm")
_FORM = (*_INTRO, *_A, *_B, *_A, *chords("Em F#7 Bm"))
_MOTIFS = {
    "a": "x--- x--- x-x-",
    "b": "x--- ---- x---",
    "c": "x-x- x-x- x---",
    "d": "x--- x-x- x-o-",
    "e": "x--- ---- ----",
}


def compose() -> Score:
    dice = Dice(168)
    squeeze, hum = Line("accordion", -3, room=22), Line("accordion", -16, room=22)
    bass, pluck = Line("double_bass", -2, room=12), Line("pizzicato", -4, room=26)
    last = len(_FORM) - 1
    for number, (chord, voicing) in enumerate(zip(_FORM, progression(_FORM, 54, 79), strict=True)):
        start = number * _BAR
        low = above(chord.root if number % 2 == 0 else chord.tones[2], 35)
        bass.add(start, TICKS, low, 100)
        if number == last:
            hum.chord(start, 2 * TICKS, voicing, 90)
            squeeze.add(start, 2 * TICKS, 71, 90)
            break
        for beat in (1, 2):
            pluck.chord(start + beat * TICKS, TICKS // 2, voicing, 78 if beat == 1 else 70)
        hum.chord(start, _BAR - 60, voicing, 60)
    singer = Singer(_KEY.scale, 66, 85)
    theme = tune(dice, singer, _A, _MOTIFS, "abaeabceabaeadde"[:16], _BAR)
    squeeze.lay(tune(Dice(3), singer, _INTRO, _MOTIFS, "adae", _BAR), 0)
    squeeze.lay(theme, 4 * _BAR)
    squeeze.lay(tune(dice, singer, _B, _MOTIFS, "cbcedbcecbcedade", _BAR), 20 * _BAR)
    squeeze.lay(ornamented(dice, singer, theme, 40), 36 * _BAR)
    squeeze.lay(tune(dice, singer, _FORM[-3:-1], _MOTIFS, "db", _BAR), 52 * _BAR)
    return Score(
        name="the-borrowed-coat",
        title="The Borrowed Coat",
        artist="Orchestre Vasarelle",
        genre="Waltz",
        key=_KEY,
        tempo=16_800,
        seed=7,
        space=Space(room_ms=1_300, high_hz=11_000),
        parts=tuple(line.played(dice) for line in (squeeze, hum, bass, pluck)),
        slows=slowing(52 * _BAR, last * _BAR, 16_800, 9_000),
    )
