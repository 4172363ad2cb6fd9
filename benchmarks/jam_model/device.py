"""A listener's device: a clock that is a little wrong, and a player that is a little wrong by that clock."""

from math import copysign, floor, sqrt
from random import Random

PPM = 1e-6
SKEW_PPM = 50.0
WANDER_PPM_PER_ROOT_MINUTE = 0.1
QUANTUM_MS = 0.1
SET_WRONG_BY_MS = 3_600_000.0
DEVICE_PPM = 50.0
START_SD_MS = 30.0
STALL_EVERY_MS = 600_000.0
STALL_MS = (10.0, 120.0)
READ_SD_MS = 2.0
SEEK_SD_MS = 2.0
_STEP_MS = 1_000.0


class Clock:
    """What the device takes for the time, in ms; its rate wanders, once a second."""

    def __init__(self, random: Random, until_ms: float, *, skews_fully: bool = False) -> None:
        skew = random.uniform(-SKEW_PPM, SKEW_PPM)
        if skews_fully:
            skew = copysign(SKEW_PPM, skew)
        self._rates: list[float] = []
        self._starts = [random.uniform(-SET_WRONG_BY_MS, SET_WRONG_BY_MS)]
        wander = WANDER_PPM_PER_ROOT_MINUTE * sqrt(_STEP_MS / 60_000)
        for _ in range(int(until_ms / _STEP_MS) + 60):
            self._rates.append(1 + skew * PPM)
            self._starts.append(self._starts[-1] + _STEP_MS * self._rates[-1])
            skew += random.gauss(0, wander)

    def exact_ms(self, true_ms: float) -> float:
        step = int(true_ms / _STEP_MS)
        return self._starts[step] + (true_ms - step * _STEP_MS) * self._rates[step]

    def read_ms(self, true_ms: float) -> float:
        """As a program may read it."""
        return floor(self.exact_ms(true_ms) / QUANTUM_MS) * QUANTUM_MS


class Player:
    """Plays from true time 0, where position 0 should be heard. It stalls now and then; what it says of its
    position and where it lands after a seek are wrong by some ms."""

    def __init__(self, random: Random, clock: Clock) -> None:
        self._random = random
        self._clock = clock
        self._device = 1 + random.uniform(-DEVICE_PPM, DEVICE_PPM) * PPM
        self._at_ms = clock.exact_ms(0)
        self._stalls_ms = random.expovariate(1 / STALL_EVERY_MS)
        self.position_ms = random.gauss(0, START_SD_MS)
        self.rate = 1.0
        # When it last stalled; the start counts as one.
        self.stalled_ms = 0.0

    def play(self, true_ms: float) -> None:
        """Plays on until then."""
        now_ms = self._clock.exact_ms(true_ms)
        self.position_ms += (now_ms - self._at_ms) * self._device * self.rate
        self._at_ms = now_ms
        while self._stalls_ms <= true_ms:
            self.stalled_ms = self._stalls_ms
            self.position_ms -= self._random.uniform(*STALL_MS)
            self._stalls_ms += self._random.expovariate(1 / STALL_EVERY_MS)

    def read_ms(self) -> float:
        return self.position_ms + self._random.gauss(0, READ_SD_MS)

    def seek(self, position_ms: float) -> None:
        """Goes on from there, or near it, as of now."""
        self.position_ms = position_ms + self._random.gauss(0, SEEK_SD_MS)
