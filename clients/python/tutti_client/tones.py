"""A sound for every track, made here.

For tracks of which a server has no file: a bar of four beats, with a click that tells whether two devices are
together, and a note by which tracks are told apart. The same on every device. Pure.
"""

from hashlib import sha256
from math import exp, pi, sin
from typing import Final

from tutti_client.mixer import SAMPLE_RATE, Wave, at_volume
from tutti_client.player import Track

BEATS: Final = 4
# A pentatonic scale: any two of its notes go together.
_STEPS: Final = (0, 2, 4, 7, 9, 12)
_LOWEST_HZ: Final = 220.0
_CLICK_HZ: Final = 1_760.0


def tone(track: Track) -> Wave:
    """One bar, that loops."""
    drawn = sha256(str(track["track"]).encode()).digest()
    beat = SAMPLE_RATE * 60 // (90 + drawn[0] % 50)
    samples: list[float] = []
    for number in range(BEATS):
        step = _STEPS[drawn[1 + number] % len(_STEPS)]
        samples += _beat(_LOWEST_HZ * 2 ** (step / 12), beat, is_first=number == 0)
    return Wave(at_volume(samples), loops=True)


def _beat(note_hz: float, length: int, *, is_first: bool) -> list[float]:
    note, click = 2 * pi * note_hz / SAMPLE_RATE, 2 * pi * _CLICK_HZ / SAMPLE_RATE
    loud = 0.4 if is_first else 0.2
    return [
        0.25 * sin(note * number) * exp(-3 * number / length)
        + loud * sin(click * number) * exp(-number / (0.004 * SAMPLE_RATE))
        for number in range(length)
    ]
