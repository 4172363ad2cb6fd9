"""Times and limits short enough to be met in a few virtual seconds.

A Jam's own times are in its settings (`TIMES`); the few that belong to the program are shortened here while a
schedule runs, together with the limits of `tests.sim.limits`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Final

from collab import ledger
from jam import reduce as reducing
from jam.settings import Limits, Times
from tests.sim.limits import small
from tests.sim.plan import Plan

TIMES: Final = Times(
    host_away_ms=1_200,
    host_return_ms=2_000,
    asleep_ms=1_700,
    empty_ms=1_200,
    dormant_ms=60_000,
    restart_ms=3_000,
    tick_ms=1_400,
    lock_next_ms=700,
    skip_quiet_ms=200,
    skip_countdown_ms=500,
    recent_ms=2_500,
)
LIMITS: Final = Limits(
    seats=5, listeners=2, queue=12, fallback=4, adds=4, add_refill_ms=1_000, votes=6, votes_ms=2_000,
    chats=2, chats_ms=2_000, chat_tail=4, recent_plays=3
)  # fmt: skip

_HASTY: Final[dict[ModuleType, dict[str, int]]] = {
    reducing: {"ACTIVE_EVERY_MS": 500},
}
# Whoever missed more than this many events gets a snapshot.
_SMALL: Final[dict[ModuleType, dict[str, int]]] = {ledger: {"DECIDED_ROWS_MAX": 5}}


@contextmanager
def hasty(plan: Plan) -> Iterator[None]:
    """The modules' limits while the block runs."""
    wanted = {**_HASTY, **(_SMALL if plan.is_small else {})}
    before = {module: {name: getattr(module, name) for name in names} for module, names in wanted.items()}
    with small(plan.is_small):
        _set(wanted)
        try:
            yield
        finally:
            _set(before)


def _set(limits: dict[ModuleType, dict[str, int]]) -> None:
    for module, values in limits.items():
        for name, value in values.items():
            setattr(module, name, value)
