"""What one listener heard, from their tape.

Knows how the parts of the tool fit together. Does not know what should have been heard.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from benchmarks.beat.desk import Tape
from benchmarks.beat.hearing import Ear, Heard
from benchmarks.beat.silence import Silence, Silences
from benchmarks.beat.tracks import Track
from benchmarks.beat.verdict import Course

EVERY_S: Final = 0.02


class Recording:
    """Of a tape that is full. `tracks` are what may be heard on it."""

    def __init__(self, tape: Tape, tracks: Sequence[Track]) -> None:
        assert tape.has_begun, "whoever waits for a player waits for its tape"
        self._rate = tape.rate
        self._played = tape.time()
        ear = Ear([track.at_rate(tape.rate) for track in tracks], int(tape.rate * EVERY_S))
        silences = Silences(tape.rate)
        self._heard: list[Heard] = []
        self._silences: list[Silence] = []
        for frame, samples in tape.pieces():
            self._heard += ear.listen(frame, samples)
            self._silences += silences.feed(frame, samples)
        self.said_latency_ms = tape.said_latency_ms(self._played)

    def course(self, late_ms: float) -> Course:
        """What was heard when, `late_ms` after it was played."""
        frames = np.array([heard.frame for heard in self._heard])
        ms_per_frame = 1000 / self._rate
        return Course(
            self._played.at_ms(frames) + late_ms,
            np.array([heard.track for heard in self._heard]),
            np.array([heard.position for heard in self._heard]) * ms_per_frame,
            frames * ms_per_frame,
            tuple(replace(stall, at_ms=stall.at_ms + late_ms) for stall in self._played.stalls),
        )

    def silences_ms(self, late_ms: float) -> list[tuple[float, float]]:
        """From when to when nothing was heard, after something was and before it was again."""
        bounds = np.array([(each.frame, each.frame + each.frames) for each in self._silences]).reshape(-1, 2)
        return [tuple(row) for row in (self._played.at_ms(bounds) + late_ms).tolist()]
