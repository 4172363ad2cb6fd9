"""From what a person does to an op.

Insert, remove, move, edit, rearrange; and the op between two documents. What changes order keeps as many
entries as it can in place (the longest increasing run), because a concurrent op meets only what really moved.
Knows positions, and uids in `diff`. Does not know who asks, nor what to arrange by: that is `arrange`.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from ot.document import Document
from ot.op import IDENTITY, Builder, Component, Op
from ot.value import Edits, Entry, Value, difference

# The new list by what stands in it: an old entry, by its old index, or a new one.
_Plan: TypeAlias = Sequence[int | Entry]


def insert_at(length: int, index: int, entries: Sequence[Entry]) -> Op:
    """Puts `entries` before the entry that stands at `index`; `index == length` appends."""
    _check_range(length, index, 0)
    builder = Builder()
    builder.keep(index)
    builder.insert(entries)
    builder.keep(length - index)
    return Op(builder.components())


def remove_range(length: int, start: int, n: int = 1) -> Op:
    """Removes the `n` entries from `start` on."""
    _check_range(length, start, n)
    builder = Builder()
    builder.keep(start)
    builder.remove(n)
    builder.keep(length - start - n)
    return Op(builder.components())


def move_range(length: int, start: int, n: int, before: int) -> Op:
    """Moves the `n` entries from `start` on to stand before the one now at `before`; `before == length`
    means the end. Identity if they stand there already."""
    _check_range(length, start, n)
    _check_range(length, before, 0)
    if n == 0 or start <= before <= start + n:
        return IDENTITY
    builder = Builder()
    if before < start:
        builder.keep(before)
        builder.drop(0, n)
        builder.keep(start - before)
        builder.pick(n)
        builder.keep(length - start - n)
    else:
        builder.keep(start)
        builder.pick(n)
        builder.keep(before - start - n)
        builder.drop(0, n)
        builder.keep(length - before)
    return Op(builder.components())


def set_field(length: int, index: int, field: str, value: Value) -> Op:
    """Sets one member of the entry at `index`; None deletes it."""
    _check_range(length, index, 1)
    if field == "uid":
        raise ValueError("A uid is never edited.")
    builder = Builder()
    builder.keep(index)
    builder.keep(1, {field: value})
    builder.keep(length - index - 1)
    return Op(builder.components())


def set_attribute(name: str, value: Value) -> Op:
    """Sets an attribute of the playlist; None deletes it."""
    return Op((), {name: value})


def permute(order: Sequence[int]) -> Op:
    """Rearranges the list: `order[i]` is the old index of the entry that comes to stand at `i`.

    Raises ValueError if `order` is no permutation.
    """
    if sorted(order) != list(range(len(order))):
        raise ValueError("An order names each entry exactly once.")
    return Op(_rearranged(len(order), order, {}))


def diff(old: Document, new: Document) -> Op:
    """The op from `old` to `new`: entries with equal uids are the same entry, moved or edited.

    `apply(old, diff(old, new))` equals `new`. Near-linear in the entries.
    """
    indexes: dict[Value, int] = {}
    for index, entry in enumerate(old.entries):
        indexes.setdefault(entry["uid"], index)
    plan: list[int | Entry] = []
    edits: dict[int, Edits] = {}
    for entry in new.entries:
        index = indexes.pop(entry["uid"], -1)
        if index < 0:
            plan.append(entry)
            continue
        plan.append(index)
        before = old.entries[index]
        if before is not entry and (changed := difference(before, entry)):
            edits[index] = changed
    return Op(_rearranged(len(old.entries), plan, edits), difference(old.attributes, new.attributes))


def _rearranged(length: int, plan: _Plan, edits: Mapping[int, Edits]) -> tuple[Component, ...]:
    """The components that lead to `plan`; old entries that are not in it are removed."""
    kept = [index for index in plan if isinstance(index, int)]
    in_place = set(longest_increasing(kept))
    moved = sorted(index for index in kept if index not in in_place)
    numbers = {index: number for number, index in enumerate(moved)}
    builder = Builder()
    position = 0

    def pass_over(end: int) -> None:
        for index in range(position, end):
            if index in numbers:
                builder.pick(1, edits.get(index))
            else:
                builder.remove(1)

    for item in plan:
        if not isinstance(item, int):
            builder.insert([item])
        elif item in numbers:
            builder.drop(numbers[item], 1)
        else:
            pass_over(item)
            builder.keep(1, edits.get(item))
            position = item + 1
    pass_over(length)
    return builder.components()


def longest_increasing(numbers: Sequence[int]) -> list[int]:
    """A longest increasing subsequence of distinct numbers (patience sorting: Fredman, 1975)."""
    ends: list[int] = []  # ends[k]: the smallest number on which an increasing run of k + 1 can end so far
    before: dict[int, int] = {}
    for number in numbers:
        at = bisect_left(ends, number)
        if at:
            before[number] = ends[at - 1]
        ends[at : at + 1] = [number]
    run = ends[-1:]
    while run and run[-1] in before:
        run.append(before[run[-1]])
    return run[::-1]


def _check_range(length: int, start: int, n: int) -> None:
    if start < 0 or n < 0 or start + n > length:
        raise IndexError(f"{n} entries from {start} on are not within a list of {length}.")
