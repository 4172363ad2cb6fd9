"""A drone: a tone that hardly moves, and bells far away."""

from collab.music.pieces.dice import Dice
from collab.music.pieces.harmony import Key, chords
from collab.music.pieces.score import TICKS, Line, Score, Space

_BAR = 4 * TICKS
_KEY = Key("A", "minor")
_CHORDS = chords("A5 A5 F A5 Dm Am Em A5 Am F Dm A5")
_BARS = len(_CHORDS)
# The bells' own scale has no semitones, so that those that still ring fit those that come.
_BELLS = (57, 60, 62, 64, 67, 69, 72, 76)


def compose() -> Score:
    dice = Dice(52)
    ground, air = Line("drone", -4, room=50, loose=0), Line("drone", -9, room=70, loose=0)
    bells, glints = (
        Line("bell", 1, room=45, echo=30, loose=3),
        Line("glockenspiel", -17, room=80, echo=60, loose=3),
    )
    end = _BARS * _BAR
    for start in range(0, end, 4 * _BAR):
        ground.chord(start, 4 * _BAR, (33, 45, 52), 84)
    for number, chord in enumerate(_CHORDS):
        for tone in chord.tones[:3]:
            air.add(number * _BAR, _BAR, 57 + (tone - 57) % 12, 70)
    place = 5
    for number in range(_BARS):
        # One to begin each bar, and others on some of the beats.
        for quarter in range(4):
            if quarter and not dice.chance(34 if number < 3 else 62):
                continue
            place = min(len(_BELLS) - 1, max(0, place + dice.choice((-2, -1, -1, 1, 1, 2, 3, -3))))
            pitch = (69, 57, 64, 57)[number % 4] if quarter == 0 else _BELLS[place]
            bells.add(number * _BAR + quarter * TICKS, TICKS, pitch, 104 if quarter == 0 else 74)
        if number % 2 and 3 <= number < _BARS - 1:
            for step in range(4):
                glints.add(
                    number * _BAR + (2 * TICKS) + step * TICKS // 2, TICKS // 2, 81 + (0, 3, 7, 10)[step], 70
                )
    bells.add(end, 2 * TICKS, 57, 90)
    return Score(
        name="salt-flats-before-light",
        title="Salt Flats, Before Light",
        artist="Quiet Bureau",
        genre="Ambient",
        key=_KEY,
        tempo=5_200,
        seed=6,
        space=Space(room_ms=4_200, echo_ticks=3 * TICKS // 2, echo_again=40, high_hz=8_000),
        parts=tuple(line.played(dice) for line in (ground, air, bells, glints)),
    )
