"""What people did between two recorded versions.

A recording says what a playlist held, not how it came about. Items name its entries across versions (the
k-th copy of a track stays the k-th), and a step is a short list of range edits from one version to the next:
removes, and inserts and moves that keep the longest increasing run where it is. Each edit names items and
their neighbours, not positions, so that somebody who sees another list can still do what was meant. Pure.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NewType, TypeAlias

from ot.build import longest_increasing

Item = NewType("Item", int)


@dataclass(frozen=True, slots=True)
class Removal:
    """`items`, which stand side by side, go."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Insertion:
    """New `items` come to stand at `place` in the step's target."""

    items: tuple[Item, ...]
    place: int


@dataclass(frozen=True, slots=True)
class Relocation:
    """`items`, which stand side by side, are moved to stand at `place` in the step's target."""

    items: tuple[Item, ...]
    place: int


Edit: TypeAlias = Removal | Insertion | Relocation


@dataclass(frozen=True, slots=True)
class Step:
    """The edits that lead from one version to `target`, in an order in which one editor can make them."""

    edits: tuple[Edit, ...]
    target: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """A recording as steps; `tracks[item]` is the track of an item. The first step begins with nothing."""

    steps: tuple[Step, ...]
    tracks: tuple[int, ...]


def story_of(versions: Iterable[Sequence[int]]) -> Story:
    """The steps between versions, each a sequence of tracks. Versions that changed nothing make no step."""
    tracks: list[int] = []
    steps: list[Step] = []
    current: tuple[Item, ...] = ()
    for version in versions:
        copies: defaultdict[int, deque[Item]] = defaultdict(deque)
        for item in current:
            copies[tracks[item]].append(item)
        target: list[Item] = []
        for track in version:
            if copies[track]:
                target.append(copies[track].popleft())
            else:
                target.append(Item(len(tracks)))
                tracks.append(track)
        edits = _edits(current, target)
        current = tuple(target)
        if edits:
            steps.append(Step(tuple(edits), current))
    return Story(tuple(steps), tuple(tracks))


def _edits(old: Sequence[Item], new: Sequence[Item]) -> list[Edit]:
    old_places = {item: place for place, item in enumerate(old)}
    new_places = {item: place for place, item in enumerate(new)}
    removed = [place for place, item in enumerate(old) if item not in new_places]
    inserted = [place for place, item in enumerate(new) if item not in old_places]
    in_place = set(longest_increasing([old_places[item] for item in new if item in old_places]))
    moved = [
        place for place, item in enumerate(new) if item in old_places and old_places[item] not in in_place
    ]
    removals: list[Edit] = [Removal(tuple(old[place] for place in run)) for run in _runs(removed)]
    placed: list[Insertion | Relocation] = [
        Insertion(tuple(new[place] for place in run), run[0]) for run in _runs(inserted)
    ]
    for run in _runs(moved):
        # What stands side by side in both lists is moved in one go.
        for part in _runs([old_places[new[place]] for place in run]):
            items = tuple(old[place] for place in part)
            placed.append(Relocation(items, new_places[items[0]]))
    # From left to right: then the neighbour on the left of each is where it belongs already.
    return removals + sorted(placed, key=lambda edit: edit.place)


def _runs(numbers: Sequence[int]) -> list[list[int]]:
    """The numbers, cut wherever the next one does not follow."""
    runs: list[list[int]] = [[number] for number in numbers[:1]]
    for before, number in pairwise(numbers):
        if number == before + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs
