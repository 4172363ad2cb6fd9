"""Each instrument alone, over the range in which it is used."""

import numpy as np
import pytest

from collab.music.pieces import drums
from collab.music.pieces.compositions import COMPOSITIONS
from collab.music.pieces.orchestra import INSTRUMENTS, sounded
from tests.collab.music.pieces.listening import RATE, Sound

# Of what is meant to be a little out of tune, in cents: a choir of saws, two reeds, a gong that beats.
CENTS_MAX = 13
PITCHES: dict[str, set[int]] = {}
for compose in COMPOSITIONS:
    for part in compose().parts:
        PITCHES.setdefault(part.instrument, set()).update(note.pitch for note in part.notes)


def played(name: str, pitch: int, seconds: float, velocity: float = 0.7) -> Sound:
    return sounded(name, pitch, seconds, velocity, np.random.default_rng(1))


def hertz(pitch: int) -> float:
    return 440 * 2 ** ((pitch - 69) / 12)


def extremes(name: str) -> list[int]:
    return [min(PITCHES[name]), max(PITCHES[name])]


def test_everybody_plays_somewhere() -> None:
    assert PITCHES.keys() == INSTRUMENTS.keys()


@pytest.mark.parametrize("name", sorted(INSTRUMENTS))
def test_a_note_begins_and_ends_without_a_click(name: str) -> None:
    for pitch in extremes(name):
        for seconds in (0.1, 0.7):
            sound = played(name, pitch, seconds)
            peak = float(np.abs(sound).max())
            assert np.isfinite(sound).all()
            assert 0.005 < peak < 2.5
            assert abs(float(sound[0])) < 0.02 * peak
            assert float(np.abs(sound[-4:]).max()) < 0.02 * peak


@pytest.mark.parametrize("name", sorted(name for name in INSTRUMENTS if not hasattr(drums, name)))
def test_what_has_a_pitch_is_in_tune(name: str) -> None:
    for pitch in extremes(name):
        sound = played(name, pitch, 1.5).astype(np.float64)[: 3 * RATE // 2]
        size = 1 << 19
        spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), size))
        cents = np.linspace(-50, 50, 401)
        near = np.interp(hertz(pitch) * 2 ** (cents / 1200), np.fft.rfftfreq(size, 1 / RATE), spectrum)
        assert abs(cents[int(np.argmax(near))]) <= CENTS_MAX, pitch


@pytest.mark.parametrize("name", ["piano", "electric_piano", "guitar", "acid", "pad", "melodica"])
def test_who_plays_louder_sounds_brighter(name: str) -> None:
    pitch = extremes(name)[0]
    soft, loud = (centroid(played(name, pitch, 0.8, velocity)) for velocity in (0.2, 0.9))
    assert loud > 1.05 * soft


def centroid(sound: Sound) -> float:
    power = np.abs(np.fft.rfft(sound)) ** 2
    return float((power * np.fft.rfftfreq(len(sound), 1 / RATE)).sum() / power.sum())
