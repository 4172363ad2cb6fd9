"""What is blown, or has bellows: flute, accordion, melodica, organ.

A reed's wave with a brightness that follows the breath. Knows how one note sounds.
"""

import numpy as np

from collab.music.pieces.wave import Samples, held, level_of, noise, phase, samples, sine, vibrato, wave


def flute(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """Nearly a sine, a breath of air, and a vibrato that comes late."""
    breath = held(seconds, 0.05, 0.09, 0.85)
    n = len(breath)
    cycles = phase(vibrato(hz, n, 5.1, 0.5, 0.25), n)
    tone = sine(cycles) + (0.16 + 0.12 * velocity) * sine(2 * cycles) + 0.07 * velocity * sine(3 * cycles)
    air = noise(rng, n, 0.8 * hz, 5 * hz) * 0.02
    return samples(0.6 * breath * (tone + air))


def accordion(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """Two reeds for each note, some cycles apart: musette."""
    bellows = held(seconds, 0.035, 0.06, 0.8)
    n = len(bellows)
    bright = level_of(5 + 7 * velocity) * (0.8 + 0.2 * bellows)
    one = wave("reed", phase(hz - 1.3, n, 0.1), hz, bright)
    other = wave("reed", phase(hz + 2.2, n, 0.6), hz, bright)
    return samples(0.45 * bellows * (one + 0.8 * other))


def melodica(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """One reed and somebody's lungs."""
    breath = held(seconds, 0.06, 0.12, 0.75)
    n = len(breath)
    cycles = phase(vibrato(hz, n, 5.6, 0.6, 0.2), n)
    return (0.7 * breath * wave("reed", cycles, hz, level_of(4 + 5 * velocity) * breath**0.5)).astype(
        np.float32
    )


def organ(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """Drawbars, short and dry."""
    key = held(seconds, 0.006, 0.05, 0.7, 0.1)
    n = len(key)
    cycles = phase(hz, n)
    drawn = sine(cycles) + 0.7 * sine(2 * cycles) + 0.4 * sine(3 * cycles) + 0.3 * sine(4 * cycles)
    return samples(0.35 * key * drawn)
