"""The keys of somebody else, and when to ask for them again.

They are asked for now and then, and when a token names one that is not here, but never more often than once
in a while, so that strangers cannot make us hammer their owner. What was good stays good while nothing new
comes, and asking goes on at the pace of good days: who fails is not helped by questions. Knows names and
times. Does not know what a key is, nor how one asks; `now_ms` is handed in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class RingTimes:
    """Good keys are asked for again after `again_ms`; without any, and for one that is unknown, after
    `least_ms`."""

    again_ms: int = 10 * 60_000
    least_ms: int = 10_000


class KeyRing(Generic[Key]):
    """`asking` comes before each question, `took` or `failed` after it."""

    def __init__(self, times: RingTimes) -> None:
        self.is_failing = False
        self._times = times
        self._keys: Mapping[str, Key] = {}
        self._asked_ms: int | None = None

    def get(self, name: str) -> Key | None:
        return self._keys.get(name)

    def due_ms(self, now_ms: int) -> int:
        """How long until it is time to ask anyway."""
        return self._wait_ms(now_ms, self._times.again_ms if self._keys else self._times.least_ms)

    def wait_ms(self, now_ms: int) -> int:
        """How long until one may ask for a key that is not here; 0: now."""
        return self._wait_ms(now_ms, self._times.least_ms)

    def asking(self, now_ms: int) -> None:
        self._asked_ms = now_ms

    def took(self, keys: Mapping[str, Key]) -> None:
        """These are all keys by now."""
        self._keys = keys
        self.is_failing = False

    def failed(self) -> None:
        self.is_failing = True

    def _wait_ms(self, now_ms: int, apart_ms: int) -> int:
        return 0 if self._asked_ms is None else max(0, self._asked_ms + apart_ms - now_ms)
