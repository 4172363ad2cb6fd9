"""A chiptune: two square waves, a triangle, and noise."""

from collab.music.pieces.dice import Dice
from collab.music.pieces.harmony import Key, above, chords, progression
from collab.music.pieces.rhythm import beat, hits
from collab.music.pieces.score import SIXTEENTH, TICKS, Line, Score, Space
from collab.music.pieces.tune import Singer, tune

_BAR = 4 * TICKS
_KEY = Key("E", "major")
_INTRO = chords("E E B B")
_A = chords("E B C#m A E B A B")
_B = chords("C#m G#m A E C#m G#m A B")
_END = chords("A B E")
_FORM = (*_INTRO, *_A, *_B, *_A, *_END)
_MOTIFS = {
    "a": "x-x-..x-x-x-..x-",
    "b": "x--- x-x- x--- x-x-",
    "c": "x-xx x-x- x-xx x-x-",
    "e": "x-x- x--- x--- ....",
}


def compose() -> Score:
    dice = Dice(150)
    song, runs = Line("chip_pulse", -2, room=4, echo=22, loose=0), Line("chip_pulse", -9, room=4, loose=0)
    bass, high = Line("chip_triangle", -8, room=0, loose=0), Line("chip_drum", -12, room=0, loose=0)
    low = Line("chip_drum", -7, room=0, loose=0)
    last = len(_FORM) - 1
    for number, (chord, voicing) in enumerate(zip(_FORM, progression(_FORM, 64, 88), strict=True)):
        start, root = number * _BAR, above(chord.root, 40)
        if number == last:
            bass.add(start, 2 * TICKS, root, 100)
            runs.chord(start, SIXTEENTH, voicing, 90)
            for step, pitch in enumerate((76, 80, 83, 88, 92, 95, 100)):
                song.add(start + step * SIXTEENTH, SIXTEENTH if step < 6 else 2 * TICKS, pitch, 90)
            break
        # Three voices on one: a chord as a run.
        for step in range(16):
            runs.add(
                start + step * SIXTEENTH, SIXTEENTH - 12, voicing[step % 3] + (12 if step % 8 > 5 else 0), 84
            )
        for hit in hits("x-x-..x-x-..x-x-" if number >= 4 else "x---x---x---x---", start):
            bass.add(hit.at, hit.length - 30, root + (12 if hit.at % TICKS else 0), 100)
        if number >= 2:
            beat(high, "x.o.x.o.x.o.x.oo", start, pitch=84)
            beat(low, "....X.......X...", start, pitch=52)
    singer = Singer(_KEY.scale, 71, 90)
    theme = tune(dice, singer, _A, _MOTIFS, "abaeabce")
    song.lay(theme, 4 * _BAR)
    song.lay(tune(dice, singer, _B, _MOTIFS, "cbcecbae"), 12 * _BAR)
    song.lay(theme, 20 * _BAR)
    # The second time with a voice a third below.
    runs.lay(tune(Dice(150), Singer(_KEY.scale, 68, 87), _A, _MOTIFS, "abaeabce"), 20 * _BAR)
    song.lay(tune(dice, singer, _END[:2], _MOTIFS, "cc"), 28 * _BAR)
    return Score(
        name="press-any-button",
        title="Press Any Button",
        artist="Lumen 64",
        genre="Chiptune",
        key=_KEY,
        tempo=15_000,
        seed=8,
        space=Space(room_ms=500, echo_ticks=3 * TICKS // 4, echo_again=30),
        parts=tuple(line.played(dice) for line in (song, runs, bass, high, low)),
    )
