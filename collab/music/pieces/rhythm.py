"""Rhythms, as one writes them down.

A pattern is a bar in sixteenths: `X` loud, `x` usual, `o` soft, `-` holds on what sounds, `.` is silent;
spaces are for the eye. Knows patterns and swing. Does not know pitches.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from collab.music.pieces.score import SIXTEENTH, Line

_VELOCITIES: Final = {"X": 112, "x": 88, "o": 56}


class Hit(NamedTuple):
    """`at` and `length` in ticks."""

    at: int
    length: int
    velocity: int


def hits(pattern: str, start: int = 0, swing: int = 0) -> Iterator[Hit]:
    """The hits of a pattern. `swing` delays every second sixteenth, in percent of one."""
    steps = pattern.replace(" ", "")
    for place, step in enumerate(steps):
        if step in _VELOCITIES:
            held = 1
            while place + held < len(steps) and steps[place + held] == "-":
                held += 1
            late = place % 2 * SIXTEENTH * swing // 100
            yield Hit(start + place * SIXTEENTH + late, held * SIXTEENTH - late, _VELOCITIES[step])


def beat(line: Line, pattern: str, start: int, *, pitch: int = 60, swing: int = 0, softer: int = 0) -> None:
    """Writes a bar of drums."""
    for hit in hits(pattern, start, swing):
        line.add(hit.at, hit.length, pitch, max(1, hit.velocity - softer))
