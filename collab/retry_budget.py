"""How much may be tried again.

When something fails for everybody, everybody's second attempt is what keeps it down. So attempts at one thing
share a budget: a tenth of what is asked at all, and a few a second besides, because who asks little must be
able to try again, too. Knows counts. Does not know what is asked; `now_ms` is handed in.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Thrift:
    """`share` of first attempts, and `per_s` a second at least; `most` may be saved up. It begins with
    `first`."""

    share: float = 0.1
    per_s: float = 10.0
    most: float = 20.0
    first: float = 10.0


class RetryBudget:
    """`asked` for each first attempt, `take` before each other one."""

    def __init__(self, thrift: Thrift, now_ms: int) -> None:
        self._thrift = thrift
        self._left = thrift.first
        self._at_ms = now_ms

    def asked(self) -> None:
        self._left = min(self._thrift.most, self._left + self._thrift.share)

    def take(self, now_ms: int) -> bool:
        """Whether one more attempt may be made; if so, it is counted."""
        gained = (now_ms - self._at_ms) * self._thrift.per_s / 1000
        self._left = min(self._thrift.most, self._left + gained)
        self._at_ms = now_ms
        if self._left < 1:
            return False
        self._left -= 1
        return True
