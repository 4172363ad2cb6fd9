"""Streams that hold no surprise.

For replaying acts that were written down: all that is not one of them (how long messages and commits take,
to which node somebody dials) is as even as can be, whatever is drawn how often. Durations are the middle of
what they may be, choices go round, ids count.
"""

from hashlib import sha256
from typing import TYPE_CHECKING, TypeVar

from tests.sim.streams import Stream, Streams

if TYPE_CHECKING:
    from _typeshed import SupportsLenAndGetItem

T = TypeVar("T")


class SteadyStreams(Streams):
    """The same for everybody: there is no seed."""

    def __init__(self) -> None:
        super().__init__(0)

    def _new(self, label: str) -> Stream:
        return _Steady(label)


class _Steady(Stream):
    def __init__(self, label: str) -> None:
        super().__init__(label)
        self._label = label
        self._choices = 0
        self._ids = 0

    def random(self) -> float:
        return 0.5

    def getrandbits(self, k: int) -> int:
        assert k <= 256, "an id has 128 bits"
        self._ids += 1
        digest = sha256(f"{self._label}/{self._ids}".encode()).digest()
        return int.from_bytes(digest, "big") >> (256 - k)

    def choice(self, seq: "SupportsLenAndGetItem[T]") -> T:
        self._choices += 1
        return seq[self._choices % len(seq)]
