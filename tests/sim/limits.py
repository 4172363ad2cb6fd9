"""Limits small enough to be met.

The cores' limits suit rooms of thousands; a schedule has some thirty commits. Under `small` the paths that
only long histories take (composed blocks, trimmed windows, history read back, forgotten rows, snapshots) are
common.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from collab import door, ledger, outcomes, room, waiting, window

_SMALL: dict[ModuleType, dict[str, int]] = {
    door: {"CATCH_UP_MAX": 8},
    ledger: {
        "DIGEST_EVERY": 4,
        "HISTORY_MAX": 15,
        "SINGLE_ROWS_MAX": 2,
        "SNAPSHOT_EVERY": 4,
        "SNAPSHOT_EVERY_MAX": 0,
    },
    outcomes: {"SETTLED_KEPT": 1},
    room: {"BATCH_MAX": 3},
    waiting: {"ROUNDS_MAX": 2},
    window: {"KEEP_OPS": 3, "LEVEL_MAX": 2},
}


@contextmanager
def small(wanted: bool) -> Iterator[None]:
    """The limits of the modules while the block runs."""
    before = {module: {name: getattr(module, name) for name in names} for module, names in _SMALL.items()}
    if wanted:
        _set(_SMALL)
    try:
        yield
    finally:
        _set(before)


def _set(limits: dict[ModuleType, dict[str, int]]) -> None:
    for module, values in limits.items():
        for name, value in values.items():
            setattr(module, name, value)
