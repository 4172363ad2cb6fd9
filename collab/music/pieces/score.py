"""What is played: notes in parts, and how they are put together.

Integers only: times in ticks, loudness in dB, the rest in percent. So a score is the same on every machine,
and its digest says whether a piece that lies on a disk is still the one that would be made. Knows the shape.
Does not know who composes it, nor how anything sounds.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from hashlib import sha256
from json import dumps
from typing import Final, NamedTuple

from collab.music.pieces.dice import Dice
from collab.music.pieces.harmony import Key

# Of a beat, which is a quarter.
TICKS: Final = 480
EIGHTH: Final = TICKS // 2
SIXTEENTH: Final = TICKS // 4


class Note(NamedTuple):
    """`start` and `length` in ticks, `pitch` as in MIDI, `velocity` from 1 to 127. `length` is how long the
    key is held; what rings on is the instrument's."""

    start: int
    length: int
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class Part:
    """One instrument's notes. `level` in dB; `room` and `echo` say how much of it goes there, in percent;
    `ducks` by how much it steps back when the bass drum comes, in percent."""

    instrument: str
    level: int
    room: int
    echo: int
    ducks: int
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Space:
    """Where it is played. `room_ms` is how long the room rings; `echo_ticks` after which time the echo comes
    back, `echo_again` how much of it comes a next time, in percent; what is below `low_hz` and above
    `high_hz` is taken away; `drive` presses it like a tape, in percent."""

    room_ms: int
    echo_ticks: int = TICKS
    echo_again: int = 0
    low_hz: int = 28
    high_hz: int = 16_000
    drive: int = 0


@dataclass(frozen=True, slots=True)
class Score:
    """A piece. `name` is that of its file and stays for ever, `tempo` in bpm × 100; `slows` are (tick, tempo)
    from where on it is another one."""

    name: str
    title: str
    artist: str
    genre: str
    key: Key
    tempo: int
    seed: int
    space: Space
    parts: tuple[Part, ...]
    slows: tuple[tuple[int, int], ...] = ()

    @property
    def ticks(self) -> int:
        """Until the last key is let go."""
        return max(note.start + note.length for part in self.parts for note in part.notes)

    def seconds(self, tick: int) -> float:
        """When a tick is, from the first beat on."""
        time, last, tempo = 0.0, 0, self.tempo
        for since, slower in self.slows:
            if tick <= since:
                break
            time += (since - last) * 6000 / (tempo * TICKS)
            last, tempo = since, slower
        return time + (tick - last) * 6000 / (tempo * TICKS)

    def digest(self) -> str:
        """16 hex digits; another one if anything is different."""
        return sha256(dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]


class Line:
    """A part that is being written."""

    def __init__(
        self, instrument: str, level: int, *, room: int = 20, echo: int = 0, ducks: int = 0, loose: int = 6
    ) -> None:
        """`loose`: by how many ticks a player is early or late."""
        self._mix = instrument, level, room, echo, ducks
        self._loose = loose
        self._notes: list[Note] = []

    def add(self, start: int, length: int, pitch: int, velocity: int) -> None:
        self._notes.append(Note(start, length, pitch, velocity))

    def lay(self, notes: Iterable[Note], at: int, *, higher: int = 0, softer: int = 0) -> None:
        """Writes a tune that begins at `at`."""
        for note in notes:
            self.add(at + note.start, note.length, note.pitch + higher, max(1, note.velocity - softer))

    def chord(
        self, start: int, length: int, pitches: Iterable[int], velocity: int, *, spread: int = 0
    ) -> None:
        """`spread`: each note so many ticks after the one below."""
        for place, pitch in enumerate(pitches):
            self.add(start + place * spread, length - place * spread, pitch, velocity)

    def played(self, dice: Dice) -> Part:
        """By a person: never quite on the beat, never twice as loud."""
        notes = [
            Note(
                max(0, note.start + dice.between(-self._loose, self._loose)),
                note.length,
                note.pitch,
                min(127, max(1, note.velocity + dice.between(-5, 5))),
            )
            for note in self._notes
        ]
        return Part(*self._mix, tuple(sorted(notes)))


def slowing(start: int, end: int, tempo: int, last: int) -> tuple[tuple[int, int], ...]:
    """From `tempo` at the tick `start` to `last` at `end`, a bit every eighth."""
    steps = (end - start) // EIGHTH
    return tuple(
        (start + step * EIGHTH, tempo + (last - tempo) * (step + 1) // steps) for step in range(steps)
    )
