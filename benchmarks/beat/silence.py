"""Where a recording is silent: a gap, if there should be music.

Knows samples. What should be heard is `verdict`'s.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from benchmarks.beat.hearing import SILENCE
from benchmarks.beat.tracks import Signal

# The measure of a gap; and what is shorter than two of them, nobody hears.
BLOCK_MS: Final = 5
BLOCKS_LEAST: Final = 2


@dataclass(frozen=True, slots=True)
class Silence:
    """From `frame` on for so many `frames`."""

    frame: int
    frames: int


class Silences:
    """Follows one recording; what began before it is fed, or has not ended yet, is none."""

    def __init__(self, rate: int) -> None:
        self._block = rate * BLOCK_MS // 1000
        self._rest: Signal = np.zeros(0, np.float32)
        self._rest_frame = 0
        # The first frame of the silence that goes on.
        self._since: int | None = None
        self._was_loud = False

    def feed(self, frame: int, samples: Signal) -> Iterator[Silence]:
        if len(self._rest) == 0:
            self._rest_frame = frame
        samples = np.concatenate([self._rest, samples])
        count = len(samples) // self._block
        blocks = samples[: count * self._block].reshape(count, self._block)
        for number, loudness in enumerate(np.sqrt(np.mean(blocks**2, axis=1))):
            yield from self._block_of(self._rest_frame + number * self._block, float(loudness))
        self._rest = samples[count * self._block :]
        self._rest_frame += count * self._block

    def _block_of(self, frame: int, loudness: float) -> Iterator[Silence]:
        if loudness < SILENCE:
            if self._since is None and self._was_loud:
                self._since = frame
            return
        since, self._since, self._was_loud = self._since, None, True
        if since is not None and frame - since >= BLOCKS_LEAST * self._block:
            yield Silence(since, frame - since)
