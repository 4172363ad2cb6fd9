"""What plays the music on this device.

A Jam says where the music should be, `jam.drift.PlaybackController` what to do about the difference, and a
player does it. Any audio library fits behind these few calls. Times are the client's own monotonic clock
(`clock.Clock.monotonic_ms`, float ms), positions ms in the track, rates factors of the normal speed.
"""

from collections.abc import Mapping
from typing import Protocol

from ot.value import Value

Track = Mapping[str, Value]


class Player(Protocol):
    """One output of one device. It plays one track at a time. No call may block; `now_ms` is the time of the
    call, for those that reckon by it."""

    @property
    def latency_ms(self) -> float:
        """How long what is given to the output takes to be heard, as far as the output says. May change."""

    @property
    def seek_only(self) -> bool:
        """Whether the rate cannot be changed without being heard: then `set_rate` is never called."""

    def prepare(self, track: Track, now_ms: float) -> None:
        """Begins to fetch a track that will play soon; nothing if it is here or on its way."""

    def is_ready(self, track: Track, now_ms: float) -> bool:
        """Whether `start` of this track would make itself heard in time."""

    def is_broken(self, track: Track) -> bool:
        """Whether it is known by now that this track cannot be played here."""

    def start(self, track: Track, position_ms: float, at_ms: float, now_ms: float) -> None:
        """Gives `position_ms` of the track to the output at `at_ms`, at rate 1, instead of whatever plays
        until then. At a time that is over, or before the track is here, it starts as soon as it can, where
        it would be by then. To be heard at a time, start `latency_ms` earlier."""

    def position_ms(self, now_ms: float) -> float | None:
        """What is given to the output now; what is heard is `latency_ms` behind. None while nothing is."""

    def set_rate(self, rate: float, now_ms: float) -> None:
        """Plays on at this rate from now on."""

    def splice(self, position_ms: float, rate: float, now_ms: float) -> None:
        """Goes on at this position now, at this rate, with a cross-fade of some 20 ms if it can."""

    def stop(self, now_ms: float) -> None:
        """Falls silent, also if a start was to come."""
