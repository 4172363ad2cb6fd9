"""Whether the music that one device hears ever jumps.

Samples of the device's own position are compared with each other and with what the events said. Between two
events that speak of the music the position moves as time does; after one of them it is where that event put
it. A change of host is no such event. The arithmetic is stated here a second time, from the events alone.
Pure: times are arguments.
"""

from dataclasses import dataclass
from typing import Any, Final

# Positions are whole ms, room time is cut to whole ms.
ROUNDING_MS: Final = 3.0
# The room's clock slews by at most 1 ms in a second; this leaves as much again to the device's own.
SLEW: Final = 0.002


@dataclass(frozen=True, slots=True)
class Sample:
    """What a device sees at one moment. `now_ms`: its own clock; `offset_ms`: by how much the room's is ahead
    of that, as measured; `restarts`: how often that measurement began anew. `is_moving`: the song has begun,
    is not over and not paused."""

    now_ms: float
    offset_ms: float
    restarts: int
    play: int
    position_ms: int
    duration_ms: int | None
    is_paused: bool
    is_moving: bool


@dataclass(frozen=True, slots=True)
class _Anchor:
    position_ms: int
    at_ms: int


class Watch:
    """Tell it what `happened` and let it `look`. `samples` and `steps` are counted."""

    def __init__(self) -> None:
        self.samples = 0
        self.steps = 0
        self._before: Sample | None = None
        self._has_moved = False
        self._anchor: _Anchor | None = None

    def happened(self, event: dict[str, Any]) -> None:
        """A committed event, in the order of versions."""
        anchor = self._anchor
        match event:
            case {"event": "advanced" | "sought", "position_ms": position_ms, "anchor_ms": at_ms}:
                self._anchor = _Anchor(position_ms, at_ms)
            case {"event": "paused", "position_ms": position_ms, "at": at_ms}:
                self._anchor = _Anchor(position_ms, at_ms)
            case {"event": "resumed", "anchor_ms": at_ms}:
                self._anchor = None if anchor is None else _Anchor(anchor.position_ms, at_ms)
            case {"event": "fell_dormant" | "ended"}:
                self._anchor = None
            case _:
                return
        self._has_moved = True

    def reloaded(self) -> None:
        """Events were missed; a snapshot took their place."""
        self._before, self._anchor = None, None

    def look(self, sample: Sample) -> str | None:
        """A sentence if the music is not where it has to be."""
        before, self._before = self._before, sample
        has_moved, self._has_moved = self._has_moved, False
        self.samples += 1
        wrong = self._misplaced(sample)
        if wrong is None and before is not None and not has_moved:
            if before.restarts == sample.restarts:
                wrong = _jumped(before, sample)
            else:
                self.steps += 1
        return wrong

    def _misplaced(self, sample: Sample) -> str | None:
        anchor = self._anchor
        if anchor is None:
            return None
        expected_ms = float(anchor.position_ms)
        if not sample.is_paused:
            expected_ms += max(0.0, sample.now_ms + sample.offset_ms - anchor.at_ms)
        if sample.duration_ms is not None:
            expected_ms = min(expected_ms, sample.duration_ms)
        if abs(sample.position_ms - expected_ms) <= ROUNDING_MS:
            return None
        return f"play {sample.play} is at {sample.position_ms} ms, and the events say {expected_ms:.0f} ms"


def _jumped(before: Sample, sample: Sample) -> str | None:
    if sample.play != before.play:
        return f"play {before.play} became {sample.play} without an event"
    passed_ms = sample.now_ms - before.now_ms
    moved_ms = sample.position_ms - before.position_ms
    slack_ms = ROUNDING_MS + SLEW * passed_ms
    least_ms, most_ms = 0.0, passed_ms
    if before.is_moving and sample.is_moving:
        least_ms = passed_ms
    elif before.is_paused and sample.is_paused:
        most_ms = 0.0
    if least_ms - slack_ms <= moved_ms <= most_ms + slack_ms:
        return None
    return f"play {sample.play} moved by {moved_ms} ms in {passed_ms:.0f} ms, without an event"
