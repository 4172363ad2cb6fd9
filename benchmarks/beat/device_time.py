"""When a frame of the recording was played, by the machine's own clock.

The tap says which frame it is at, and the page stamps when it hears so: late by whatever else the machine
did, but never early. So the least lateness within a second is the device's own; and as a device does not run
backwards, it stood still where that grows. Knows frames and stamps. Does not know sounds.
"""

import itertools
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

# Within this, some stamp is on time even on a busy machine.
LEAST_OF_MS: Final = 1_000.0
# A device gets a buffer of 10 ms at a time; what is less is the machine, which is late.
STILL_MS: Final = 4.0
# Between two still stands, what the device's own clock gains in this time is nothing.
STEADY_MS: Final = 30_000.0


@dataclass(frozen=True, slots=True)
class Stall:
    """The device stood still for so long, from `frame` on, which it played at `at_ms`."""

    frame: float
    at_ms: float
    lasts_ms: float


class DeviceTime:
    """From stamps: `frames`, ascending, and the `ms` at which each was heard of."""

    def __init__(self, frames: Numbers, ms: Numbers, rate: int) -> None:
        assert len(frames) > 0, "a tap that runs stamps"
        self._ms_per_frame = 1000 / rate
        late = ms - frames * self._ms_per_frame
        cuts = [cut for cut in _cuts(ms, late) if _rise(late, cut, ms) > STILL_MS]
        bounds = [0, *cuts, len(frames)]
        # A place each second, by the least lateness around it on this side of a still stand.
        self._frames: list[float] = []
        self._late: list[float] = []
        stalls: list[Stall] = []
        for start, end in itertools.pairwise(bounds):
            places, least = _steady(frames[start:end], ms[start:end], late[start:end])
            if self._late:
                at_ms = frames[start] * self._ms_per_frame + self._late[-1]
                stalls.append(Stall(float(frames[start]), float(at_ms), least[0] - self._late[-1]))
                # A step, not a slope.
                self._frames.append(float(frames[start]) - 0.5)
                self._late.append(self._late[-1])
            self._frames += places
            self._late += least
        self.stalls = tuple(stalls)

    def at_ms(self, frames: Numbers) -> Numbers:
        """When these were played."""
        return frames * self._ms_per_frame + np.interp(frames, self._frames, self._late)


def _cuts(ms: Numbers, late: Numbers) -> list[int]:
    """The first stamps after each time that the device stood still."""
    before = _least_before(ms, late)
    after = _least_before(-ms[::-1], late[::-1])[::-1]
    # Stamp by stamp: the least of the second that begins with it, over that of the second before it.
    rises = np.concatenate([[0.0], after[1:] - before[:-1]])
    cuts = []
    # The last ones have too few after them to say.
    above = np.flatnonzero((rises > STILL_MS) & (ms < ms[-1] - LEAST_OF_MS))
    for group in np.split(above, np.flatnonzero(np.diff(above) > 1) + 1):
        if len(group) > 0:
            # A little earlier some stamps are late, too: it was where the lateness jumped.
            near = range(group[0], group[0] + len(group) // 4 + 1)
            cuts.append(max(near, key=lambda index: float(late[index] - late[index - 1])))
    return cuts


def _rise(late: Numbers, cut: int, ms: Numbers) -> float:
    """How much later everything is after a cut than before it."""
    start, end = np.searchsorted(ms, (ms[cut] - STEADY_MS / 2, ms[cut] + STEADY_MS / 2))
    return float(late[cut:end].min() - late[start:cut].min())


def _least_before(ms: Numbers, late: Numbers) -> Numbers:
    """The least of the second that ends with each stamp."""
    least = np.empty_like(late)
    starts = np.searchsorted(ms, ms - LEAST_OF_MS)
    queue: list[int] = []
    head = 0
    for index, value in enumerate(late):
        while len(queue) > head and late[queue[-1]] >= value:
            queue.pop()
        queue.append(index)
        while queue[head] < starts[index]:
            head += 1
        least[index] = late[queue[head]]
    return least


def _steady(frames: Numbers, ms: Numbers, late: Numbers) -> tuple[list[float], list[float]]:
    """The device's lateness once a second, between two still stands."""
    places: list[float] = []
    least: list[float] = []
    for at_ms in np.arange(ms[0], ms[-1] + LEAST_OF_MS, LEAST_OF_MS):
        near = slice(*np.searchsorted(ms, (at_ms - STEADY_MS / 2, at_ms + STEADY_MS / 2)))
        places.append(float(np.interp(at_ms, ms, frames)))
        least.append(float(late[near].min()))
    return places, least
