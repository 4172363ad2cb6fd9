"""A bossa nova: a guitar, a double bass, a shaker, and a flute in the afternoon."""

from collab.music.pieces.dice import Dice
from collab.music.pieces.harmony import Key, above, chords, progression
from collab.music.pieces.rhythm import beat, hits
from collab.music.pieces.score import TICKS, Line, Score, Space
from collab.music.pieces.tune import Singer, ornamented, tune

_BAR = 4 * TICKS
_KEY = Key("F", "major")
_INTRO = chords("Fmaj7 Gm7 Fmaj7 C9")
_A = chords("Fmaj7 Fmaj7 Gm7 C9 Am7 Dm7 Gm7 C9")
_B = chords("Bbmaj7 Bbmaj7 Am7 Dm7 Gm7 C9 Fmaj7 C9")
_END = chords("Gm7 C9 Fmaj7")
_FORM = (*_INTRO, *_A, *_B, *_A, *_END)
_MOTIFS = {
    "a": "x--- --x- --x- --o-",
    "b": "--x- --x- x--- ----",
    "c": "x-x- --x- --x- x---",
    "e": "x--- ---- ---- ....",
}


def compose() -> Score:
    dice = Dice(134)
    guitar, bass = Line("guitar", -2, room=16, loose=8), Line("double_bass", -1, room=8)
    flute, shaker, rim = Line("flute", -7, room=30), Line("shaker", -12, room=12), Line("rim", -13, room=20)
    last = len(_FORM) - 1
    for number, (chord, voicing) in enumerate(zip(_FORM, progression(_FORM, 50, 75), strict=True)):
        start, root = number * _BAR, above(chord.root, 33)
        if number == last:
            guitar.chord(start, _BAR, (*voicing, voicing[-1] + 7), 84, spread=60)
            bass.add(start, 3 * TICKS, root, 90)
            break
        for hit in hits("x-..x-..o-x-..x-" if number % 2 else "x-..x-..x-..x-o-", start):
            guitar.chord(hit.at, hit.length + TICKS // 4, voicing, hit.velocity - 6, spread=8)
        fifth = above(chord.tones[2], root)
        for hit, pitch in zip(hits("x-----o-x-----o-", start), (root, fifth, fifth, root), strict=True):
            bass.add(hit.at, hit.length - 60, pitch, hit.velocity + 8)
        beat(shaker, "x.o.x.o.x.o.x.o.", start)
        if number >= 2:
            beat(rim, "x.....x.....x..." if number % 2 == 0 else "....x.....x.....", start)
    singer = Singer(_KEY.scale, 69, 86)
    theme = tune(dice, singer, _A, _MOTIFS, "abaeabce")
    flute.lay(theme, 4 * _BAR)
    flute.lay(tune(dice, singer, _B, _MOTIFS, "cbcecbae"), 12 * _BAR)
    flute.lay(ornamented(dice, singer, theme, 45), 20 * _BAR)
    flute.add(last * _BAR, 3 * TICKS, 81, 70)
    return Score(
        name="umbrella-in-july",
        title="Umbrella in July",
        artist="Trio Salgueira",
        genre="Bossa nova",
        key=_KEY,
        tempo=13_400,
        seed=4,
        space=Space(room_ms=1_100, high_hz=12_000),
        parts=tuple(line.played(dice) for line in (guitar, bass, flute, shaker, rim)),
    )
