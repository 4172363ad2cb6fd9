"""Where randomness comes from: an argument.

`random.Random` is one, seeded or Hypothesis's; nothing in `ot/` makes one.
"""

from collections.abc import MutableSequence, Sequence
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Draws(Protocol):
    """The part of `random.Random` that is used here."""

    def random(self) -> float:
        """A number from 0 on, below 1."""

    def randint(self, a: int, b: int, /) -> int:
        """A whole number, both ends included."""

    def choice(self, seq: Sequence[T], /) -> T:
        """One of them."""

    def choices(self, population: Sequence[T], weights: Sequence[float], /) -> list[T]:
        """A list of one of them, the likelier the greater its weight."""

    def shuffle(self, x: MutableSequence[Any], /) -> None:
        """Rearranges a list in place."""
