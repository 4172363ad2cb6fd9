"""How a player is kept at the right place.

Four times a second the wanted position is compared with the heard one, and the answer is a playback rate that
nobody can hear, or, when the device stalled and the gap is large, a fresh start at the right place. Knows
what ears and audio devices bear. Does not know clocks, timelines or players: positions and `now_ms` are
handed in, decisions are handed back.

    error ── locked ──> 8 ms ──> nudge ──> 30 ms three times running, or 500 ms ──> splice
                └────── < 3 ms <───┘
    start ──> three readings ──> 8 ms ──> splice, once, within the first second
"""

from dataclasses import dataclass
from statistics import median
from typing import TypeAlias

INTERVAL_MS = 250
# In the first two seconds, so that a start that missed is put right before anybody has found the beat.
START_INTERVAL_MS = 100


@dataclass(frozen=True, slots=True)
class DriftTunables:
    """What is inaudible and what devices do, with the reasons. Errors in ms, rates as differences from 1."""

    # A read-out is off by some ms, now and then by much more: the median drops these, the weight smooths.
    window: int = 5
    weight: float = 0.35
    lock_below_ms: float = 3.0
    unlock_above_ms: float = 8.0
    # Slow enough to average the read-out's noise away.
    locked_within_ms: float = 8_000.0
    locked_most: float = 0.001
    # A change of half a percent is an eleventh of a semitone: nobody hears it.
    nudge_within_ms: float = 4_000.0
    nudge_most: float = 0.005
    # The device's own drift is learned about as slowly as the error is taken out.
    base_within_ms: float = 32_000.0
    base_most: float = 0.0003
    # Beyond this a nudge would take too long to be worth hearing an echo of the others.
    splice_above_ms: float = 30.0
    splice_times: int = 3
    splice_at_once_ms: float = 500.0
    # A device that misses a fresh start by this much would miss the next one too; do not stutter.
    splice_apart_ms: float = 5_000.0
    # A start may land 30 ms off. Nudged, that would be heard as an echo for seconds; and what is left after
    # it was put right can be nudged away sooner, while readings still come often.
    start_above_ms: float = 8.0
    start_readings: int = 3
    start_within_ms: float = 1_000.0
    start_nudge_within_ms: float = 1_000.0
    start_nudge_for_ms: float = 2_000.0
    # Safari's media element plays on for a while when its rate is changed, and stutters: it is only sought.
    seek_above_ms: float = 40.0
    seek_times: int = 2
    # After a suspended tab the error of the gap is not the device's drift.
    elapsed_most_ms: float = 1_000.0


@dataclass(frozen=True, slots=True)
class Keep:
    """Play on at this rate, a factor of the timeline's own."""

    rate: float


@dataclass(frozen=True, slots=True)
class Splice:
    """Start a second voice at this position as of now, cross-fade within 20 ms, and go on at this rate."""

    position_ms: float
    rate: float


@dataclass(frozen=True, slots=True)
class Seek:
    """Set the media element to this position as of now."""

    position_ms: float


Decision: TypeAlias = Keep | Splice | Seek


