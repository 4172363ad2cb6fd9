"""Techno: a drum machine, an acid bass, and chords in a tunnel."""

from collab.music.pieces.dice import Dice
from collab.music.pieces.harmony import Key, chords, progression
from collab.music.pieces.rhythm import beat, hits
from collab.music.pieces.score import SIXTEENTH, TICKS, Line, Score, Space

_BAR = 4 * TICKS
_KEY = Key("C", "minor")
_CHORDS = chords("Cm7 Cm7 Abmaj7 Fm9")
_BARS = 32
# Which of the instruments play, by four bars.
_INTRO, _A, _BREAK, _A_AGAIN, _OUT = range(4), range(4, 14), range(14, 18), range(18, 28), range(28, 32)


def compose() -> Score:
    dice = Dice(126)
    kick, clap = Line("kick", 1, room=2, loose=0), Line("clap", -8, room=24, loose=0)
    hat, open_hat = Line("hat", -10, room=6, loose=2), Line("open_hat", -11, room=10, loose=2)
    acid = Line("acid", -4, room=8, echo=10, ducks=45, loose=0)
    stab = Line("stab", -2, room=26, echo=55, ducks=30, loose=2)
    pad = Line("pad", -10, room=50, ducks=70, loose=0)
    figure = _figure(dice)
    voicings = progression(_CHORDS, 55, 79)
    for number in range(_BARS):
        start, voicing = number * _BAR, voicings[number % 4]
        is_break = number in _BREAK
        if not is_break:
            beat(kick, "X...X...X...X.o." if number % 8 == 7 else "X...X...X...X...", start)
            beat(hat, "..x.o.x...x.o.xo", start)
        if number in _A or number in _A_AGAIN:
            beat(clap, "....x.......x...", start)
            beat(open_hat, "..x...x...x...x.", start)
        if number not in _OUT or number < 30:
            softer = 46 if number in _INTRO else 0
            for place, (pitch, velocity) in enumerate(figure):
                if velocity:
                    acid.add(start + place * SIXTEENTH, SIXTEENTH - 20, pitch, max(30, velocity - softer))
        if number >= 2 and not is_break:
            for hit in hits("...x......x....." if number % 2 else "...x..........x.", start):
                stab.chord(hit.at, SIXTEENTH, voicing, hit.velocity)
        if is_break or number in _A_AGAIN:
            pad.chord(start, _BAR, voicing, 84 if is_break else 66)
        if number == _BREAK[-1]:
            beat(clap, "..o.o.o.ooxxxxXX", start, softer=10)
    kick.add(_BARS * _BAR, TICKS, 60, 112)
    acid.add(_BARS * _BAR, TICKS, 36, 84)
    stab.chord(_BARS * _BAR, SIXTEENTH, voicings[0], 100)
    return Score(
        name="inbound-platform-nine",
        title="Inbound, Platform Nine",
        artist="Kessel & Rind",
        genre="Techno",
        key=_KEY,
        tempo=12_600,
        seed=5,
        space=Space(room_ms=1_600, echo_ticks=3 * TICKS // 4, echo_again=48, drive=16),
        parts=tuple(line.played(dice) for line in (kick, clap, hat, open_hat, acid, stab, pad)),
    )


def _figure(dice: Dice) -> list[tuple[int, int]]:
    """A bar of sixteenths around one note: which ones, and which are accents, falls by chance."""
    pitches = (36, 36, 36, 48, 39, 43, 46, 36)
    return [
        (dice.choice(pitches), dice.choice((118, 84, 84, 70)) if place % 4 == 2 or dice.chance(62) else 0)
        for place in range(16)
    ]
