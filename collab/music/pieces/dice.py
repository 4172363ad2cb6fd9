"""Chance that falls the same way everywhere.

A piece is composed by rules that leave something open, and what fills it must be the same on every machine
and in every version of Python and numpy, or a digest of the score would mean nothing. So these draws are
integers from SplitMix64 (Steele, Lea and Flood, 2014), and nothing else. Knows numbers. Does not know music.
"""

from collections.abc import Sequence
from typing import Final, TypeVar

T = TypeVar("T")

_MASK: Final = 2**64 - 1


class Dice:
    """Draws that depend on the seed and on how many were drawn before."""

    def __init__(self, seed: int) -> None:
        self._state = seed & _MASK

    def below(self, end: int) -> int:
        """From 0 to `end` - 1; `end` is small, so its bias is nothing."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        z = self._state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return (z ^ (z >> 31)) % end

    def between(self, low: int, high: int) -> int:
        """Both included."""
        return low + self.below(high - low + 1)

    def chance(self, percent: int) -> bool:
        return self.below(100) < percent

    def choice(self, of: Sequence[T]) -> T:
        return of[self.below(len(of))]
