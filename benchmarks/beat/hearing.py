"""Where in which track a recording is, from the sound alone.

A window of the recording is correlated with the tracks: at first everywhere, then around the place where the
music should be if it goes on. Knows signals. Does not know clocks, players or what should be heard.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.beat.tracks import Signal, Track

# 43 ms at 48 kHz: less is found at too many places of real music, more is blurred by half a percent of speed.
WINDOW: Final = 2_048
# The correlation is 1 for the very same; two voices that cross-fade share it.
SAME: Final = 0.55
# A splice by less is found without looking everywhere.
AROUND_S: Final = 0.06
# Looking everywhere is slow: not more often than that.
LOST_EVERY_S: Final = 0.1
# Quieter than this (of full scale) is silence; 16 bits have 0.00003.
SILENCE: Final = 0.0005


@dataclass(frozen=True, slots=True)
class Heard:
    """In the middle of a window, which is `frame` of the recording, frame `position` of `track` is heard;
    `likeness` 1 is the very same."""

    frame: float
    track: int
    position: float
    likeness: float


class Ear:
    """Listens to one recording. The tracks have the recording's rate."""

    def __init__(self, tracks: Sequence[Track], every: int) -> None:
        self._wholes = [_Whole(track.samples) for track in tracks]
        self._rate = tracks[0].rate
        self._every = every
        self._rest: Signal = np.zeros(0, np.float32)
        self._frame = 0
        self._last: Heard | None = None
        self._lost_frame = -np.inf

    def listen(self, frame: int, samples: Signal) -> Iterator[Heard]:
        """What is in these, which begin at `frame` of the recording and go on where the last ones ended."""
        if len(self._rest) == 0:
            self._frame = frame
        assert self._frame + len(self._rest) == frame, "the desk lets no holes pass"
        samples = np.concatenate([self._rest, samples])
        start = 0
        while start + WINDOW <= len(samples):
            found = self._find(self._frame + start, samples[start : start + WINDOW])
            if found is not None:
                self._last = found
                yield found
            start += self._every
        self._rest = samples[start:]
        self._frame += start

    def _find(self, frame: int, window: Signal) -> Heard | None:
        if np.sqrt(np.mean(window**2)) < SILENCE:
            return None
        if self._last is not None:
            expected = self._last.position + frame + WINDOW / 2 - self._last.frame
            found = self._around(frame, window, self._last.track, expected)
            if found is not None:
                return found
        if frame < self._lost_frame + LOST_EVERY_S * self._rate:
            return None
        self._lost_frame = frame
        return self._anywhere(frame, window)

    def _around(self, frame: int, window: Signal, track: int, expected: float) -> Heard | None:
        whole = self._wholes[track].samples
        slack = int(AROUND_S * self._rate)
        start = max(0, int(expected - WINDOW / 2) - slack)
        piece = whole[start : start + WINDOW + 2 * slack]
        if len(piece) < WINDOW:
            return None
        place, likeness = best(likenesses(window, piece))
        return self._heard(frame, track, start + place, likeness)

    def _anywhere(self, frame: int, window: Signal) -> Heard | None:
        """Likeliest where it was last, and after that in the next track."""
        last = -1 if self._last is None else self._last.track
        for track in sorted(range(len(self._wholes)), key=lambda track: (track - last) % len(self._wholes)):
            place, likeness = best(self._wholes[track].likenesses(window))
            found = self._heard(frame, track, place, likeness)
            if found is not None:
                return found
        return None

    def _heard(self, frame: int, track: int, place: float, likeness: float) -> Heard | None:
        if likeness < SAME:
            return None
        return Heard(frame + WINDOW / 2, track, place + WINDOW / 2, likeness)


class _Whole:
    """A track, ready to be searched from end to end; its spectrum is made when it is first asked for."""

    def __init__(self, samples: Signal) -> None:
        self.samples = samples
        self._size = 1 << (len(samples) + WINDOW - 1).bit_length()
        self._spectrum: NDArray[np.complex128] | None = None

    def likenesses(self, window: Signal) -> NDArray[np.float64]:
        if self._spectrum is None:
            self._spectrum = np.fft.rfft(self.samples, self._size)
        return likenesses(window, self.samples, self._spectrum, self._size)


def likenesses(
    window: Signal,
    piece: Signal,
    spectrum: NDArray[np.complex128] | None = None,
    size: int = 0,
) -> NDArray[np.float64]:
    """The normalised correlation of a window with each place of a piece."""
    if spectrum is None:
        size = 1 << (len(piece) + len(window) - 1).bit_length()
        spectrum = np.fft.rfft(piece, size)
    count = len(piece) - len(window) + 1
    products = np.fft.irfft(spectrum * np.conj(np.fft.rfft(window, size)), size)[:count]
    squares = np.concatenate([[0.0], np.cumsum(piece.astype(np.float64) ** 2)])
    energies = squares[len(window) :][:count] - squares[:count]
    energies *= np.sum(window.astype(np.float64) ** 2)
    # What is silent there is like nothing.
    least = max(len(window) * SILENCE**2, 1e-12) ** 2
    return np.where(energies > least, products / np.sqrt(np.maximum(energies, least)), 0.0)


def best(found: NDArray[np.float64]) -> tuple[float, float]:
    """The likeliest place, between samples too (the peak of a parabola), and how like it is."""
    peak = int(np.argmax(found))
    if not 0 < peak < len(found) - 1:
        return float(peak), float(found[peak])
    before, middle, after = found[peak - 1 : peak + 2]
    curve = before - 2 * middle + after
    return peak + (0.5 * (before - after) / curve if curve < 0 else 0.0), float(middle)
