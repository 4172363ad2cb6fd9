"""What a browser's own trace says of a stretch of time: frames drawn, and the longest that anything took.

A frame counts when the compositor has drawn it ("DrawFrame"); a task is whatever the page's main thread did
in one go ("RunTask"). Pure. Knows the events of Chromium's traces. Does not know what the page did.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

CATEGORIES: Final = (
    "-*",
    "blink.user_timing",
    "disabled-by-default-devtools.timeline",
    "disabled-by-default-devtools.timeline.frame",
)
FROM: Final = "stretch from"
UNTIL: Final = "stretch until"
_US: Final = 1000

Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stretch:
    seconds: float
    frames: int
    longest_between_ms: float
    longest_task_ms: float

    @property
    def frames_a_second(self) -> float:
        return self.frames / self.seconds


def stretch(events: Sequence[Event]) -> Stretch:
    """Between the marks FROM and UNTIL of a page. Raises ValueError where they are not."""
    from_us, until_us, page = _marks(events)
    ours = [event for event in events if event["pid"] == page]
    main = {event["tid"] for event in ours if event["name"] == "thread_name" and _is_main(event)}
    drawn = sorted(
        event["ts"] for event in ours if event["name"] == "DrawFrame" and from_us <= event["ts"] <= until_us
    )
    tasks = [
        min(event["ts"] + event["dur"], until_us) - max(event["ts"], from_us)
        for event in ours
        if event["name"] == "RunTask" and event["tid"] in main and "dur" in event
    ]
    return Stretch(
        (until_us - from_us) / 1e6,
        len(drawn),
        max(later - sooner for sooner, later in pairwise([from_us, *drawn, until_us])) / _US,
        max([0.0, *tasks]) / _US,
    )


def _is_main(event: Event) -> bool:
    return bool(event.get("args", {}).get("name") == "CrRendererMain")


def _marks(events: Sequence[Event]) -> tuple[float, float, int]:
    found = {event["name"]: event for event in events if event["name"] in (FROM, UNTIL)}
    if len(found) < 2:
        raise ValueError("the trace lacks its marks")
    return found[FROM]["ts"], found[UNTIL]["ts"], found[FROM]["pid"]
