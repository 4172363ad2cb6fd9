"""What is plucked: a nylon guitar, a double bass, a pizzicato.

Karplus and Strong's string: one period goes round and round, and loses some of its highs each time. With what
Jaffe and Smith added: pitches between two counts of samples, and the place where it is plucked. Whole periods
are computed at once, because each depends on the one before only. Knows how one note sounds.
"""

from typing import Final

import numpy as np

from collab.music.pieces.wave import RATE, Curve, Samples, count, decaying, let_go, mixed, noise, samples

_HARMONICS: Final = 200


def guitar(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """Nylon strings, plucked with a finger near the sound hole."""
    pluck = _plucked_at(0.21, 0.55, (1_200 + 3_200 * velocity) / hz)
    return let_go(_string(rng, hz, min(seconds + 0.4, 3.0), 0.9, 0.2, pluck), seconds, 0.09)


def double_bass(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """Gut strings with a finger's thump."""
    pluck = _plucked_at(0.31, 0.9, (450 + 900 * velocity) / hz)
    n = count(0.08)
    thump = noise(rng, n, 60, 500) * decaying(n, 0.018, 0.003) * 0.12
    tone = _string(rng, hz, min(seconds + 0.3, 2.5), 0.6, 0.28, pluck)
    return let_go(mixed(tone, samples(thump)), seconds, 0.05)


def pizzicato(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """Short strings of a small orchestra."""
    pluck = _plucked_at(0.28, 0.6, (1_200 + 2_000 * velocity) / hz)
    return _string(rng, hz, min(seconds + 0.3, 1.2), 0.16, 0.25, pluck)


def _string(
    rng: np.random.Generator, hz: float, seconds: float, decay_s: float, dull: float, pluck: Curve
) -> Samples:
    """`dull` (up to 0.33) is what a bridge takes of the highs each time round, `pluck` how loud each harmonic
    is at first."""
    period = RATE / hz
    # The loss delays by a sample, what is left of the period by the fraction.
    whole = int(period - 1)
    fraction = period - 1 - whole
    loss = np.convolve([dull, 1 - 2 * dull, dull], [1 - fraction, fraction])
    loss *= np.exp(-period / RATE / decay_s)
    spectrum = np.zeros(whole // 2 + 1, np.complex128)
    loud = pluck[: len(spectrum) - 1]
    spectrum[1 : len(loud) + 1] = loud * np.exp(2j * np.pi * rng.random(len(loud)))
    first = np.fft.irfft(spectrum, whole)
    n = count(seconds)
    # As many zeros before as the loss looks back.
    ring = np.concatenate((np.zeros(len(loss)), first / np.abs(first).max(), np.zeros(n)))
    for start in range(len(loss) + whole, len(ring), whole):
        end = min(start + whole, len(ring))
        for back, share in enumerate(loss, whole):
            ring[start:end] += share * ring[start - back : end - back]
    heard = ring[len(loss) : len(loss) + n]
    return samples(0.65 * heard * np.minimum(1, np.arange(n) / 60))


def _plucked_at(where: float, tilt: float, bright: float) -> Curve:
    """How loud the harmonics are of a string that is plucked at a part of its length: one that is plucked at
    a fifth has no fifth harmonic. `tilt`: each is softer than the one below; few are above `bright`."""
    numbers = np.arange(1, _HARMONICS + 1)
    comb = np.abs(np.sin(np.pi * numbers * where)) + 0.03
    loud: Curve = comb * numbers**-tilt / (1 + (numbers / bright) ** 3)
    return loud
