"""What devices say about themselves.

Each shows, under `sync` of its presence, how far away the server is, what it has fetched and, if it is the
speaker, where its music is. All of it comes from clients: what is not as it should be counts as not there,
and numbers are cut to what is plausible.
"""

from collections.abc import Iterator, Mapping
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


def worst_rtt_ms(scene: Scene) -> int:
    """The longest round trip that anybody shows; 0 if nobody does."""
    return max((_number(sync, "rtt_ms", RTT_MAX_MS) for sync in _syncs(scene)), default=0)


def slowest_ready_ms(scene: Scene) -> int:
    """The longest time that fetching a song took anybody; 0 if nobody shows one."""
    slowest = 0
    for sync in _syncs(scene):
        ready = sync.get("ready")
        if isinstance(ready, Mapping):
            slowest = max(slowest, *(_number(ready, entry, READY_MAX_MS) for entry in ready), 0)
    return slowest


def errors_us(scene: Scene) -> list[int]:
    """How far off devices say that they are, µs, in ascending order; of many, evenly chosen ones."""
    errors = sorted(
        _number(sync, "error_us", ERROR_MAX_US) for sync in _syncs(scene) if _is_number(sync.get("error_us"))
    )
    step = -(-len(errors) // ERRORS_MAX) or 1
    return errors[::step]


def fetched(scene: Scene) -> set[str]:
    """Entries that anybody begins to fetch, or has."""
    entries: set[str] = set()
    for sync in _syncs(scene):
        ready, fetching = sync.get("ready"), sync.get("fetching")
        if isinstance(ready, Mapping):
            entries.update(ready)
        if isinstance(fetching, str) and fetching:
            entries.add(fetching)
    return entries


def position_of(scene: Scene, user: str) -> Report | None:
    """Where a user's device says its music is."""
    found = _sync(scene.shown.get(user, {})).get("position")
    if not isinstance(found, Mapping):
        return None
    play, position_ms, at_ms = (found.get(name) for name in ("play", "position_ms", "at_ms"))
    if not (_is_number(play) and _is_number(position_ms) and _is_number(at_ms)):
        return None
    return Report(play, position_ms, at_ms)


def _syncs(scene: Scene) -> Iterator[Mapping[str, Any]]:
    return (_sync(shown) for shown in scene.shown.values())


def _sync(shown: Mapping[str, Any]) -> Mapping[str, Any]:
    sync = shown.get("sync")
    return sync if isinstance(sync, Mapping) else {}


def _number(values: Mapping[str, Any], name: str, at_most: int) -> int:
    value = values.get(name)
    return min(max(value, 0), at_most) if _is_number(value) else 0


def _is_number(value: object) -> TypeGuard[int]:
    """To Python True is an int; in an event it would be a value that nobody can read back."""
    return type(value) is int
