"""Synthwave: arpeggios, a large snare, strings that need a plug."""

from collab.music.pieces.dice import Dice
from collab.music.pieces.harmony import Key, above, chords, progression
from collab.music.pieces.rhythm import beat
from collab.music.pieces.score import EIGHTH, SIXTEENTH, TICKS, Line, Score, Space
from collab.music.pieces.tune import Singer, ornamented, tune

_BAR = 4 * TICKS
_KEY = Key("C#", "minor")
_A = chords("C#m A E B")
_B = chords("F#m C#m A B")
_FORM = (*_A, *_A, *_A, *_B, *_A, *_A, *chords("A B C#m"))
_MOTIFS = {
    "a": "x--- --x- x--- ----",
    "b": "x-x- x--- --x- x---",
    "c": "x--- x--- x-x- x---",
    "e": "x--- ---- ---- ....",
}
_RUN = (0, 1, 2, 1, 3, 2, 1, 2)


def compose() -> Score:
    dice = Dice(104)
    run, bass = (
        Line("arpeggio", -9, room=20, echo=26, ducks=20, loose=0),
        Line("saw_bass", -5, room=2, ducks=45, loose=0),
    )
    wide, lead = Line("strings", -10, room=40, ducks=40, loose=0), Line("lead", -2, room=30, echo=34)
    kick, snare = Line("kick", 1, room=4, loose=0), Line("gated_snare", -5, room=30, loose=0)
    hat, tom = Line("hat", -13, room=6, loose=2), Line("tom", -6, room=30, loose=0)
    last = len(_FORM) - 1
    for number, (chord, voicing) in enumerate(zip(_FORM, progression(_FORM, 57, 81), strict=True)):
        start, root = number * _BAR, above(chord.root, 33)
        wide.chord(start, _BAR, voicing, 84 if number >= 4 else 60)
        if number == last:
            bass.add(start, 2 * TICKS, root, 100)
            kick.add(start, TICKS, 60, 110)
            lead.add(start, 3 * TICKS, 73, 90)
            break
        ladder = (*voicing, voicing[0] + 12)
        for step in range(16):
            velocity = 100 if step % 4 == 0 else 80
            run.add(start + step * SIXTEENTH, SIXTEENTH, ladder[_RUN[step % 8]] + 12, velocity)
        if number < 4:
            bass.add(start, _BAR - 60, root, 84)
            continue
        for step in range(8):
            bass.add(
                start + step * EIGHTH,
                EIGHTH - 50,
                root + (12 if step == 7 else 0),
                100 if step % 2 == 0 else 84,
            )
        beat(kick, "X.......X.x....." if number % 2 else "X.......X.......", start)
        beat(snare, "....X.......X...", start)
        beat(hat, "x.x.x.x.x.x.x.xo", start)
        if number % 8 == 7:
            for step, pitch in enumerate((57, 57, 52, 52, 47, 47)):
                tom.add(start + (10 + step) * SIXTEENTH, SIXTEENTH, pitch, 100)
    singer = Singer(_KEY.scale, 66, 85)
    theme = tune(dice, singer, (*_A, *_A), _MOTIFS, "abaeacbe")
    lead.lay(theme, 4 * _BAR)
    lead.lay(tune(dice, singer, _B, _MOTIFS, "ccbe"), 12 * _BAR)
    lead.lay(ornamented(dice, singer, theme, 40), 16 * _BAR)
    return Score(
        name="ferry-of-neon",
        title="Ferry of Neon",
        artist="Vela Cassette",
        genre="Synthwave",
        key=_KEY,
        tempo=10_400,
        seed=12,
        space=Space(room_ms=1_800, echo_ticks=3 * TICKS // 4, echo_again=42, drive=10),
        parts=tuple(line.played(dice) for line in (run, bass, wide, lead, kick, snare, hat, tom)),
    )
