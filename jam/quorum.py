"""How many must want a skip.

Those are asked who may, who are here, and who did anything lately: fifty phones in pockets must not keep a
bad song alive. Of a few a majority, of many less: in a crowd those who mind are never more than half.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from jam.rules import is_steering
from jam.state import Jam, role_of

_NOBODY: Final[Mapping[str, int]] = MappingProxyType({})


def needed(electorate: int) -> int:
    """1 of 1, 2 of 2, 3 of 5, 6 of 10, 10 of 32, 30 of 161: the least of a majority and 5 + ⌈0.15·n⌉."""
    return min(electorate // 2 + 1, 5 + (3 * electorate + 19) // 20)


def electorate(jam: Jam, at_ms: int, acted_ms: Mapping[str, int] = _NOBODY) -> set[str]:
    """Who is asked at this moment. `acted_ms` as in `scene`: the log alone asks them, too."""
    since_ms = at_ms - jam.settings.times.asleep_ms
    return {
        user
        for user, member in jam.members.items()
        if not member.away_at and acted_ms.get(user, member.active_at) >= since_ms and _may_ask(jam, user)
    }


def is_reached(voters: Iterable[str], asked: set[str]) -> bool:
    """Whether enough of those asked are among the voters."""
    return len(asked.intersection(voters)) >= needed(len(asked))


def _may_ask(jam: Jam, user: str) -> bool:
    role = role_of(jam, user)
    return is_steering(role) or (role == "guest" and jam.settings.guests_skip)
