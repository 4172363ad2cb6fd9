"""A big op that many small ones are rewritten over.

`transform` walks both ops from end to end. A room rewrites each submission over blocks of thousands of
components, and most submissions touch a handful of entries. So a block is walked once, to note where each of
its components begins in the old list and in the new one; from then on what a small op touches is looked up,
and between two such places stand plain keeps:

    old    0             40 42             90    90             120     an insert at 100 stands at 108 in
    block  ├── keep 40 ──┤r2├── keep 48 ───┤ i10 ├── keep 30 ───┤       the new list; of a removal of 41
    new    0             40 40             88    98             128     to 43, two are left, at 40

Noting costs half of what walking does, so it pays from the first op on. Knows positions and pick numbers, as
`transform` does. Does not know versions, nor who keeps blocks.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import Final, TypeAlias

from ot.op import Builder, Component, Drop, Insert, Keep, Op, OpError, Pick, Remove
from ot.runs import Runs, renumbered
from ot.transform import Side, standing_attributes, standing_edits, transform

# To look something up takes about as long as to walk over so many components of the block.
LOOKUP_COST: Final = 4
# As 64-bit numbers: lists of Python's would take four times the memory, and a room keeps many blocks.
NUMBERS: Final = "q"

# What is left of a component of the small op. Where it stands in the block's walk: the block's component (-1:
# before the first), the offset into it, and then which component of the small op it is; its position in the
# new list; itself; of a pick, the first number of old. Sorted, these are in the order of the walk.
_Left: TypeAlias = tuple[int, int, int, int, Component, int]


class Indexed:
    """`op`, and from when it is first needed on, what was noted about it."""

    __slots__ = ("_drop_ats", "_drop_starts", "_lookup_cost", "_news", "_olds", "_picks", "op")

    def __init__(self, op: Op, *, lookup_cost: int = LOOKUP_COST) -> None:
        """With a `lookup_cost` of 0 everything is looked up, whether it pays or not: for tests."""
        self.op = op
        self._lookup_cost = lookup_cost
        # For each component and for the end: position in the old list, in the new one, entries picked before.
        self._olds = array(NUMBERS)
        self._news = array(NUMBERS)
        self._picks = array(NUMBERS)
        # The drops by pick number: their first numbers, and which components they are.
        self._drop_starts = array(NUMBERS)
        self._drop_ats = array(NUMBERS)

    def rebase(self, small: Op, side: Side) -> Op:
        """What `transform(small, self.op, side)` gives and raises, to the letter.

        In k log n, for n components in the block and k in `small` and in what it touches; in n + k the first
        time, and whenever that is less.
        """
        if not small.components or len(small.components) * self._lookup_cost >= len(self.op.components):
            return transform(small, self.op, side)
        if not self._olds:
            self._note()
        later = side == "right"
        left = self._left_of(small.components, later)
        if left is None:
            return transform(small, self.op, side)
        return Op(self._joined(left), standing_attributes(small, self.op, later))

    def _note(self) -> None:
        components = self.op.components
        self._olds = array(NUMBERS, [0, *accumulate(map(_taken, components))])
        self._news = array(NUMBERS, [0, *accumulate(map(_given, components))])
        self._picks = array(NUMBERS, [0, *accumulate(map(_lifted, components))])
        drops = sorted((part.start, at) for at, part in enumerate(components) if type(part) is Drop)
        self._drop_starts = array(NUMBERS, [start for start, _ in drops])
        self._drop_ats = array(NUMBERS, [at for _, at in drops])

    def _left_of(self, small: tuple[Component, ...], later: bool) -> list[_Left] | None:
        """What is left of the small op, in the order of the walk; None if it touches so much that walking is
        cheaper."""
        olds, components = self._olds, self.op.components
        touched = 0
        left: list[_Left] = []
        position = picks = 0
        for number, component in enumerate(small):
            if type(component) is Insert or type(component) is Drop:
                # What the block itself puts into this gap is passed by the later party only.
                at = (bisect_right if later else bisect_left)(olds, position) - 1
                offset = position - olds[at] if at >= 0 else 0
                left.append((at, offset, number, self._new(at, offset), component, 0))
                continue
            start, position = position, position + component.n
            if position > olds[-1]:
                break
            if type(component) is not Keep or component.edits:
                first, end = bisect_right(olds, start) - 1, bisect_left(olds, position)
                touched += end - first
                if touched * self._lookup_cost > len(components):
                    return None
                for at in range(first, end):
                    low, high = max(start, olds[at]), min(position, olds[at + 1])
                    pick = picks + low - start
                    for there, offset, passed, n in self._landings(at, low, high - low):
                        deed = _deed(component, components[at], n, later)
                        if deed is not None:
                            new = self._new(there, offset)
                            left.append((there, offset, number, new, deed, pick + passed))
            if type(component) is Pick:
                picks += component.n
        if position != olds[-1]:
            raise OpError("op_length", "The two ops are for lists of different lengths.")
        left.sort()
        return left

    def _landings(self, at: int, old: int, n: int) -> Iterator[tuple[int, int, int, int]]:
        """Where `n` entries from `old` on, all in the component `at`, stand in the walk: in which component,
        the offset into it, how many of them stand elsewhere before, and how many stand here. Nowhere if the
        block removes them."""
        component, offset = self.op.components[at], old - self._olds[at]
        if type(component) is Keep:
            yield at, offset, 0, n
        elif type(component) is Pick:
            start = pick = self._picks[at] + offset
            index = bisect_right(self._drop_starts, pick) - 1
            while pick < start + n:
                there = self._drop_ats[index]
                drop = self.op.components[there]
                assert type(drop) is Drop, "_note: that is what is kept there"
                here = min(start + n, drop.start + drop.n) - pick
                yield there, pick - drop.start, pick - start, here
                pick += here
                index += 1

    def _new(self, at: int, offset: int) -> int:
        """The position in the new list of a place in the walk."""
        if not offset:
            return self._news[at] if at >= 0 else 0
        component = self.op.components[at]
        return self._news[at] + (offset if type(component) is Keep or type(component) is Drop else 0)

    def _joined(self, left: list[_Left]) -> tuple[Component, ...]:
        """The small op on the list that the block leaves."""
        out = Builder()
        places: Runs[int] = Runs()  # old pick numbers → new ones, for the moves that survive
        passed = picks = 0
        for _, _, _, new, component, pick in left:
            out.keep(new - passed)
            out.add(component)
            passed = new
            if type(component) is Pick:
                places.add(pick, component.n, picks)
                picks += component.n
            if type(component) is Keep or type(component) is Remove or type(component) is Pick:
                passed += component.n
        out.keep(self._news[-1] - passed)
        return renumbered(out.components(), places)


def _deed(component: Component, from_block: Component, n: int, later: bool) -> Component | None:
    """What `component`, of the small op, does to `n` entries that the block keeps or moves; None if that is
    nothing. A move survives if the block lets the entries stand, or if it is the later one."""
    if type(component) is Remove:
        return Remove(n)
    edits = standing_edits(component, from_block, later)
    if type(component) is Pick and (later or type(from_block) is Keep):
        return Pick(n, edits)
    return Keep(n, edits) if edits else None


def _taken(component: Component) -> int:
    """How many entries of the old list a component covers."""
    return 0 if type(component) is Insert or type(component) is Drop else component.n


def _given(component: Component) -> int:
    """How many entries of the new list a component covers."""
    if type(component) is Insert:
        return len(component.entries)
    return component.n if type(component) is Keep or type(component) is Drop else 0


def _lifted(component: Component) -> int:
    """How many entries a component picks."""
    return component.n if type(component) is Pick else 0
