"""Dub: a deep bass, an organ that answers, and echoes of everything."""

from collab.music.pieces.dice import Dice
from collab.music.pieces.harmony import Key, above, chords, progression
from collab.music.pieces.rhythm import beat, hits
from collab.music.pieces.score import TICKS, Line, Score, Space
from collab.music.pieces.tune import Singer, tune

_BAR = 4 * TICKS
_KEY = Key("E", "minor")
_A = chords("Em Em Am Em")
_B = chords("Am Em Bm Em")
_FORM = (*_A[:2], *_A, *_B, *_A, *_A[:2], *chords("Bm Em"))
_MOTIFS = {"a": "x--- x-x- ---- ....", "b": ".... x--- x-x- ----", "e": "x--- ---- ---- ...."}
# Bars where nearly all is silent but what still echoes.
_HOLES = (9, 13)
_RIFF = "X--- ..x- x-.. x-o-"


def compose() -> Score:
    dice = Dice(72)
    bass, skank = Line("sub", -3, room=2), Line("organ", -5, room=16, echo=16)
    kick, rim = Line("soft_kick", 3, room=8), Line("rim", -7, room=30, echo=22)
    hat, reed = Line("hat", -12, room=8), Line("melodica", -7, room=24, echo=46)
    splash = Line("snare", -9, room=50, echo=90)
    last = len(_FORM) - 1
    for number, (chord, voicing) in enumerate(zip(_FORM, progression(_FORM, 55, 79), strict=True)):
        start, root = number * _BAR, above(chord.root, 28)
        if number == last:
            bass.add(start, 2 * TICKS, root, 100)
            skank.chord(start + TICKS // 2, TICKS // 4, voicing, 96)
            splash.add(start, TICKS, 60, 90)
            break
        figure = (root, above(chord.tones[2], root), root + 12, above(chord.tones[1], root), root)
        for hit, pitch in zip(hits(_RIFF, start), figure, strict=True):
            bass.add(hit.at, hit.length - 30, pitch, hit.velocity)
        if number in _HOLES:
            skank.chord(start + TICKS // 2, TICKS // 4, voicing, 110)
            splash.add(start + 3 * TICKS, TICKS, 60, 96)
            continue
        for hit in hits("..x-..x-..x-..xo", start):
            skank.chord(hit.at, TICKS // 4, voicing, hit.velocity)
        # One drop: the bass drum is on the third beat, and nothing on the first.
        beat(kick, "........X.......", start)
        beat(rim, "........x..o...." if number % 2 else "........x.......", start)
        beat(hat, "x.xox.xox.xox.xo", start, softer=8)
    singer = Singer(_KEY.scale, 64, 81)
    theme = tune(dice, singer, _A, _MOTIFS, "abae")
    reed.lay(theme, 2 * _BAR)
    reed.lay(tune(dice, singer, _B, _MOTIFS, "bbae"), 6 * _BAR)
    reed.lay(theme, 10 * _BAR)
    return Score(
        name="low-tide-telephone",
        title="Low Tide Telephone",
        artist="Harbour Department",
        genre="Dub",
        key=_KEY,
        tempo=7_200,
        seed=11,
        space=Space(room_ms=1_500, echo_ticks=3 * TICKS // 4, echo_again=58, high_hz=9_000, drive=20),
        parts=tuple(line.played(dice) for line in (bass, skank, kick, rim, hat, reed, splash)),
    )
