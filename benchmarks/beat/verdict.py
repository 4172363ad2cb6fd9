"""Whether people heard the same beat: how far apart they were, how soon in place, and what jumped.

From what was heard when, and what the Jam's timeline says should have been. Pure. Knows no recordings, pages
or clocks: all times are ms of one true clock.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.beat.device_time import Numbers, Stall
from benchmarks.beat.silence import BLOCK_MS
from benchmarks.beat.tracks import Track

# How often everybody's place is compared.
LOOK_EVERY_MS: Final = 50.0
# Between two readings that are further apart nobody knows.
READINGS_APART_MS: Final = 120.0
# So long after a start everybody should be in place, and is compared from then on.
SETTLED_MS: Final = 2_000.0
# In place is who is within the controller's own bound, and stays there for a second.
IN_PLACE_MS: Final = 8.0
STAYS_MS: Final = 1_000.0
# An end is not quite sharp: the timeline is read now and then, and songs are faded.
EDGE_MS: Final = 150.0
# What is shorter is no gap but a song that began so late. What is louder than LOUD is no silence.
GAP_LEAST_MS: Final = 20.0
LOUD: Final = 0.002
# What ears notice.
JUMP_MS: Final = 8.0
RATE_MOST: Final = 0.005
# Readings and clocks (50 ppm) make half a percent look like a little more.
RATE_SLACK: Final = 0.0003
RATE_OVER_MS: Final = 500.0
# What is heard first of a part; and how long after a stall nobody expects to be in place.
FIRST_MS: Final = 300.0
RECOVERS_MS: Final = 5_000.0
# After a stall the controller has three readings to believe it, and five seconds after a splice it may again.
STALL_EXCUSES_MS: Final = 12_000.0


@dataclass(frozen=True, slots=True)
class Part:
    """From `from_ms` until `until_ms` the timeline wants `track` to be heard, first of all `position_ms`."""

    track: int
    position_ms: float
    from_ms: float
    until_ms: float

    def later(self, from_ms: float) -> "Part":
        """The rest of it."""
        return replace(self, from_ms=from_ms, position_ms=self.position_ms + from_ms - self.from_ms)


@dataclass(frozen=True, slots=True)
class Course:
    """What one listener heard: at `ms`, `position_ms` of `track`; `played_ms` is the device's own time, which
    stands still when the device does."""

    ms: Numbers
    track: Numbers
    position_ms: Numbers
    played_ms: Numbers
    stalls: Sequence[Stall] = ()

    def of(self, part: Part) -> "Course":
        """What was heard of a part, without its edges."""
        is_timely = (self.ms >= part.from_ms) & (self.ms < part.until_ms - EDGE_MS)
        return self._where(is_timely & (self.track == part.track))

    def only(self, track: int) -> "Course":
        """What was heard of a track."""
        return self._where(self.track == track)

    def _where(self, is_in: NDArray[np.bool_]) -> "Course":
        return Course(
            self.ms[is_in], self.track[is_in], self.position_ms[is_in], self.played_ms[is_in], self.stalls
        )

    def recovers(self, looks: Numbers) -> NDArray[np.bool_]:
        """At which of these the device had just stood still."""
        recovers = np.zeros(len(looks), np.bool_)
        for stall in self.stalls:
            recovers |= (looks >= stall.at_ms) & (looks < stall.at_ms + RECOVERS_MS)
        return recovers

    def stood_still(self, since_ms: float, until_ms: float) -> bool:
        return any(since_ms <= stall.at_ms < until_ms for stall in self.stalls)

    @property
    def ahead_ms(self) -> Numbers:
        """The position, less the time: the same for all who are together."""
        return self.position_ms - self.ms

    def ahead_at(self, looks: Numbers) -> Numbers:
        """`ahead_ms` at these times; nan where nothing was heard near them."""
        if len(self.ms) == 0:
            return np.full(len(looks), np.nan)
        found = np.interp(looks, self.ms, self.ahead_ms, left=np.nan, right=np.nan)
        after = np.searchsorted(self.ms, looks).clip(1, max(1, len(self.ms) - 1))
        if len(self.ms) > 1:
            found[self.ms[after] - self.ms[after - 1] > READINGS_APART_MS] = np.nan
        return found


@dataclass(frozen=True, slots=True)
class Looks:
    """What was seen at each look, ms: `calm`, and when a device in question had `stalled` just before."""

    calm_ms: Numbers
    stalled_ms: Numbers

    def __len__(self) -> int:
        return len(self.calm_ms) + len(self.stalled_ms)


def apart(courses: Sequence[Course], parts: Sequence[Part]) -> Looks:
    """How far any two were from each other, whenever both were heard and had had time to settle."""
    found = []
    for part in parts:
        looks = _looks(part)
        places = [(course.of(part).ahead_at(looks), course.recovers(looks)) for course in courses]
        for (one, is_recovering), (other, recovers_too) in itertools.combinations(places, 2):
            found.append((np.abs(one - other), is_recovering | recovers_too))
    return _sorted_out(found)


def astray(course: Course, parts: Sequence[Part]) -> Looks:
    """How far one was ahead of the timeline, at every look after it had had time to settle."""
    found = []
    for part in parts:
        looks = _looks(part)
        errors = course.of(part).ahead_at(looks) - (part.position_ms - part.from_ms)
        found.append((errors, course.recovers(looks)))
    return _sorted_out(found)


def _looks(part: Part) -> Numbers:
    return np.arange(part.from_ms + SETTLED_MS, part.until_ms - EDGE_MS, LOOK_EVERY_MS)


def _sorted_out(found: Sequence[tuple[Numbers, NDArray[np.bool_]]]) -> Looks:
    """Without those at which nothing was heard."""
    seen = np.concatenate([np.zeros(0), *(values for values, _ in found)])
    has_stalled = np.concatenate([np.zeros(0, np.bool_), *(recovers for _, recovers in found)])
    is_known = ~np.isnan(seen)
    return Looks(seen[is_known & ~has_stalled], seen[is_known & has_stalled])


def heard_share(course: Course, parts: Sequence[Part]) -> float:
    """Of the looks at which something should have been heard, at how many the right track was."""
    looks = sum(len(_looks(part)) for part in parts)
    return len(astray(course, parts)) / looks if looks else 1.0


def locks_ms(course: Course, parts: Sequence[Part]) -> list[float]:
    """How long after the start of each part the listener was in place, and stayed; its length if never."""
    found = []
    for part in parts:
        if part.until_ms - part.from_ms < SETTLED_MS + STAYS_MS:
            continue
        heard = course.of(part)
        is_astray = np.abs(heard.ahead_ms - (part.position_ms - part.from_ms)) > IN_PLACE_MS
        locked_ms = part.until_ms
        for ms in heard.ms:
            near = (heard.ms >= ms) & (heard.ms < ms + STAYS_MS)
            if not is_astray[near].any() and np.count_nonzero(near) > 1:
                locked_ms = float(ms)
                break
        found.append(locked_ms - part.from_ms)
    return found


def recoveries_ms(course: Course, parts: Sequence[Part]) -> list[float]:
    """How long after each stall during the music the listener was in place again, and stayed."""
    found = []
    for stall in course.stalls:
        for part in parts:
            if part.from_ms + SETTLED_MS <= stall.at_ms < part.until_ms - SETTLED_MS:
                found += locks_ms(course, [part.later(stall.at_ms)])
    return found


def starts_apart_ms(courses: Sequence[Course], parts: Sequence[Part]) -> list[float]:
    """For each part how far the two were apart that were furthest, in what was heard first of it; FIRST_MS if
    somebody heard nothing yet. Whose device had just stood still is not counted."""
    found = []
    for part in parts:
        if part.until_ms - part.from_ms < FIRST_MS + EDGE_MS:
            continue
        first = []
        since_ms, until_ms = part.from_ms - RECOVERS_MS, part.from_ms + FIRST_MS
        present = [course for course in courses if not course.stood_still(since_ms, until_ms)]
        for course in present:
            heard = course.of(part)
            early = heard.ahead_ms[heard.ms < until_ms]
            first += [float(np.median(early))] if len(early) > 0 else []
        if first and len(present) > 1:
            found.append(max(first) - min(first) if len(first) == len(present) else FIRST_MS)
    return found


def gaps_ms(
    silences_ms: Sequence[tuple[float, float]], parts: Sequence[Part], tracks: Sequence[Track]
) -> list[float]:
    """How long each silence lasted, as far as the timeline wanted something to be heard meanwhile."""
    found = []
    for since_ms, until_ms in silences_ms:
        wanted_ms = 0.0
        for part in parts:
            start_ms, end_ms = max(since_ms, part.from_ms), min(until_ms, part.until_ms)
            if end_ms > start_ms:
                wanted_ms += _loud_ms(tracks[part.track], part.position_ms - part.from_ms, start_ms, end_ms)
        if wanted_ms > GAP_LEAST_MS:
            found.append(wanted_ms)
    return found


def _loud_ms(track: Track, ahead_ms: float, start_ms: float, end_ms: float) -> float:
    """How much of this time the track is not silent."""
    frames = [int((ms + ahead_ms) * track.rate / 1000) for ms in (start_ms, end_ms)]
    samples = track.samples[max(0, frames[0]) : max(0, frames[1])]
    block = track.rate * BLOCK_MS // 1000
    blocks = samples[: len(samples) // block * block].reshape(-1, block)
    return float(np.count_nonzero(np.sqrt(np.mean(blocks**2, axis=1)) > LOUD) * BLOCK_MS)


@dataclass(frozen=True, slots=True)
class Correction:
    """Something that ears notice: the music jumped by so much, or (`by_ms` 0) was too fast or too slow.
    `is_excused`: the device had stood still."""

    at_ms: float
    by_ms: float
    is_excused: bool


def corrections(course: Course, parts: Sequence[Part]) -> list[Correction]:
    """Those after everybody had had time to settle."""
    return [found for part in parts for found in _in_part(course.of(part), part)]


def _in_part(heard: Course, part: Part) -> Iterator[Correction]:
    # In the device's own time: while it stands still, nothing jumps in the music.
    ahead = heard.position_ms - heard.played_ms
    settled = heard.ms >= part.from_ms + SETTLED_MS
    jumps = np.flatnonzero((np.abs(np.diff(ahead)) > JUMP_MS) & settled[1:])
    last_ms = -np.inf
    for index in jumps:
        at_ms = float(heard.ms[index + 1])
        # A jump that is seen in two readings is one.
        if at_ms > last_ms + RATE_OVER_MS:
            yield Correction(at_ms, float(ahead[index + 1] - ahead[index]), _excused(heard, at_ms))
        last_ms = at_ms
    edges = [0, *(jumps + 1), len(ahead)]
    for start, end in itertools.pairwise(edges):
        if end - start > 1:
            yield from _too_fast(heard, ahead, slice(start, end), part.from_ms + SETTLED_MS)


def _too_fast(heard: Course, ahead: Numbers, piece: slice, from_ms: float) -> Iterator[Correction]:
    ms, place = heard.ms[piece], ahead[piece]
    looks = np.arange(max(ms[0], from_ms), ms[-1] - RATE_OVER_MS, RATE_OVER_MS)
    gained = np.interp(looks + RATE_OVER_MS, ms, place) - np.interp(looks, ms, place)
    was_fast = False
    for at_ms, rate in zip(looks, np.abs(gained) / RATE_OVER_MS, strict=True):
        is_fast = bool(rate > RATE_MOST + RATE_SLACK)
        if is_fast and not was_fast:
            yield Correction(float(at_ms), 0.0, _excused(heard, float(at_ms)))
        was_fast = is_fast


def _excused(heard: Course, at_ms: float) -> bool:
    return heard.stood_still(at_ms - STALL_EXCUSES_MS, at_ms)
