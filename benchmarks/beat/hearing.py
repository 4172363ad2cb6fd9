"""Where in which track a recording is, from the sound alone.

A window of the recording is correlated with the tracks: at first everywhere, then around the place where the
music should be if it goes on. Knows signals. Does not know clocks, players or what should be heard.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.beat.tracks import Signal, Track

# A splice by less is found without looking elsewhere.
AROUND_S: Final = 0.06
# Who is further from where they should be than this is not looked for, if anything is known of that.
HINT_AROUND_S: Final = 1.0
# What of likeness it is worth to be where it is looked for: more than two repeats of a loop differ, less than
# two notes do.
NEARNESS: Final = 0.01
# Looking everywhere is slow: not more often than that.
LOST_EVERY_S: Final = 0.1
# Quieter than this (of full scale) is silence; 16 bits have 0.00003.
SILENCE: Final = 0.0005

# Where in which track (its number, and the frame there) a frame of the recording should be; None: nowhere.
Hint = Callable[[float], tuple[int, float] | None]


@dataclass(frozen=True, slots=True)
class Manner:
    """How to listen: to windows of so many frames, one every so many seconds. What is `same` by
    correlation (1 is the very same; voices that cross-fade share it) is believed, what is `sure`
    not looked for elsewhere."""

    window: int
    every_s: float
    same: float
    sure: float


# 46 ms of noise are nowhere else, and half a percent of speed does not blur them.
NOISE: Final = Manner(2_048, 0.02, 0.55, 0.55)
# Music has notes that go on, and comes back to what it said.
MUSIC: Final = Manner(8_192, 0.05, 0.85, 0.95)


@dataclass(frozen=True, slots=True)
class Heard:
    """In the middle of a window, which is `frame` of the recording, frame `position` of `track` is heard;
    `likeness` 1 is the very same."""

    frame: float
    track: int
    position: float
    likeness: float


class Ear:
    """Listens to one recording. The tracks have the recording's rate. With a hint nothing is looked for
    everywhere."""

    def __init__(self, tracks: Sequence[Track], manner: Manner = NOISE, hint: Hint | None = None) -> None:
        self._wholes = [_Whole(track.samples, manner.window) for track in tracks]
        self._rate = tracks[0].rate
        self._manner = manner
        self._hint = hint
        self._every = int(manner.every_s * self._rate)
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
        while start + self._manner.window <= len(samples):
            found = self._find(self._frame + start, samples[start : start + self._manner.window])
            if found is not None:
                self._last = found
                yield found
            start += self._every
        self._rest = samples[start:]
        self._frame += start

    def _find(self, frame: int, window: Signal) -> Heard | None:
        if np.sqrt(np.mean(window**2)) < SILENCE:
            return None
        middle = frame + self._manner.window / 2
        found = None
        if self._last is not None:
            expected = self._last.position + middle - self._last.frame
            found = self._around(middle, window, self._last.track, expected, AROUND_S)
        place = None if self._hint is None else self._hint(middle)
        if found is not None and found.likeness >= self._manner.sure:
            return found if place is None else self._or_where_it_should_be(found, window, *place)
        if self._hint is not None:
            elsewhere = None if place is None else self._around(middle, window, *place, HINT_AROUND_S)
            both = [each for each in (found, elsewhere) if each is not None]
            return max(both, key=lambda each: each.likeness, default=None)
        if found is None and frame >= self._lost_frame + LOST_EVERY_S * self._rate:
            self._lost_frame = frame
            found = self._anywhere(middle, window)
        return found

    def _or_where_it_should_be(self, found: Heard, window: Signal, track: int, expected: float) -> Heard:
        """What comes again a bar later sounds alike there: who is where they should be is not elsewhere."""
        if found.track == track and abs(found.position - expected) <= AROUND_S * self._rate:
            return found
        here = self._around(found.frame, window, track, expected, AROUND_S)
        return here if here is not None and here.likeness >= found.likeness - NEARNESS else found

    def _around(
        self, middle: float, window: Signal, track: int, expected: float, slack_s: float
    ) -> Heard | None:
        whole = self._wholes[track].samples
        slack = int(slack_s * self._rate)
        expected += len(window) / 2
        start = max(0, int(expected) - slack)
        piece = whole[start : start + len(window) + 2 * slack]
        if len(piece) < len(window):
            return None
        found = likenesses(window, piece)
        # Of places that sound alike, the nearest.
        distance = np.abs(np.arange(len(found)) + start - expected)
        place, likeness = best(found - NEARNESS * distance / slack)
        return self._heard(middle, track, start + place, likeness)

    def _anywhere(self, middle: float, window: Signal) -> Heard | None:
        """Likeliest where it was last, and after that in the next track."""
        last = -1 if self._last is None else self._last.track
        for track in sorted(range(len(self._wholes)), key=lambda track: (track - last) % len(self._wholes)):
            found = self._heard(middle, track, *best(self._wholes[track].likenesses(window)))
            if found is not None:
                return found
        return None

    def _heard(self, middle: float, track: int, place: float, likeness: float) -> Heard | None:
        if likeness < self._manner.same:
            return None
        return Heard(middle, track, place - self._manner.window / 2, likeness)


class _Whole:
    """A track between two windows of silence, as it is heard when it begins and ends, ready to be searched
    from end to end; its spectrum is made when it is first asked for."""

    def __init__(self, samples: Signal, window: int) -> None:
        self.samples: Signal = np.pad(samples, window)
        self._size = 1 << (len(self.samples) + window - 1).bit_length()
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
