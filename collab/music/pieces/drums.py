"""Drums, shakers, cymbals, and the crackle of an old record.

A membrane is a falling sine, a cymbal many modes that are no harmonics, everything else noise in a band. The
pitch is not theirs, but for the tuned ones. Knows how one stroke sounds.
"""

import numpy as np

from collab.music.pieces.wave import (
    RATE,
    Curve,
    Samples,
    count,
    decaying,
    mixed,
    modes,
    noise,
    phase,
    samples,
    sine,
)


def kick(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """A bass drum of a machine."""
    return _membrane(rng, 0.42, 48, 190, 0.035, 0.16, 0.25)


def soft_kick(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """One under a blanket."""
    return _membrane(rng, 0.35, 52, 60, 0.03, 0.12, 0.05)


def snare(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    n = count(0.3)
    wires = noise(rng, n, 900, 9_000) * decaying(n, 0.07) * 0.3
    skin = modes([186, 331], [0.5, 0.25], [0.06, 0.04])
    return mixed(samples(wires), skin)


def gated_snare(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """A large room that is shut after a quarter of a second."""
    n = count(0.34)
    room = noise(rng, n, 400, 8_000) * 0.26 * np.minimum(1, (n - np.arange(n)) / (0.05 * RATE))
    skin = modes([170, 300], [0.7, 0.3], [0.09, 0.05])
    return mixed(samples(room * decaying(n, 0.5, 0.002)), skin)


def brush(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    n = count(0.22)
    return samples(noise(rng, n, 1_200, 7_000) * decaying(n, 0.05, 0.02) * 0.2)


def hat(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    return _hiss(rng, 0.12, 0.025, 7_000, 15_000, 0.18)


def open_hat(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    return _hiss(rng, 0.5, 0.14, 6_500, 15_000, 0.18)


def shaker(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    n = count(0.12)
    return samples(noise(rng, n, 4_500, 11_000) * decaying(n, 0.03, 0.025) * 0.22)


def clap(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """Four hands, not at once."""
    n = count(0.3)
    hands: Curve = np.zeros(n)
    for late, decay_s in ((0.0, 0.008), (0.011, 0.008), (0.021, 0.008), (0.03, 0.08)):
        start = count(late)
        hands[start:] += decaying(n - start, decay_s, 0.0008)
    return samples(noise(rng, n, 800, 5_000) * hands * 0.28)


def rim(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """A stick on the hoop."""
    return modes([1_720, 2_480, 480], [0.4, 0.25, 0.3], [0.012, 0.009, 0.02])


def tom(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """Tuned: a drum of any size."""
    n = count(0.5)
    swept = hz * (1 + 0.5 * np.exp(-np.arange(n) / RATE / 0.05))
    return samples(sine(phase(swept, n)) * decaying(n, 0.13) * 0.7)


def ride(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """A cymbal's stick and its wash."""
    tones = 420 * np.sort(rng.uniform(1, 24, 40))
    wash = modes(tones, 0.05 * rng.uniform(0.3, 1, 40), rng.uniform(0.1, 0.5, 40))
    return mixed(wash, _hiss(rng, 0.6, 0.12, 5_000, 14_000, 0.05), modes([3_150], [0.12], [0.03]))


def chip_drum(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """Noise of one bit; a higher pitch is a thinner one."""
    n = count(0.16)
    each = max(1, round(RATE / (hz * 24)))
    bits = np.repeat(rng.choice([-1.0, 1.0], n // each + 1), each)[:n]
    stairs = np.ceil(15 * decaying(n, 0.035)) / 15
    return samples(0.3 * bits * stairs * np.minimum(1, (n - np.arange(n)) / 200))


def crackle(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """A record that was played often; as long as the note."""
    n = count(seconds)
    dust: Curve = np.zeros(n)
    places = rng.integers(0, n, int(9 * seconds))
    dust[places] = rng.standard_normal(len(places)) * rng.uniform(0.2, 1, len(places))
    click = decaying(64, 0.0003, 0.0001)
    surface = noise(rng, n, 300, 6_000) * 0.012
    whole = surface + 1.4 * np.convolve(dust, click)[:n]
    edge = np.minimum(1, np.minimum(np.arange(n), n - np.arange(n)) / (0.3 * RATE))
    return samples(whole * edge)


def _membrane(
    rng: np.random.Generator,
    seconds: float,
    hz: float,
    above_hz: float,
    fall_s: float,
    decay_s: float,
    click: float,
) -> Samples:
    n = count(seconds)
    swept = hz + above_hz * np.exp(-np.arange(n) / RATE / fall_s)
    body = sine(phase(swept, n)) * decaying(n, decay_s, 0.002)
    stick = noise(rng, n, 1_500, 8_000) * decaying(n, 0.004) * click * 0.4
    end = np.minimum(1, (n - np.arange(n)) / (0.03 * RATE))
    return samples((body + stick) * end)


def _hiss(
    rng: np.random.Generator, seconds: float, decay_s: float, low_hz: float, high_hz: float, loud: float
) -> Samples:
    n = count(seconds)
    return samples(noise(rng, n, low_hz, high_hz) * decaying(n, decay_s) * loud)
