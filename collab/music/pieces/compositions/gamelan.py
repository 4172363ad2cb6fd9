"""After a gamelan: bronze in pairs that shimmer, interlocking parts, a great gong where a round ends."""

from collab.music.pieces.dice import Dice
from collab.music.pieces.harmony import Key
from collab.music.pieces.score import EIGHTH, SIXTEENTH, TICKS, Line, Score, Space, slowing

_BAR = 4 * TICKS
_KEY = Key("F#", "minor")
# Five notes with wide and narrow steps, as pelog has them.
_NOTES = (54, 56, 57, 61, 62)
# The skeleton, a number for each half bar: 1 is the deepest. All else is made from it.
_ROUND_A = (1, 4, 3, 4, 2, 3, 4, 1, 1, 4, 5, 4, 3, 2, 3, 1)
_ROUND_B = (4, 3, 4, 5, 4, 3, 2, 3, 4, 5, 4, 3, 2, 3, 2, 1)
_ROUNDS = (_ROUND_A, _ROUND_B, _ROUND_A)


def compose() -> Score:
    dice = Dice(112)
    skeleton = Line("metallophone", -3, room=26, loose=4)
    high, higher = Line("metallophone", -8, room=22, loose=3), Line("metallophone", -9, room=22, loose=3)
    gong, drum = Line("gong", -6, room=40, loose=0), Line("tom", -8, room=16)
    wood = Line("log_drum", -16, room=12)
    gong.add(0, _BAR, 30, 110)
    opening = (5, 4, 3, 2, 1, 2, 3, 4, 5, 4, 3, 2, 3, 2, 1)
    for place, note in enumerate(opening):
        high.add(TICKS // 2 + place * EIGHTH, EIGHTH, _pitch(note, 1), 64 + 2 * place)
    start = 2 * _BAR
    for number, turn in enumerate(_ROUNDS):
        for place, note in enumerate(turn):
            at = start + place * 2 * TICKS
            skeleton.add(at, 2 * TICKS, _pitch(note), 100 if place % 4 == 0 else 84)
            _interlock(
                high, higher, at, note, turn[(place + 1) % len(turn)], with_both=number > 0 or place >= 4
            )
            wood.add(at, EIGHTH, 78, 70)
            wood.add(at + TICKS, EIGHTH, 78, 90)
            if place % 4 == 3:
                gong.add(at + 0, TICKS, 42, 70)
            if number and place % 2:
                for step in range(4):
                    if dice.chance(70):
                        drum.add(
                            at + TICKS + step * SIXTEENTH, SIXTEENTH, 50 if step % 2 else 45, 60 + 8 * step
                        )
        start += len(turn) * 2 * TICKS
        gong.add(start, _BAR, 30, 112)
    skeleton.add(start, _BAR, _pitch(1), 104)
    high.add(start, _BAR, _pitch(1, 1), 80)
    return Score(
        name="bronze-weather",
        title="Bronze Weather",
        artist="Candra Ensemble of Nowhere",
        genre="Gamelan",
        key=_KEY,
        tempo=11_200,
        seed=9,
        space=Space(room_ms=2_000, high_hz=13_000),
        parts=tuple(line.played(dice) for line in (skeleton, high, higher, gong, drum, wood)),
        slows=slowing(start - 2 * _BAR, start, 11_200, 6_400),
    )


def _pitch(note: int, octaves: int = 0) -> int:
    return _NOTES[note - 1] + 12 * octaves


def _interlock(first: Line, second: Line, at: int, note: int, coming: int, *, with_both: bool) -> None:
    """Eight sixteenths around a note, on to the next: one player has those on the beat, another those
    between, and together they are faster than either."""
    beside = note % 5 + 1
    walk = (note, beside, note, beside, coming, coming % 5 + 1, coming, note)
    for step, each in enumerate(walk):
        if step % 2 == 0:
            first.add(at + step * SIXTEENTH, SIXTEENTH, _pitch(each, 1), 84 if step % 4 == 0 else 70)
        elif with_both:
            second.add(at + step * SIXTEENTH, SIXTEENTH, _pitch(each, 2), 72)
