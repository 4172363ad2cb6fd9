"""What needs a plug: pads, basses, leads, and the sounds of an old game.

Waves from `wave` whose brightness has an envelope of its own. Knows how one note sounds.
"""

import numpy as np

from collab.music.pieces.wave import (
    Curve,
    Samples,
    count,
    decaying,
    held,
    level_of,
    phase,
    samples,
    sine,
    times,
    vibrato,
    wave,
)


def pad(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """Three saws that are never quite in tune, opening slowly."""
    swell = held(seconds, min(0.9, 0.5 * seconds), 1.2)
    bright = level_of(2.0) + (level_of(3 + 5 * velocity) - level_of(2.0)) * swell
    return _saws(hz, swell, bright, (0.996, 1.0, 1.0045), rng)


def strings(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """Brighter and sooner there: the eighties."""
    swell = held(seconds, 0.12, 0.5)
    return _saws(hz, swell, level_of(6 + 8 * velocity) * (0.7 + 0.3 * swell), (0.994, 1.001, 1.007), rng)


def drone(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """A tone that goes on, while its overtones come and go."""
    swell = held(seconds, min(2.5, seconds / 3), 3.0)
    n = len(swell)
    wander = level_of(2.5) + 2.2 * np.sin(
        2 * np.pi * (0.09 + 0.03 * rng.random()) * times(n) + 6 * rng.random()
    )
    return _saws(hz, swell, wander, (0.9985, 1.0, 1.0017), rng)


def stab(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """A chord that is gone before one looks."""
    n = count(0.5)
    fall = decaying(n, 0.11, 0.003)
    return _saws(
        hz, fall, level_of(2 + 16 * velocity) * (0.35 + 0.65 * decaying(n, 0.09)), (0.995, 1.005), rng
    )


def arpeggio(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """A saw with a quick filter."""
    n = count(0.45)
    bright = level_of(3.0) + (level_of(8 + 14 * velocity) - level_of(3.0)) * decaying(n, 0.09)
    return samples(0.6 * decaying(n, 0.14, 0.003) * wave("saw", phase(hz, n), hz, bright, 0.6))


def acid(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """One saw through a filter that sings; an accent opens it further."""
    shape = held(seconds, 0.003, 0.03, 0.6, 0.2)
    n = len(shape)
    bright = level_of(2.2) + (level_of(4 + 26 * velocity**2) - level_of(2.2)) * decaying(n, 0.1)
    return samples(0.55 * shape * wave("saw", phase(hz, n), hz, bright, 2.6))


def lead(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """Two saws and a vibrato that waits."""
    shape = held(seconds, 0.02, 0.16, 0.75)
    n = len(shape)
    swung = vibrato(hz, n, 5.2, 0.7, 0.3)
    bright = level_of(7 + 9 * velocity)
    both = wave("saw", phase(swung, n), hz, bright) + wave("saw", phase(1.006 * swung, n, 0.4), hz, bright)
    return samples(0.4 * shape * both)


def sub(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """A bass of sines, warm and round."""
    shape = held(seconds, 0.008, 0.05, 0.8)
    n = len(shape)
    cycles = phase(hz, n)
    return samples(0.8 * shape * (sine(cycles) + 0.3 * sine(2 * cycles) + 0.1 * sine(3 * cycles)))


def saw_bass(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    shape = held(seconds, 0.005, 0.04, 0.7)
    n = len(shape)
    bright = level_of(3.0) + (level_of(9 + 8 * velocity) - level_of(3.0)) * decaying(n, 0.12)
    return (0.6 * shape * (wave("saw", phase(hz, n), hz, bright) + 0.5 * sine(phase(hz, n)))).astype(
        np.float32
    )


def chip_pulse(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """A square wave whose loudness has sixteen steps, as a chip of 1983 had it."""
    stepped = np.ceil(15 * held(seconds, 0.004, 0.02, 0.45, 0.12)) / 15
    n = len(stepped)
    swung = vibrato(hz, n, 6.5, 0.5, 0.18)
    return samples(0.4 * _soft(stepped) * wave("square", phase(swung, n), hz, 23.0))


def chip_triangle(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """A triangle in sixteen stairs: the bass of the same chip."""
    shape = held(seconds, 0.003, 0.015)
    cycles = phase(hz, len(shape)) % 1.0
    triangle = 4 * np.abs(cycles - 0.5) - 1
    return samples(0.7 * _soft(shape) * np.round(triangle * 7.5) / 7.5)


def _soft(stairs: Curve) -> Curve:
    """Stairs that do not click."""
    width = 48
    smooth: Curve = np.convolve(stairs, np.full(width, 1 / width))[: len(stairs)]
    smooth[-width:] *= np.linspace(1, 0, width)[-len(smooth) :]
    return smooth


def _saws(
    hz: float, shape: Curve, bright: float | Curve, tunings: tuple[float, ...], rng: np.random.Generator
) -> Samples:
    n = len(shape)
    total = np.zeros(n, np.float32)
    for tuning in tunings:
        total += wave("saw", phase(hz * tuning, n, float(rng.random())), hz, bright)
    return samples(shape * total / len(tunings))