class PlaybackController:
    """Keeps one output of one device. Ask it every `INTERVAL_MS` while it plays.

    `latency_ms` is what the output says of itself, `nudge_ms` what the listener adds by ear for what it does
    not say (a loudspeaker by radio, say): more of either plays earlier. Both may change at any time.
    """

    def __init__(self, *, seek_only: bool = False, tunables: DriftTunables | None = None) -> None:
        self._tunables = tunables or DriftTunables()
        self._seek_only = seek_only
        self._base = 0.0
        self._corrected_ms: float | None = None
        self._started_ms: float | None = None
        self._may_miss = False
        self.latency_ms = 0.0
        self.nudge_ms = 0.0
        self.reset()

    def started(self, now_ms: float) -> None:
        """The player was started at this time. By how much it missed is put right in its first second, once;
        where the place can only be sought, a second try would miss as the first did."""
        self.reset()
        self._started_ms = now_ms
        self._may_miss = not self._seek_only
        self._corrected_ms = None

    def is_starting(self, now_ms: float) -> bool:
        """Whether to ask it every `START_INTERVAL_MS`."""
        return self._is_within(now_ms, self._tunables.start_nudge_for_ms)

    def _is_within(self, now_ms: float, since_start_ms: float) -> bool:
        return self._started_ms is not None and now_ms < self._started_ms + since_start_ms

    def reset(self) -> None:
        """After the player was paused or sought, or started long ago. What is known of the device's drift
        stays."""
        self._recent: list[float] = []
        self._smoothed_ms: float | None = None
        self._decided_ms: float | None = None
        self._far = 0
        self.is_locked = False

    @property
    def error_ms(self) -> float:
        """Wanted less heard, smoothed: above 0 the player is behind. 0 before the first reading."""
        return self._smoothed_ms or 0.0

    @property
    def base(self) -> float:
        """What the device's rate is corrected by when there is no error."""
        return self._base

    def decide(self, now_ms: float, wanted_ms: float, position_ms: float) -> Decision:
        """What the player must do now. `wanted_ms`: where the timeline is; `position_ms`: what the player
        gives to its output at the moment. `now_ms` may be of any clock that does not step back."""
        early_ms = self.latency_ms + self.nudge_ms
        error_ms = wanted_ms + early_ms - position_ms
        smoothed_ms = self._smooth(error_ms)
        elapsed_ms = 0.0 if self._decided_ms is None else now_ms - self._decided_ms
        self._decided_ms = now_ms
        is_too_far = self._is_too_far(error_ms)
        if self._missed_its_start(now_ms):
            self._may_miss = False
        elif is_too_far and self._may_correct(now_ms):
            self._corrected_ms = now_ms
        else:
            return self._keep(now_ms, smoothed_ms, elapsed_ms)
        self.reset()
        place_ms = wanted_ms + early_ms
        return Seek(place_ms) if self._seek_only else Splice(place_ms, 1 + self._base)

    def _keep(self, now_ms: float, smoothed_ms: float, elapsed_ms: float) -> Keep:
        self._lock(abs(smoothed_ms))
        if self._seek_only:
            return Keep(1.0)
        return Keep(1 + self._correction(smoothed_ms, elapsed_ms, is_starting=self.is_starting(now_ms)))

    def _smooth(self, error_ms: float) -> float:
        self._recent = [*self._recent, error_ms][-self._tunables.window :]
        median_ms = median(self._recent)
        if self._smoothed_ms is None:
            self._smoothed_ms = median_ms
        else:
            self._smoothed_ms += self._tunables.weight * (median_ms - self._smoothed_ms)
        return self._smoothed_ms

    def _is_too_far(self, error_ms: float) -> bool:
        """Single readings count here, so that a stall is answered within a second; a wild one is alone, and
        the median does not know it."""
        tunables = self._tunables
        limit_ms, times = tunables.splice_above_ms, tunables.splice_times
        if self._seek_only:
            limit_ms, times = tunables.seek_above_ms, tunables.seek_times
        self._far = self._far + 1 if abs(error_ms) > limit_ms else 0
        return self._far >= times or abs(median(self._recent)) > tunables.splice_at_once_ms

    def _missed_its_start(self, now_ms: float) -> bool:
        tunables = self._tunables
        is_early = self._may_miss and self._is_within(now_ms, tunables.start_within_ms)
        if not is_early or len(self._recent) < tunables.start_readings:
            return False
        return abs(median(self._recent)) > tunables.start_above_ms

    def _may_correct(self, now_ms: float) -> bool:
        return self._corrected_ms is None or now_ms - self._corrected_ms >= self._tunables.splice_apart_ms

    def _lock(self, size_ms: float) -> None:
        if size_ms < self._tunables.lock_below_ms:
            self.is_locked = True
        elif size_ms > self._tunables.unlock_above_ms:
            self.is_locked = False

    def _correction(self, error_ms: float, elapsed_ms: float, *, is_starting: bool) -> float:
        tunables = self._tunables
        if not self.is_locked:
            within_ms = tunables.start_nudge_within_ms if is_starting else tunables.nudge_within_ms
            return _limited(self._base + error_ms / within_ms, tunables.nudge_most)
        passed_ms = min(max(elapsed_ms, 0.0), tunables.elapsed_most_ms)
        learned = error_ms * passed_ms / (tunables.locked_within_ms * tunables.base_within_ms)
        self._base = _limited(self._base + learned, tunables.base_most)
        return _limited(self._base + error_ms / tunables.locked_within_ms, tunables.locked_most)


def _limited(value: float, most: float) -> float:
    return min(max(value, -most), most)
