"""When a frame of the recording was played, by the machine's own clock.

The tap says which frame it is at, and the page stamps when it hears so: late by whatever else the machine
did, but never early. So the least lateness within a second is the device's own; and where that changes for
good, the device stood still. Knows frames and stamps. Does not know sounds.
"""

import itertools
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

# Within this, some stamp is on time even on a busy machine.
LEAST_OF_MS: Final = 1_000.0
# What changes by less is the machine, which is late now and then.
STILL_MS: Final = 4.0
# How much the least lateness of a second is off.
NOISE_MS: Final = 0.5
# In this time a device's own clock gains nothing that matters.
STEADY_MS: Final = 30_000.0


@dataclass(frozen=True, slots=True)
class Stall:
    """The device stood still for so long at `at_ms`, before it played `frame`. Less than 0: it went on before
    what it held was over, and that much was lost."""

    frame: float
    at_ms: float
    lasts_ms: float


class DeviceTime:
    """From stamps: `frames`, ascending, and the `ms` at which each was heard of."""

    def __init__(self, frames: Numbers, ms: Numbers, rate: int) -> None:
        assert len(frames) > 0, "a tap that runs stamps"
        self._ms_per_frame = 1000 / rate
        late = ms - frames * self._ms_per_frame
        bounds = _believed([0, *_cuts(ms, late), len(frames)], ms, late)
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
    """The first stamps after each time that the device may have stood still."""
    before = _least_before(ms, late)
    after = _least_before(-ms[::-1], late[::-1])[::-1]
    # Stamp by stamp: the least of the second that begins with it, over that of the second before it.
    rises = np.concatenate([[0.0], after[1:] - before[:-1]])
    # The first and the last ones have too few on one side to say.
    says = (ms > ms[0] + LEAST_OF_MS) & (ms < ms[-1] - LEAST_OF_MS)
    cuts = []
    for sign in (1, -1):
        above = np.flatnonzero((sign * rises > STILL_MS) & says)
        for group in np.split(above, np.flatnonzero(np.diff(above) > 1) + 1):
            if len(group) > 0:
                # A rise is seen in full from where nothing earlier comes; a fall, until something did.
                steps = sign * rises[group]
                whole = group[steps > steps.max() - NOISE_MS]
                cuts.append(int(whole[0] if sign > 0 else whole[-1]))
    return sorted(set(cuts))


def _believed(bounds: list[int], ms: Numbers, late: Numbers) -> list[int]:
    """Without those at which, looked at from further away, nothing changed."""
    while len(bounds) > 2:
        around = zip(bounds, bounds[1:], bounds[2:], strict=False)
        steps = [_step(start, cut, end, ms, late) for start, cut, end in around]
        least = int(np.argmin(steps))
        if steps[least] > STILL_MS:
            break
        del bounds[least + 1]
    return bounds


def _step(start: int, cut: int, end: int, ms: Numbers, late: Numbers) -> float:
    """How much the least lateness differs before and after a cut."""
    near = np.searchsorted(ms, (ms[cut] - STEADY_MS / 2, ms[cut] + STEADY_MS / 2))
    before, after = late[max(start, near[0]) : cut], late[cut : min(end, near[1])]
    return float(abs(after.min() - before.min()))


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
