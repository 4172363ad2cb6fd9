"""What an editor does to make an edit come true in the list that they see.

The list may not be the recorded one: others' edits are under way in it, and some have not arrived. So an
edit is done relative to the entries that are there: runs that came apart are taken one by one, and what is
new goes to the right of its nearest visible neighbour. Pure; knows items in a list. Does not know uids.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from collab.replay.steps import Edit, Insertion, Item, Relocation, Removal


@dataclass(frozen=True, slots=True)
class Remove:
    start: int
    n: int


@dataclass(frozen=True, slots=True)
class Insert:
    index: int
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """As `ot.build.move_range`: before the entry that stands at `before` now."""

    start: int
    n: int
    before: int


Action: TypeAlias = Remove | Insert | Move


def actions_of(edit: Edit, target: Sequence[Item], seen: Sequence[Item | None]) -> list[Action]:
    """The actions, one after the other, of somebody who sees `seen` (None: an entry that is no item) and
    wants `edit` done on the way to `target`. None at all if nothing of it is to be seen."""
    sight = list(seen)
    match edit:
        case Removal():
            return _remove(edit.items, sight)
        case Insertion():
            return [Insert(_right_of_neighbour(edit.place, target, sight), edit.items)]
        case Relocation():
            return _move(edit, target, sight)
    assert_never(edit)


def _remove(items: Sequence[Item], sight: Sequence[Item | None]) -> list[Action]:
    wanted = set(items)
    runs: list[tuple[int, int]] = []
    for place, item in enumerate(sight):
        if item in wanted:
            if runs and place == sum(runs[-1]):
                runs[-1] = (runs[-1][0], runs[-1][1] + 1)
            else:
                runs.append((place, 1))
    # From right to left, so that the places of the others stay true.
    return [Remove(start, n) for start, n in reversed(runs)]


def _move(edit: Relocation, target: Sequence[Item], sight: list[Item | None]) -> list[Action]:
    """Moves run by run; `sight` follows."""
    actions: list[Action] = []
    rest = [item for item in edit.items if item in sight]
    while rest:
        start = sight.index(rest[0])
        n = 1
        while n < len(rest) and sight[start + n : start + n + 1] == [rest[n]]:
            n += 1
        before = _right_of_neighbour(edit.place + edit.items.index(rest[0]), target, sight)
        if not start <= before <= start + n:
            actions.append(Move(start, n, before))
            run = sight[start : start + n]
            del sight[start : start + n]
            place = before - n if before > start else before
            sight[place:place] = run
        rest = rest[n:]
    return actions


def _right_of_neighbour(place: int, target: Sequence[Item], sight: Sequence[Item | None]) -> int:
    """Where something begins that stands at `place` in the target: right of the nearest entry before it that
    is visible, or at the front."""
    places = {item: index for index, item in enumerate(sight)}
    for item in reversed(target[:place]):
        if item in places:
            return places[item] + 1
    return 0
