"""Randomness with labels.

Each place that draws has its own stream, derived from the seed and its label, so that one more draw in one
place shifts no other: a changed test replays old seeds as far as it can.
"""

from random import Random
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from _typeshed import SupportsLenAndGetItem

T = TypeVar("T")


class Stream(Random):
    """Draws from small ranges at a third of the price: what the library does to be fair to the last bit is
    lost on a few thousand draws."""

    def randint(self, a: int, b: int) -> int:
        return a + int(self.random() * (b - a + 1))

    def randrange(self, start: int, stop: int | None = None, step: int = 1) -> int:
        assert step == 1, "nobody here skips numbers"
        return self.randint(0, start - 1) if stop is None else self.randint(start, stop - 1)

    def choice(self, seq: "SupportsLenAndGetItem[T]") -> T:
        return seq[int(self.random() * len(seq))]


class Streams:
    """All streams of one seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._streams: dict[str, Stream] = {}

    def of(self, label: str) -> Stream:
        stream = self._streams.get(label)
        if stream is None:
            stream = self._streams[label] = self._new(label)
        return stream

    def _new(self, label: str) -> Stream:
        return Stream(f"{self._seed}/{label}")
