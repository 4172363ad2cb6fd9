"""What devices say about themselves.

Each shows, under `sync` of its presence, how far away the server is, what it has fetched and, if it is the
speaker, where its music is. All of it comes from clients: what is not as it should be counts as not there,
and numbers are cut to what is plausible.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any, TypeGuard

from jam.scene import Scene

RTT_MAX_MS = 60_000
READY_MAX_MS = 60_000
ERROR_MAX_US = 60_000_000
# As many as tell the middle and the edge of a room apart.
ERRORS_MAX = 32


@dataclass(frozen=True, slots=True)
class Report:
    """Where a speaker's music was: at room time `at_ms`, position `position_ms` of `play`."""

    play: int
    position_ms: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class Readings:
    """`worst_rtt_ms`: the longest round trip that anybody shows; 0 if nobody does. `slowest_ready_ms`: the
    longest time that fetching a song took anybody; 0 if nobody shows one. `fetched`: entries that anybody
    begins to fetch, or has."""

    worst_rtt_ms: int
    slowest_ready_ms: int
    fetched: Set[str]


def read(scene: Scene) -> Readings:
    """What everybody shows, in one pass: a thousand people are looked at after every event."""
    worst = slowest = 0
    fetched: set[str] = set()
    for shown in scene.shown.values():
        sync = shown.get("sync")
        if not isinstance(sync, dict):
            continue
        rtt = sync.get("rtt_ms")
        if type(rtt) is int and rtt > worst:
            worst = rtt
        ready = sync.get("ready")
        if isinstance(ready, dict):
            fetched.update(ready)
            for took in ready.values():
                if type(took) is int and took > slowest:
                    slowest = took
        fetching = sync.get("fetching")
        if isinstance(fetching, str) and fetching:
            fetched.add(fetching)
    return Readings(min(worst, RTT_MAX_MS), min(slowest, READY_MAX_MS), fetched)


def errors_us(scene: Scene) -> list[int]:
    """How far off devices say that they are, µs, in ascending order; of many, evenly chosen ones."""
    errors = sorted(
        min(max(error, 0), ERROR_MAX_US)
        for shown in scene.shown.values()
        if _is_number(error := _sync(shown).get("error_us"))
    )
    step = -(-len(errors) // ERRORS_MAX) or 1
    return errors[::step]


def position_of(scene: Scene, user: str) -> Report | None:
    """Where a user's device says its music is."""
    found = _sync(scene.shown.get(user, {})).get("position")
    if not isinstance(found, dict):
        return None
    play, position_ms, at_ms = (found.get(name) for name in ("play", "position_ms", "at_ms"))
    if not (_is_number(play) and _is_number(position_ms) and _is_number(at_ms)):
        return None
    return Report(play, position_ms, at_ms)


def _sync(shown: Mapping[str, Any]) -> dict[str, Any]:
    sync = shown.get("sync")
    return sync if isinstance(sync, dict) else {}


def _is_number(value: object) -> TypeGuard[int]:
    """To Python True is an int; in an event it would be a value that nobody can read back."""
    return type(value) is int
