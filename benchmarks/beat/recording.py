"""What one listener heard, from their tape.

Listens while the recording grows, so that nothing has to be kept but what was found. Knows how the parts of
the tool fit together. Does not know what should have been heard.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from benchmarks.beat.desk import Tape
from benchmarks.beat.hearing import Ear, Heard
from benchmarks.beat.silence import Silence, Silences
from benchmarks.beat.tracks import Track
from benchmarks.beat.verdict import Course

EVERY_S: Final = 0.02


class Recording:
    """Of a tape that has begun. `tracks` are what may be heard on it."""

    def __init__(self, tape: Tape, tracks: Sequence[Track]) -> None:
        assert tape.has_begun, "whoever waits for a player waits for its tape"
        self._tape = tape
        self._ear = Ear([track.at_rate(tape.rate) for track in tracks], int(tape.rate * EVERY_S))
        self._silences = Silences(tape.rate)
        self._heard: list[Heard] = []
        self.silences: list[Silence] = []

    def listen(self) -> None:
        """To what has come since the last time."""
        for frame, samples in self._tape.taken():
            self._heard += self._ear.listen(frame, samples)
            self.silences += self._silences.feed(frame, samples)

    def said_latency_ms(self) -> float:
        return self._tape.said_latency_ms(self._tape.time())

    def course(self, late_ms: float) -> Course:
        """What was heard when, `late_ms` after it was played."""
        played = self._tape.time()
        rate = self._tape.rate
        frames = np.array([heard.frame for heard in self._heard])
        return Course(
            played.at_ms(frames) + late_ms,
            np.array([heard.track for heard in self._heard]),
            np.array([heard.position for heard in self._heard]) * 1000 / rate,
            frames * 1000 / rate,
            played.stalls,
        )
