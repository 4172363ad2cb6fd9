"""What is known about numbered runs.

Pick numbers are implicit, so the walks of the algebra keep asking the same question: what was noted for the
numbers from `start` on, `n` of them? Knows intervals and values, not ops, except how to renumber drops.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Final, Generic, TypeVar

from ot.op import Builder, Component, Drop, Pick

T = TypeVar("T")

# Longer than any list: what a walk has left of an op that is at its end.
END: Final = 1 << 62


class Runs(Generic[T]):
    """A value for each of some disjoint runs of numbers. Runs may be added in any order.

    Say of what in an annotation: calling `Runs[int]()` goes through `typing` and costs as much as a third of
    rewriting a small op.
    """

    __slots__ = ("_runs", "_sorted", "_starts")

    def __init__(self) -> None:
        self._runs: list[tuple[int, int, T]] = []
        self._starts: list[int] = []
        self._sorted = True

    def add(self, start: int, n: int, value: T) -> None:
        """Notes `value` for the numbers `start` … `start + n - 1`."""
        if self._starts and start < self._starts[-1]:
            self._sorted = False
        self._runs.append((start, n, value))
        self._starts.append(start)

    def within(self, start: int, n: int) -> list[tuple[int, int, T]]:
        """What was noted from `start` on, cut to those `n` numbers: (offset into the run, length, value).

        Numbers for which nothing was noted are passed over.
        """
        if not self._sorted:
            self._runs.sort(key=_start)
            self._starts = [run[0] for run in self._runs]
            self._sorted = True
        end = start + n
        found = []
        index = bisect_right(self._starts, start) - 1
        for at in range(max(index, 0), len(self._runs)):
            run_start, run_n, value = self._runs[at]
            if run_start >= end:
                break
            low = max(start, run_start)
            high = min(end, run_start + run_n)
            if low < high:
                found.append((low - run_start, high - low, value))
        return found


def moves(components: Iterable[Component]) -> bool:
    """Whether anything is moved; most ops move nothing, and then there is nothing to note."""
    return Pick in map(type, components)


def renumbered(components: Sequence[Component], places: Runs[int]) -> tuple[Component, ...]:
    """The components with each drop pointing to the new numbers of its entries, in normal form.

    `places` holds the first new number of each run of old ones; entries without a new number are not dropped.
    """
    renumbered: list[Component] = []
    for component in components:
        if type(component) is not Drop:
            renumbered.append(component)
            continue
        runs = places.within(component.start, component.n)
        if not runs:
            # What stood on both sides of this drop may be one now.
            return _merged(components, places)
        for offset, n, place in runs:
            start = place + offset
            last = renumbered[-1] if renumbered else None
            if type(last) is Drop and last.start + last.n == start:
                renumbered[-1] = Drop(last.start, last.n + n)
            else:
                renumbered.append(Drop(start, n))
    return tuple(renumbered)


def _merged(components: Sequence[Component], places: Runs[int]) -> tuple[Component, ...]:
    builder = Builder()
    for component in components:
        if type(component) is Drop:
            for offset, n, place in places.within(component.start, component.n):
                builder.drop(place + offset, n)
        else:
            builder.add(component)
    return builder.components()


def _start(run: tuple[int, int, object]) -> int:
    return run[0]
