"""Whether a node has more to do than it can do well.

Each second the node is measured: how late its loop wakes, how much memory it holds, how many sockets it has,
how many documents wait for a commit. What comes near a limit and stays there makes it strained, what reaches
it overloaded; it is relieved only when all was well below for a while, so that it does not swing. One odd
second, such as that of a process that was stopped and goes on, changes nothing. Knows measures and levels.
Does not know who measures, nor who is turned away.
"""

from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    NORMAL = 0
    STRAINED = 1
    OVERLOADED = 2


@dataclass(frozen=True, slots=True)
class Sample:
    """A node in one second."""

    lag_ms: int
    memory_bytes: int
    sockets: int
    waiting_commits: int


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a node bears. `memory_bytes` 0: nobody said."""

    sockets: int
    memory_bytes: int = 0
    # Whoever edits feels a loop that is late by this in each ack and in each beat of a Jam.
    lag_ms: int = 1_000
    # Documents; eight full groups, each of which takes some milliseconds.
    waiting_commits: int = 2_048


@dataclass(frozen=True, slots=True)
class Patterns:
    """Shares of a limit, and seconds in a row."""

    strained: float = 0.85
    overloaded: float = 0.95
    # Below the share at which a level began, by this.
    relief: float = 0.1
    rises_after: int = 3
    falls_after: int = 5


_PATTERNS = Patterns()


class LoadJudge:
    """`judge` once a second. `level` and `reason` (the measure that is nearest its limit) are the verdict."""

    def __init__(self, capacity: Capacity, patterns: Patterns = _PATTERNS) -> None:
        self.level = Level.NORMAL
        self.reason = ""
        self._capacity = capacity
        self._patterns = patterns
        # How long each level was reached, and how long the present one was not.
        self._reached = {Level.STRAINED: 0, Level.OVERLOADED: 0}
        self._relieved = 0

    def judge(self, sample: Sample) -> Level:
        """The level from now on."""
        shares = self._shares(sample)
        # The door itself counts sockets (`sockets_max`): whoever comes back may have the last ones.
        hard = max(share for name, share in shares.items() if name != "sockets")
        soft = max(shares.values())
        self._count(Level.STRAINED, soft >= self._patterns.strained)
        self._count(Level.OVERLOADED, hard >= self._patterns.overloaded)
        reached = max(
            (level for level, seconds in self._reached.items() if seconds >= self._patterns.rises_after),
            default=Level.NORMAL,
        )
        if reached > self.level:
            self.level = reached
            self.reason = max(shares, key=shares.__getitem__)
            self._relieved = 0
        elif self.level is not Level.NORMAL:
            self._fall(soft, hard)
        return self.level

    def _fall(self, soft: float, hard: float) -> None:
        """One level at a time."""
        patterns = self._patterns
        share, began = (
            (hard, patterns.overloaded) if self.level is Level.OVERLOADED else (soft, patterns.strained)
        )
        self._relieved = self._relieved + 1 if share < began - patterns.relief else 0
        if self._relieved >= patterns.falls_after:
            self._relieved = 0
            self.level = Level(self.level - 1)
            if self.level is Level.NORMAL:
                self.reason = ""

    def _count(self, level: Level, is_reached: bool) -> None:
        self._reached[level] = self._reached[level] + 1 if is_reached else 0

    def _shares(self, sample: Sample) -> dict[str, float]:
        capacity = self._capacity
        return {
            "lag": sample.lag_ms / capacity.lag_ms,
            "memory": sample.memory_bytes / capacity.memory_bytes if capacity.memory_bytes else 0.0,
            "sockets": sample.sockets / capacity.sockets,
            "waiting_commits": sample.waiting_commits / capacity.waiting_commits,
        }
