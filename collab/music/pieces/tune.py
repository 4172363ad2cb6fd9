"""Melodies, by rule.

A tune has motifs: a letter stands for one bar's rhythm and contour, and wherever the letter comes again both
come again, over whatever chord is there. Notes on a beat belong to the chord, the others go by steps, a leap
is followed by a step back, and a phrase ends on a calm tone. So it is remembered after one hearing. Knows
pitches and times. Does not know instruments.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from collab.music.pieces.dice import Dice
from collab.music.pieces.harmony import Chord, stepped
from collab.music.pieces.rhythm import Hit, hits
from collab.music.pieces.score import TICKS, Note

# In steps of the scale: mostly to the next note, sometimes the same again, seldom a leap.
_STEPS: Final = (-1, -1, -1, 1, 1, 1, 1, -2, 2, 2, 0, -3, 3)


@dataclass(frozen=True, slots=True)
class Singer:
    """`scale` are pitch classes; what is sung stays within [low, high]."""

    scale: tuple[int, ...]
    low: int
    high: int

    def going(self, pitch: int, steps: int) -> int:
        """Where so many steps lead to; back from the end of the range."""
        there = stepped(self.scale, pitch, steps)
        return there if self.low <= there <= self.high else stepped(self.scale, pitch, -steps)

    def nearest(self, tones: tuple[int, ...], pitch: int) -> int:
        """Of the pitches in the range that are one of `tones`; the lower of two."""
        return min(
            (each for each in range(self.low, self.high + 1) if each % 12 in tones),
            key=lambda each: (abs(each - pitch), each),
        )


def tune(
    dice: Dice,
    singer: Singer,
    bars: Sequence[Chord],
    motifs: Mapping[str, str],
    form: str,
    bar: int = 4 * TICKS,
) -> list[Note]:
    """A tune over one chord for each bar, from tick 0 on. `motifs` are the rhythms by letter (as in
    `rhythm`), `form` the letters of the bars; the last bar of every four is where a phrase ends."""
    contours: dict[str, list[int]] = {}
    pitch = (singer.low + singer.high) // 2
    notes: list[Note] = []
    for number, (letter, chord) in enumerate(zip(form, bars, strict=True)):
        sung = list(hits(motifs[letter], number * bar))
        contour = contours.setdefault(letter, _contour(dice, len(sung)))
        is_end = number % 4 == 3
        for place, (hit, step) in enumerate(zip(sung, contour, strict=True)):
            pitch = _next(singer, chord, pitch, step, hit, is_last=is_end and place == len(sung) - 1)
            notes.append(Note(hit.at, hit.length, pitch, hit.velocity))
    return notes


def ornamented(dice: Dice, singer: Singer, notes: Sequence[Note], percent: int) -> list[Note]:
    """The same tune when it comes again: some long notes are reached by way of a neighbour."""
    richer: list[Note] = []
    for note in notes:
        if note.length >= TICKS and dice.chance(percent):
            grace = TICKS // 4
            neighbour = stepped(singer.scale, note.pitch, dice.choice((1, -1)))
            richer.append(Note(note.start, grace, neighbour, note.velocity - 10))
            richer.append(Note(note.start + grace, note.length - grace, note.pitch, note.velocity))
        else:
            richer.append(note)
    return richer


def _contour(dice: Dice, length: int) -> list[int]:
    steps: list[int] = []
    for _ in range(length):
        step = dice.choice(_STEPS)
        if steps and abs(steps[-1]) >= 2:
            step = -1 if steps[-1] > 0 else 1
        steps.append(step)
    return steps


def _next(singer: Singer, chord: Chord, pitch: int, step: int, hit: Hit, *, is_last: bool) -> int:
    wanted = singer.going(pitch, step)
    if is_last:
        return singer.nearest(chord.tones[:3], wanted)
    if hit.at % TICKS == 0 or hit.length >= TICKS:
        return singer.nearest(chord.tones, wanted)
    return singer.nearest(singer.scale, wanted)
