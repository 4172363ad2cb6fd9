"""A player without sound.

For tests and for programs that only want to know: it is as wrong as a real device, by as much as it is told,
and knows what would really be heard. Pure: time is an argument, and so is chance.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from tutti_client.player import Track

# Fetched tracks that are remembered: what plays, what is next, and some that were thought of again.
FETCHED_MAX: Final = 16


def _exactly() -> float:
    return 0.0


@dataclass(frozen=True, slots=True)
class Device:
    """By how much a device is wrong. The callables draw an error, in ms, each time one is made."""

    # Of the device's own clock against that which is passed in.
    drift_ppm: float = 0.0
    # A start that is late by this much plays too early a position.
    start_error_ms: Callable[[], float] = _exactly
    splice_error_ms: Callable[[], float] = _exactly
    read_error_ms: Callable[[], float] = _exactly
    # When the output stands still, and for how long; in order, not overlapping.
    stalls: Iterable[tuple[float, float]] = ()
    latency_ms: float = 0.0
    # What the output does not say of its latency: a loudspeaker by radio.
    hidden_latency_ms: float = 0.0
    fetch_ms: float = 0.0
    seek_only: bool = False
    # URIs of tracks that it cannot play.
    broken: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Start:
    track: Track
    position_ms: float
    at_ms: float


class VirtualPlayer:
    """A `Player`. `starts`, `splices` and `rates` count what it was told; `track` is what plays."""

    def __init__(self, device: Device = Device()) -> None:
        self.track: Track | None = None
        self.starts = self.splices = self.rates = 0
        self.rate = 1.0
        self._device = device
        self._stalls = deque(device.stalls)
        self._position_ms = 0.0
        self._as_of_ms = 0.0
        self._next: _Start | None = None
        # When each track is here, by its URI.
        self._fetched: dict[object, float] = {}

    @property
    def latency_ms(self) -> float:
        return self._device.latency_ms

    @property
    def seek_only(self) -> bool:
        return self._device.seek_only

    def prepare(self, track: Track, now_ms: float) -> None:
        if track["track"] not in self._fetched:
            self._fetched[track["track"]] = now_ms + self._device.fetch_ms
            if len(self._fetched) > FETCHED_MAX:
                del self._fetched[next(iter(self._fetched))]

    def is_ready(self, track: Track, now_ms: float) -> bool:
        return not self.is_broken(track) and now_ms >= self._fetched.get(track["track"], float("inf"))

    def is_broken(self, track: Track) -> bool:
        return track["track"] in self._device.broken

    def start(self, track: Track, position_ms: float, at_ms: float, now_ms: float) -> None:
        self._play_until(now_ms)
        self.prepare(track, now_ms)
        starts_ms = max(at_ms, now_ms, self._fetched[track["track"]])
        position_ms += starts_ms - at_ms - self._device.start_error_ms()
        self._next = _Start(track, position_ms, starts_ms)
        self.starts += 1
        self._play_until(now_ms)

    def position_ms(self, now_ms: float) -> float | None:
        self._play_until(now_ms)
        return None if self.track is None else self._position_ms + self._device.read_error_ms()

    def heard_ms(self, now_ms: float) -> float | None:
        """What a listener hears: the truth."""
        self._play_until(now_ms)
        behind_ms = (self._device.latency_ms + self._device.hidden_latency_ms) * self.rate
        return None if self.track is None else self._position_ms - behind_ms

    def set_rate(self, rate: float, now_ms: float) -> None:
        assert not self.seek_only, "the caller seeks instead"
        self._play_until(now_ms)
        self.rate = rate
        self.rates += 1

    def splice(self, position_ms: float, rate: float, now_ms: float) -> None:
        self._play_until(now_ms)
        self._position_ms = position_ms + self._device.splice_error_ms()
        self.rate = rate
        self.splices += 1

    def stop(self, now_ms: float) -> None:
        self._play_until(now_ms)
        self.track = self._next = None

    def _play_until(self, now_ms: float) -> None:
        start = self._next
        if start is not None and start.at_ms <= now_ms:
            self._next = None
            self.track, self.rate = start.track, 1.0
            self._position_ms, self._as_of_ms = start.position_ms, start.at_ms
        passed_ms = now_ms - self._as_of_ms - self._stood_ms(now_ms)
        if self.track is not None:
            self._position_ms += passed_ms * self.rate * (1 + self._device.drift_ppm / 1e6)
        self._as_of_ms = now_ms

    def _stood_ms(self, now_ms: float) -> float:
        """For how much of the time since the last look the output stood still."""
        stood_ms = 0.0
        while self._stalls and self._stalls[0][0] < now_ms:
            begins_ms, for_ms = self._stalls[0]
            ends_ms = begins_ms + for_ms
            stood_ms += max(0.0, min(ends_ms, now_ms) - max(begins_ms, self._as_of_ms))
            if ends_ms > now_ms:
                break
            self._stalls.popleft()
        return stood_ms
