"""What one hears of a piece, as numbers.

Tempo, key, brightness and the like are found in the sound alone, so they can be compared with what the tags
say. Knows samples at one rate. Does not know scores.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

RATE = 44_100
_HOP = 441
_FRAME = 2_048
_NAMES = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
# How well the tones of a scale fit it, from the tonic up: Krumhansl's, as Temperley revised them.
_MAJOR = (5.0, 2.0, 3.5, 2.0, 4.5, 4.0, 2.0, 4.5, 2.0, 3.5, 1.5, 4.0)
_MINOR = (5.0, 2.0, 3.5, 4.5, 2.0, 4.0, 2.0, 4.5, 3.5, 2.0, 1.5, 4.0)

Sound = NDArray[np.float32]
Impression = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Heard:
    """`rms` and `crest` in dB, `centroid` in Hz, `onsets` a second, `low` the part of the energy below
    150 Hz, `noisy` how flat the spectrum is (0: a tone, 1: noise), `spread` how much the loudness swings,
    in dB."""

    peak: float
    rms: float
    crest: float
    centroid: float
    onsets: float
    low: float
    noisy: float
    spread: float


def heard(sound: Sound) -> Heard:
    spectra = _spectra(sound)
    power = (spectra**2).mean(axis=0) + 1e-12
    hz = np.fft.rfftfreq(_FRAME, 1 / RATE)
    rms = float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))
    peak = float(np.abs(sound).max())
    strength = onset_strength(sound)
    threshold = strength.mean() + strength.std()
    peaks = (strength[1:-1] > strength[:-2]) & (strength[1:-1] >= strength[2:]) & (strength[1:-1] > threshold)
    loud = 10 * np.log10((spectra**2).sum(axis=1) + 1e-6)
    return Heard(
        peak=peak,
        rms=_db(rms),
        crest=_db(peak / rms),
        centroid=float((power * hz).sum() / power.sum()),
        onsets=float(peaks.sum() / (len(sound) / RATE)),
        low=float(power[hz < 150].sum() / power.sum()),
        noisy=float(np.exp(np.log(power).mean()) / power.mean()),
        spread=float(np.std(loud)),
    )


def first_impression(sound: Sound) -> Impression:
    """The loudness of bands a third of an octave wide, and how lively they are; for comparing beginnings."""
    spectra = _spectra(sound) ** 2
    hz = np.fft.rfftfreq(_FRAME, 1 / RATE)
    edges = 40 * 2 ** (np.arange(28) / 3)
    bands = np.array([spectra[:, (hz >= low) & (hz < high)].sum(axis=1) for low, high in pairwise(edges)])
    level = 10 * np.log10(bands.mean(axis=1) + 1e-4 * bands.sum(axis=0).mean())
    lively = np.std(10 * np.log10(bands + 1e-4 * bands.sum(axis=0).mean()), axis=1)
    return np.concatenate((level - level.mean(), lively))


def tempo_of(sound: Sound, slowest: float, fastest: float) -> float:
    """The tempo, in bpm within bounds, at whose beats the onsets repeat themselves best."""
    strength = onset_strength(sound)
    strength = strength - np.convolve(strength, np.full(101, 1 / 101), "same")
    n = len(strength)
    spectrum = np.fft.rfft(strength, 2 * n)
    again = np.fft.irfft(np.abs(spectrum) ** 2)[:n] / np.arange(n, 0, -1)
    tempos = np.arange(slowest, fastest, 0.1)
    lags = 60 / tempos * RATE / _HOP
    # The beat, and the second, third and fourth after it.
    fit = sum(np.interp(many * lags, np.arange(n), again) for many in (1, 2, 3, 4))
    return float(tempos[int(np.argmax(fit))])


def key_of(sound: Sound) -> str:
    """The major key whose scale is heard, as musicians write it, with flats; of a piece in minor its
    relative, because both have the same notes and only the ear knows where they rest."""
    chroma = _chroma(sound)
    fits: dict[str, float] = {}
    for tonic, name in enumerate(_NAMES):
        relative = (tonic - 3) % 12
        fits[name] = max(
            float(np.corrcoef(np.roll(_MAJOR, tonic), chroma)[0, 1]),
            float(np.corrcoef(np.roll(_MINOR, relative), chroma)[0, 1]),
        )
    return max(fits, key=lambda key: fits[key])


def _chroma(sound: Sound) -> NDArray[np.float64]:
    """How much of each pitch class there is between 50 Hz and 2 kHz, each moment counting alike."""
    size = 16_384
    frames = sliding_window_view(sound, size)[:: size // 2] * np.hanning(size)
    spectra = np.abs(np.fft.rfft(frames, axis=1))
    hz = np.fft.rfftfreq(size, 1 / RATE)
    used = (hz > 50) & (hz < 2_000)
    pitch = 69 + 12 * np.log2(hz[used] / 440)
    near = np.abs(pitch - np.round(pitch)) < 0.3
    classes = np.round(pitch[near]).astype(int) % 12
    strong = spectra[:, used][:, near]
    strong = strong / (strong.sum(axis=1, keepdims=True) + 1e-9)
    return np.array([strong[:, classes == each].sum() for each in range(12)])


def onset_strength(sound: Sound) -> NDArray[np.float64]:
    """How much louder the bands of the spectrum have become, a hundred times a second."""
    logarithmic = np.log1p(100 * _spectra(sound))
    rise = np.maximum(0, np.diff(logarithmic, axis=0)).mean(axis=1)
    return np.concatenate(([0.0], rise))


def _spectra(sound: Sound) -> NDArray[np.float64]:
    frames = sliding_window_view(sound, _FRAME)[::_HOP] * np.hanning(_FRAME)
    return np.abs(np.fft.rfft(frames, axis=1)) / (_FRAME / 4)


def _db(ratio: float) -> float:
    return float(20 * np.log10(ratio + 1e-12))
