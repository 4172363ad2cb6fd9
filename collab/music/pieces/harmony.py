"""Keys and chords, and how one chord goes on to the next.

Pitches are MIDI numbers (60 is middle C), pitch classes those modulo 12. Knows which notes belong together
and which of their places lie nearest to where the hands are. Does not know time.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

# Pitches from the lowest up.
Voicing: TypeAlias = tuple[int, ...]

_LETTERS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SIGNS: Final = {"": 0, "#": 1, "b": -1}
_QUALITIES: Final = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "5": (0, 7),
    "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "7": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10),
    "maj7": (0, 4, 7, 11),
    "9": (0, 4, 7, 10, 14),
    "m9": (0, 3, 7, 10, 14),
    "maj9": (0, 4, 7, 11, 14),
    "7b9": (0, 4, 7, 10, 13),
    "m7b5": (0, 3, 6, 10),
    "dim7": (0, 3, 6, 9),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "add9": (0, 4, 7, 14),
    "madd9": (0, 3, 7, 14),
}
_SYMBOL: Final = re.compile(r"([A-G])([#b]?)(.*)")
_SCALES: Final = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}


@dataclass(frozen=True, slots=True)
class Key:
    """`tonic` is a name such as `Eb`, `mode` `major` or `minor`."""

    tonic: str
    mode: str

    @property
    def root(self) -> int:
        return _pitch_class(self.tonic)

    @property
    def scale(self) -> tuple[int, ...]:
        """The pitch classes, from the tonic up."""
        return tuple((self.root + step) % 12 for step in _SCALES[self.mode])

    @property
    def name(self) -> str:
        """As musicians write it: `Eb`, `F#m`."""
        return self.tonic + ("m" if self.mode == "minor" else "")


@dataclass(frozen=True, slots=True)
class Chord:
    """`tones` are pitch classes, the root first."""

    root: int
    tones: tuple[int, ...]


def chord(symbol: str) -> Chord:
    """Of a symbol such as `Ebmaj7`. Raises KeyError for one that nobody here plays."""
    match = _SYMBOL.fullmatch(symbol)
    if match is None:
        raise KeyError(symbol)
    root = _pitch_class(match[1] + match[2])
    return Chord(root, tuple((root + interval) % 12 for interval in _QUALITIES[match[3]]))


def chords(symbols: str) -> tuple[Chord, ...]:
    return tuple(chord(symbol) for symbol in symbols.split())


def voiced(tones: Sequence[int], before: Voicing, low: int, high: int) -> Voicing:
    """The tones as a chord in close position within [low, high], moved as little as can be from `before`;
    from the middle of the room if there was none. One tone more than `before` had is no harm."""
    assert high - low >= 24, "two octaves hold every inversion"
    middle = (low + high) // 2
    best: tuple[int, Voicing] | None = None
    for turn in range(len(tones)):
        turned = [*tones[turn:], *tones[:turn]]
        for bass in range(low + (turned[0] - low) % 12, high + 1, 12):
            pitches = [bass]
            for tone in turned[1:]:
                pitches.append(pitches[-1] + ((tone - pitches[-1]) % 12 or 12))
            if pitches[-1] > high:
                continue
            movement = sum(min(abs(pitch - b) for b in before or (middle,)) for pitch in pitches)
            # A hand that wanders to one end comes back.
            cost = 4 * movement + abs(sum(pitches) // len(pitches) - middle)
            if best is None or cost < best[0]:
                best = cost, tuple(pitches)
    assert best is not None, "two octaves hold every inversion"
    return best[1]


def progression(of: Sequence[Chord], low: int, high: int, tones: slice = slice(None)) -> list[Voicing]:
    """One voicing for each chord, each led from the one before. `tones` leaves some away, such as the root
    that a bass has."""
    voicings: list[Voicing] = []
    for each in of:
        voicings.append(voiced(each.tones[tones], voicings[-1] if voicings else (), low, high))
    return voicings


def nearest(tones: Sequence[int], pitch: int) -> int:
    """The pitch nearest to `pitch` that is one of the classes, the lower of two."""
    return min(
        (pitch + d for d in range(-6, 7) if (pitch + d) % 12 in tones), key=lambda p: (abs(p - pitch), p)
    )


def above(tone: int, low: int) -> int:
    """The lowest pitch of a class that is not below `low`."""
    return low + (tone - low) % 12


def stepped(scale: Sequence[int], pitch: int, steps: int) -> int:
    """So many steps along the scale from a pitch, which need not be on it."""
    direction = 1 if steps > 0 else -1
    for _ in range(abs(steps)):
        pitch += direction
        while pitch % 12 not in scale:
            pitch += direction
    return pitch


def _pitch_class(name: str) -> int:
    return (_LETTERS[name[0]] + _SIGNS[name[1:]]) % 12
