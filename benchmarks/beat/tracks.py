"""Music that says where it is.

Each track is noise of its own: any twentieth of a second of it is found again in one place only, to a
fraction of a sample, however loud it is played. Knows signals. Does not know who plays them.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from collab.music.library import id_of_path, track_uri

Signal = NDArray[np.float32]

# Of a browser without a sound device.
RATE: Final = 44_100
# High enough to be sharp in time, low enough that a percent of speed does not blur a window.
BAND_HZ: Final = (100.0, 1_500.0)
# Noise peaks at five times that, and must not be clipped.
LOUDNESS: Final = 0.15


@dataclass(frozen=True, slots=True)
class Track:
    """`name` is its file's, below the music folder; `samples` are mono."""

    name: str
    samples: Signal
    rate: int

    @property
    def uri(self) -> str:
        """As a server has it whose music folder this stands in."""
        return track_uri(id_of_path(self.name))

    @property
    def duration_ms(self) -> int:
        return len(self.samples) * 1000 // self.rate

    def at_rate(self, rate: int) -> "Track":
        """The same at another rate, as a device that has that rate plays it."""
        return Track(self.name, resampled(self.samples, self.rate, rate), rate)


def noise(number: int, seconds: float, rate: int = RATE) -> Track:
    """Always the same for the same number, and of a whole number of ms."""
    count = int(seconds * 1000) * rate // 1000
    spectrum = np.fft.rfft(np.random.default_rng(number).standard_normal(count))
    hz = np.fft.rfftfreq(count, 1 / rate)
    spectrum[(hz < BAND_HZ[0]) | (hz > BAND_HZ[1])] = 0
    wave = np.fft.irfft(spectrum, count)
    samples = (wave * (LOUDNESS / np.sqrt(np.mean(wave**2)))).clip(-1, 1)
    return Track(f"Noise {number}.flac", samples.astype(np.float32), rate)


def write(track: Track, folder: Path) -> None:
    """A file without loss."""
    with soundfile.SoundFile(folder / track.name, "w", track.rate, 1, "PCM_16") as file:
        file.title = Path(track.name).stem
        file.write(track.samples)


def read(path: Path) -> Track:
    """A file of whatever kind, as one channel."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return Track(path.name, np.ascontiguousarray(samples.mean(axis=1)), rate)


def resampled(samples: Signal, rate: int, to: int) -> Signal:
    """By way of the spectrum: nothing is moved in time."""
    if rate == to:
        return samples
    count = round(len(samples) * to / rate)
    spectrum = np.fft.rfft(samples)
    wanted = np.zeros(count // 2 + 1, spectrum.dtype)
    shared = min(len(spectrum), len(wanted))
    wanted[:shared] = spectrum[:shared]
    return (np.fft.irfft(wanted, count) * (count / len(samples))).astype(np.float32)
