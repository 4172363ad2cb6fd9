"""What is struck: piano, electric piano, vibraphone, music box, bells, gongs.

Each is a set of modes with their frequencies, strengths and times, as measured of such bars and strings; a
harder stroke has more of the high ones. Knows how one note sounds. Does not know who plays it.
"""

from typing import Final

import numpy as np

from collab.music.pieces.wave import (
    Samples,
    count,
    decaying,
    let_go,
    mixed,
    modes,
    noise,
    phase,
    samples,
    sine,
    times,
)

_PIANO_PARTIALS: Final = 22
# Of a church bell: hum, prime, tierce, quint, nominal and above.
_BELL: Final = np.array([0.5, 1.0, 1.19, 1.5, 2.0, 2.51, 2.66, 3.01, 4.17, 5.43])
_BELL_LOUD: Final = np.array([0.35, 0.7, 0.55, 0.25, 0.8, 0.3, 0.25, 0.25, 0.2, 0.1])


def piano(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """Stiff strings, two for each note and not quite alike, so that the tone lives while it fades."""
    numbers = np.arange(1, _PIANO_PARTIALS + 1)
    stretched = hz * numbers * np.sqrt(1 + 0.0003 * (hz / 220) * numbers**2)
    hammer = np.abs(np.sin(np.pi * numbers / 7.3)) + 0.08
    loud = hammer * numbers**-0.9 * np.exp(-numbers * (0.34 - 0.22 * velocity) * (hz / 330) ** 0.3)
    decay = 2.2 * (220 / hz) ** 0.55 / (1 + 0.16 * (numbers - 1))
    strings = modes(
        np.concatenate((stretched - 0.22, stretched + 0.23)),
        np.concatenate((loud, 0.55 * loud)),
        np.concatenate((decay, 1.7 * decay)),
        seconds + 1.0,
    )
    n = count(0.06)
    thump = noise(rng, n, 60, 1_400) * decaying(n, 0.012, 0.002) * (0.05 + 0.1 * velocity)
    return let_go(mixed(0.5 * strings, samples(thump)), seconds, 0.16)


def electric_piano(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """A tine before a pickup, by frequency modulation (Chowning), with a slow tremolo."""
    n = count(min(seconds + 0.5, 5.0))
    t = times(n)
    bark = (0.5 + 1.5 * velocity) * decaying(n, 0.5)
    body = np.sin(2 * np.pi * hz * t + bark * np.sin(2 * np.pi * hz * t))
    tine = 0.22 * velocity * np.sin(2 * np.pi * 14.02 * hz * t) if 14 * hz < 15_000 else np.zeros(n)
    tone = (body * decaying(n, 1.5, 0.003) + tine * decaying(n, 0.08)) * (
        1 + 0.16 * np.sin(2 * np.pi * 4.1 * t)
    )
    return let_go(samples(0.6 * tone), seconds, 0.07)


def vibraphone(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """A tuned bar: its second mode is two octaves above; a motor opens and closes the resonators."""
    bar = modes([hz, 3.98 * hz, 9.9 * hz], [0.8, 0.16 + 0.2 * velocity, 0.12 * velocity], [1.5, 0.35, 0.07])
    motor = 1 + 0.28 * np.sin(2 * np.pi * 5.6 * times(len(bar)))
    return let_go(samples(bar * motor), seconds + 0.15, 0.12)


def music_box(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """A steel tongue, clamped at one end: 1, 6.27, 17.5; what it is screwed on rings along an octave up."""
    tongue = modes(
        [hz, hz * 1.0013, 2.003 * hz, 6.27 * hz, 17.5 * hz],
        [0.5, 0.3, 0.16, 0.24 * velocity, 0.1 * velocity],
        [0.62, 0.5, 0.3, 0.09, 0.02],
    )
    n = count(0.012)
    pin = noise(rng, n, 2_500, 12_000) * decaying(n, 0.002) * 0.08
    return mixed(tongue, samples(pin))


def bell(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """Large and far away; `hz` is the note that one hears, an octave above the hum."""
    decay = np.array([5.5, 3.6, 3.0, 2.2, 2.4, 1.2, 1.0, 0.9, 0.5, 0.3]) * (330 / hz) ** 0.4
    tilt = _BELL ** (-0.9 + 0.6 * velocity)
    tones = np.concatenate((_BELL * hz, _BELL[:5] * hz * 1.0016))
    return 0.4 * modes(
        tones, np.concatenate((_BELL_LOUD * tilt, 0.4 * _BELL_LOUD[:5])), np.concatenate((decay, decay[:5]))
    )


def metallophone(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """A pair of bronze bars, tuned some cycles apart so that each note shimmers, as on Bali."""
    beating = 5.5
    ratios = np.array([1.0, 2.74, 5.37, 8.9])
    loud = np.array([0.7, 0.3, 0.2, 0.1]) * np.array([1, 0.6 + velocity, velocity, velocity])
    decay = np.array([1.1, 0.35, 0.12, 0.05]) * (500 / hz) ** 0.35
    pair = np.concatenate((ratios * hz, ratios * hz + beating))
    bars = modes(pair, np.tile(loud, 2), np.tile(decay, 2))
    return let_go(0.5 * bars, seconds + 0.1, 0.12)


def gong(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """A great gong: a tone that swells after the stroke and beats slowly."""
    ratios = np.array([1.0, 1.006, 1.49, 2.0, 2.02, 2.71, 3.4])
    tone = modes(ratios * hz, [0.7, 0.5, 0.2, 0.35, 0.2, 0.12, 0.08], [3.4, 3.4, 1.4, 1.6, 1.6, 0.6, 0.4])
    swell = 1 - 0.6 * np.exp(-times(len(tone)) / 0.09)
    return samples(tone * swell)


def glockenspiel(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """High and small; also what a far light sounds like."""
    return modes([hz, 2.76 * hz, 5.4 * hz], [0.7, 0.22 * velocity, 0.1 * velocity], [0.9, 0.25, 0.08])


def log_drum(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """Wood, hollow and short."""
    return modes([hz, 1.99 * hz, 3.9 * hz], [0.9, 0.2, 0.15 * velocity], [0.12, 0.07, 0.03])


def tone(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """A soft sine, for what should be felt rather than heard."""
    n = count(seconds + 0.2)
    return let_go(samples(sine(phase(hz, n)) * decaying(n, 4.0, 0.02)), seconds, 0.05)
