"""What sound is made of: things that ring, things that swing, noise, and envelopes.

Each gives mono samples at RATE as float32 between about -1 and 1. No loop runs over samples: what rings is a
matrix product, what swings a look-up in tables without harmonics that the rate cannot hold. Knows samples.
Does not know instruments.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

RATE: Final = 44_100
Samples: TypeAlias = NDArray[np.float32]
Curve: TypeAlias = NDArray[np.floating[Any]]

# What rings is cut where it can no longer be heard: exp(-7) is -61 dB.
_SILENT_DECAYS: Final = 7.0
_BLOCK: Final = 256
_TABLE: Final = 8192
_HARMONICS: Final = 160
# What is higher would come back mirrored at half the rate, or is heard by bats.
_AUDIBLE_HZ: Final = 15_000
_HEARD_HZ: Final = 20_000
# A wave has no harmonics beyond so many times the cutoff.
_ROLL_OFF: Final = 2.2
LEVELS: Final = 24


def count(seconds: float) -> int:
    return max(1, round(seconds * RATE))


def samples(curve: Curve) -> Samples:
    return curve.astype(np.float32, copy=False)


def times(n: int) -> Curve:
    """In seconds."""
    return np.arange(n) / RATE


def modes(
    hz: Sequence[float] | Curve,
    loudness: Sequence[float] | Curve,
    decay_s: Sequence[float] | Curve,
    longest_s: float = 60.0,
) -> Samples:
    """Things that were struck: each frequency falls to 1/e in its own time. All start at a zero crossing, so
    there is no click. Cut when the last one is silent, or after `longest_s`.

    With j = block and k = place in it, exp(a(j·256 + k)) = exp(a·256·j)·exp(a·k): a product of two small
    matrices instead of a sine and an exponential for every sample.
    """
    frequency, amplitude, decay = (np.asarray(each, np.float64) for each in (hz, loudness, decay_s))
    heard = frequency < _AUDIBLE_HZ
    frequency, amplitude, decay = frequency[heard], amplitude[heard], decay[heard]
    blocks = count(min(longest_s, float(decay.max()) * _SILENT_DECAYS)) // _BLOCK + 1
    rate = (-1 / decay + 2j * np.pi * frequency) / RATE
    fine = np.exp(rate[:, None] * np.arange(_BLOCK))
    coarse = amplitude[None, :] * np.exp(np.arange(blocks)[:, None] * (_BLOCK * rate)[None, :])
    # The imaginary part: sines.
    sine = coarse.real.astype(np.float32) @ fine.imag.astype(np.float32)
    sine += coarse.imag.astype(np.float32) @ fine.real.astype(np.float32)
    return sine.ravel()


def phase(hz: float | Curve, n: int, start: float = 0.0) -> Curve:
    """Cycles so far, of a frequency that may change with every sample."""
    if isinstance(hz, np.ndarray):
        return start + np.cumsum(hz[:n]) / RATE
    return start + hz / RATE * np.arange(n)


def vibrato(hz: float, n: int, rate_hz: float, percent: float, after_s: float) -> Curve:
    """A pitch that begins to swing after a while."""
    t = times(n)
    depth = percent / 100 * np.clip((t - after_s) / 0.4, 0, 1)
    swung: Curve = hz * (1 + depth * np.sin(2 * np.pi * rate_hz * t))
    return swung


def sine(phases: Curve) -> Samples:
    return samples(np.sin(2 * np.pi * phases))


@cache
def _bank(shape: str, resonance: float) -> Samples:
    """One period for each level of brightness: a filter's cutoff at 1, 1.2, 1.5 … `_HARMONICS` harmonics."""
    numbers = np.arange(1, _HARMONICS + 1)
    match shape:
        case "saw":
            harmonics = 1 / numbers
        case "square":
            harmonics = np.where(numbers % 2 == 1, 1 / numbers, 0)
        case "reed":  # a narrow pulse, whose second harmonics are as strong as the first
            harmonics = np.sin(np.pi * numbers * 0.22) / numbers
        case _:
            raise ValueError(f"There is no wave {shape!r}.")
    rows = []
    for level in range(LEVELS):
        cutoff = _cutoff(level)
        low_pass = np.where(numbers < _ROLL_OFF * cutoff, 1 / np.sqrt(1 + (numbers / cutoff) ** 6), 0)
        bump = 1 + resonance * np.exp(-(((numbers - cutoff) / (0.18 * cutoff + 0.4)) ** 2))
        spectrum = np.zeros(_TABLE // 2 + 1, np.complex128)
        spectrum[1 : _HARMONICS + 1] = -0.5j * _TABLE * harmonics * low_pass * bump
        rows.append(np.fft.irfft(spectrum))
    return np.asarray(rows, np.float32)


def _cutoff(level: float) -> float:
    return float(_HARMONICS ** (level / (LEVELS - 1)))


def level_of(cutoff: float) -> float:
    """Which level has its cutoff at that harmonic."""
    return float((LEVELS - 1) * np.log(max(cutoff, 1.0)) / np.log(_HARMONICS))


def wave(shape: str, phases: Curve, hz: float, level: float | Curve, resonance: float = 0.0) -> Samples:
    """A wave whose brightness (a level) may change with every sample: what a filter does, without one."""
    bank = _bank(shape, resonance)
    brightest = min(level_of(_HEARD_HZ / (_ROLL_OFF * hz)), LEVELS - 1.001)
    place = np.clip(level, 0, brightest)
    row = np.floor(place).astype(np.int32)
    part = samples(place - row)
    column = ((phases % 1.0) * _TABLE).astype(np.int32) & (_TABLE - 1)
    darker: Samples = bank[row, column]
    brighter: Samples = bank[row + 1, column]
    return darker + part * (brighter - darker)


def noise(rng: np.random.Generator, n: int, low_hz: float, high_hz: float) -> Samples:
    """Noise between two frequencies, with a mean square of 1."""
    spectrum = np.fft.rfft(rng.standard_normal(n))
    hz = np.fft.rfftfreq(n, 1 / RATE)
    spectrum *= band(hz, low_hz, high_hz)
    made = np.fft.irfft(spectrum, n)
    return samples(made / (np.sqrt(np.mean(made**2)) + 1e-12))


def band(hz: Curve, low_hz: float, high_hz: float) -> Curve:
    """What a gentle filter (12 dB an octave) leaves of each frequency; nothing of 0 Hz."""
    low = (hz / low_hz) ** 2 if low_hz > 0 else np.full_like(hz, np.inf)
    passed: Curve = (1 / np.sqrt(1 + 1 / np.maximum(low, 1e-9) ** 2)) / np.sqrt(1 + (hz / high_hz) ** 4)
    passed[hz == 0] = 0
    return passed


def decaying(n: int, decay_s: float, attack_s: float = 0.001) -> Curve:
    """Up in no time and down to 1/e in `decay_s`."""
    t = times(n)
    fallen: Curve = np.exp(-t / decay_s) * np.minimum(1, t / attack_s)
    return fallen


def held(seconds: float, attack_s: float, release_s: float, sag: float = 1.0, sag_s: float = 0.3) -> Curve:
    """Up, to `sag` of that in `sag_s`, and down again after `seconds`; as long as all of it takes."""
    n = count(max(seconds, attack_s) + release_s)
    t = times(n)
    up = np.minimum(1, t / attack_s)
    swell = up * up * (3 - 2 * up)
    level = sag + (1 - sag) * np.exp(-np.maximum(0, t - attack_s) / sag_s)
    down = np.clip((t[-1] - t) / release_s, 0, 1)
    shaped: Curve = swell * level * down * down
    return shaped


def let_go(sound: Samples, seconds: float, release_s: float) -> Samples:
    """What rings is damped after `seconds`."""
    n = min(len(sound), count(seconds + _SILENT_DECAYS * release_s))
    after = np.maximum(0, times(n) - seconds)
    return samples(sound[:n] * np.exp(-after / release_s))


def mixed(*sounds: Samples) -> Samples:
    """The sum, as long as the longest."""
    total = np.zeros(max(len(sound) for sound in sounds), np.float32)
    for sound in sounds:
        total[: len(sound)] += sound
    return total
