"""What is given to an audio device, sample by sample.

A device asks for so many samples whenever it wants; here they are made, so that a song starts at the very
sample that was asked for, plays at the rate that was asked for, and goes on elsewhere by a cross-fade. Knows
samples and when the device asked. Does not know devices, nor threads: whoever does calls one at a time.

When the device asks jitters; how fast it plays does not. So the time of a sample is reckoned from the number
of samples given, and only slowly drawn towards when the device asked.
"""

from array import array
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

Samples: TypeAlias = "array[int]"

SAMPLE_RATE: Final = 44_100
FADE_SAMPLES: Final = SAMPLE_RATE * 20 // 1000
# By at least so much of the difference is the reckoning drawn towards each asking, and at first by more: a
# device begins by asking for all that it can hold. Beyond the limit, it has stood still.
DRAWN: Final = 0.02
STOOD_MS: Final = 60.0

_LOUDEST: Final = 32_767


@dataclass(frozen=True, slots=True)
class Wave:
    """Samples of one channel, 16 bits each, at `SAMPLE_RATE`; one that `loops` begins again at its end."""

    samples: Samples
    loops: bool = False


@dataclass(slots=True)
class _Voice:
    """A wave that plays: the next sample to give is `at`, each step is `rate` samples long."""

    wave: Wave
    at: float
    rate: float = 1.0

    def take(self, count: int) -> list[int]:
        samples, length = self.wave.samples, len(self.wave.samples)
        places = [int(self.at + step * self.rate) for step in range(count)]
        self.at += count * self.rate
        if self.wave.loops:
            return [samples[place % length] for place in places]
        return [samples[place] if 0 <= place < length else 0 for place in places]


@dataclass(slots=True)
class _Pending:
    voice: _Voice
    at_ms: float


class Mixer:
    """See the module. Times are ms of any clock that does not step back."""

    def __init__(self) -> None:
        self._voice: _Voice | None = None
        self._leaving: _Voice | None = None
        self._faded = 0
        self._pending: _Pending | None = None
        # The next sample to be given is due at this time.
        self._due_ms: float | None = None
        self._asked = 0

    def start(self, wave: Wave, position_ms: float, at_ms: float, now_ms: float) -> None:
        """As `Player.start`."""
        voice = _Voice(wave, _samples(position_ms))
        due_ms = now_ms if self._due_ms is None else self._due_ms
        if at_ms > due_ms:
            self._pending = _Pending(voice, at_ms)
            return
        voice.at += _samples(due_ms - at_ms)
        self._pending = None
        self._replace(voice)

    def stop(self) -> None:
        self._pending = None
        self._replace(None)

    def set_rate(self, rate: float) -> None:
        if self._voice is not None:
            self._voice.rate = rate

    def splice(self, position_ms: float, rate: float, now_ms: float) -> None:
        """Goes on at what is `position_ms` at `now_ms`, cross-faded."""
        if self._voice is not None:
            ahead_ms = 0.0 if self._due_ms is None else self._due_ms - now_ms
            self._replace(_Voice(self._voice.wave, _samples(position_ms + ahead_ms * rate), rate))

    def position_ms(self, now_ms: float) -> float | None:
        """What is given to the device at this moment; None while nothing is."""
        if self._voice is None or self._due_ms is None:
            return None
        return self._voice.at * 1000 / SAMPLE_RATE - (self._due_ms - now_ms) * self._voice.rate

    def fill(self, count: int, now_ms: float) -> Samples:
        """The next so many samples, asked for at `now_ms`."""
        due_ms = now_ms if self._due_ms is None else self._due_ms
        if abs(now_ms - due_ms) > STOOD_MS:
            due_ms, self._asked = now_ms, 0
        self._asked += 1
        due_ms += max(DRAWN, 1 / self._asked) * (now_ms - due_ms)
        given: list[int] = []
        pending = self._pending
        if pending is not None and pending.at_ms < due_ms + _ms(count):
            before = min(max(0, round(_samples(pending.at_ms - due_ms))), count)
            given = self._mixed(before)
            pending.voice.at += _samples(max(0.0, due_ms - pending.at_ms))
            self._pending = None
            self._replace(pending.voice)
        given += self._mixed(count - len(given))
        self._due_ms = due_ms + _ms(count)
        return array("h", given)

    def _replace(self, voice: _Voice | None) -> None:
        self._leaving = None if self._voice is None else replace(self._voice)
        self._voice, self._faded = voice, 0

    def _mixed(self, count: int) -> list[int]:
        """The voice, and for a moment the one before it."""
        given = [0] * count if self._voice is None else self._voice.take(count)
        if self._leaving is None:
            return given
        fading = min(count, FADE_SAMPLES - self._faded)
        leaving = self._leaving.take(fading)
        for number in range(fading):
            share = (self._faded + number) / FADE_SAMPLES
            given[number] = int(given[number] * share + leaving[number] * (1 - share))
        self._faded += fading
        if self._faded == FADE_SAMPLES:
            self._leaving = None
        return given


def at_volume(samples: list[float]) -> Samples:
    """From floats within ±1."""
    return array("h", (int(max(-1.0, min(1.0, sample)) * _LOUDEST) for sample in samples))


def _samples(ms: float) -> float:
    return ms * SAMPLE_RATE / 1000


def _ms(samples: float) -> float:
    return samples * 1000 / SAMPLE_RATE
