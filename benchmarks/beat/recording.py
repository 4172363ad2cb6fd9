"""What one listener heard, from their tape.

Knows how the parts of the tool fit together. Does not know what should have been heard.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from benchmarks.beat.desk import Tape
from benchmarks.beat.device_time import Numbers
from benchmarks.beat.hearing import NOISE, Ear, Heard, Manner
from benchmarks.beat.silence import Silence, Silences
from benchmarks.beat.tracks import Track
from benchmarks.beat.verdict import Course, Part


class Recording:
    """Of a tape that is full: what is played is heard `late_ms` later. `tracks` are what may be on it, and
    `parts`, if given, say near which places to look for them."""

    def __init__(
        self,
        tape: Tape,
        tracks: Sequence[Track],
        late_ms: float,
        manner: Manner = NOISE,
        parts: Sequence[Part] | None = None,
    ) -> None:
        self._rate = tape.rate
        self._played = tape.time()
        self._late_ms = late_ms
        self._parts = parts
        hint = None if parts is None else self._hint
        ear = Ear([track.at_rate(tape.rate) for track in tracks], manner, hint)
        silences = Silences(tape.rate)
        self._heard: list[Heard] = []
        self._silences: list[Silence] = []
        for frame, samples in tape.pieces():
            self._heard += ear.listen(frame, samples)
            self._silences += silences.feed(frame, samples)

    def course(self) -> Course:
        """What was heard when."""
        frames = np.array([heard.frame for heard in self._heard])
        ms_per_frame = 1000 / self._rate
        return Course(
            self._heard_ms(frames),
            np.array([heard.track for heard in self._heard]),
            np.array([heard.position for heard in self._heard]) * ms_per_frame,
            frames * ms_per_frame,
            tuple(replace(stall, at_ms=stall.at_ms + self._late_ms) for stall in self._played.stalls),
        )

    def silences_ms(self) -> list[tuple[float, float]]:
        """From when to when nothing was heard, after something was and before it was again."""
        bounds = np.array([(each.frame, each.frame + each.frames) for each in self._silences])
        return [(since, until) for since, until in self._heard_ms(bounds.reshape(-1, 2)).tolist()]

    def _heard_ms(self, frames: Numbers) -> Numbers:
        return self._played.at_ms(frames) + self._late_ms

    def _hint(self, frame: float) -> tuple[int, float] | None:
        assert self._parts is not None, "else there is no hint"
        [ms] = self._heard_ms(np.array([frame]))
        for part in self._parts:
            if part.from_ms <= ms < part.until_ms:
                return part.track, (part.position_ms + ms - part.from_ms) * self._rate / 1000
        return None
