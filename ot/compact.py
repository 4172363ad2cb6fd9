"""An op that says no more than it does.

Undo of what was never sent leaves traces in a composed op: entries removed and put back under their own uid,
moves that end where they began. Here the first become moves, or edits in place, and the second become keeps.
For a client's unsent edits only: a move without effect is a decision that `transform` respects, and once
somebody may have met it, taking it out changes what they met (`docs/OT.md`). With `diff` the only one here
that looks at uids.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from ot.build import longest_increasing
from ot.document import Document
from ot.op import Builder, Drop, Insert, Keep, Op, Pick, Remove
from ot.value import Edits, Entry, Value, difference

# Old index → what changes about the entry that leaves there and stands elsewhere afterwards.
_Moved: TypeAlias = dict[int, Edits | None]


def compact(op: Op, document: Document) -> Op:
    """An op that leads from `document`, the list before `op`, to the same list as `op`.

    What was kept stays kept; new entries and removals stay in their order. Linear in the components and the
    entries removed, moved and inserted, plus sorts of those moved.
    """
    picked, gone = _leaving(op, document)
    if not picked and not gone:
        return op
    moved = dict(picked)
    parts = _parts(op, document, list(picked), gone, moved)
    if not moved:
        return op
    staying = {index for part in parts if isinstance(part, _Stretch) for index in part.staying()}
    numbers = {index: number for number, index in enumerate(sorted(moved.keys() - staying))}
    out = Builder()
    for part in parts:
        if isinstance(part, _Stretch):
            part.write(out, moved, numbers)
        else:
            out.keep(part.n, part.edits)
    return Op(out.components(), op.attributes)


@dataclass(slots=True)
class _Stretch:
    """What an op does between two keeps. An entry that leaves and comes back within it need not move.

    Each item has its place in the op's walk: old indexes that leave, and what is put here, moved entries as
    their old indexes.
    """

    leaving: list[tuple[int, int]] = field(default_factory=list)
    coming: list[tuple[int, int | Entry]] = field(default_factory=list)

    def staying(self) -> list[int]:
        """The old indexes of as many entries as can be kept without changing the order."""
        here = {index for _, index in self.leaving}
        return longest_increasing([index for _, index in self.coming if type(index) is int and index in here])

    def write(self, out: Builder, moved: _Moved, numbers: dict[int, int]) -> None:
        """Adds the components; what stays is a barrier, the rest keeps its order in the walk."""
        leaving, coming = self.leaving[::-1], self.coming[::-1]

        def leave() -> None:
            _, index = leaving.pop()
            if index in numbers:
                out.pick(1, moved[index])
            else:
                out.remove(1)

        def come() -> None:
            _, item = coming.pop()
            if type(item) is int:
                out.drop(numbers[item], 1)
            else:
                assert type(item) is dict, "what comes is an old index or an entry"
                out.insert([item])

        for index in [*self.staying(), -1]:
            while (leaving and leaving[-1][1] != index) or (coming and coming[-1][1] != index):
                may_leave = bool(leaving) and leaving[-1][1] != index
                may_come = bool(coming) and coming[-1][1] != index
                if may_leave and not (may_come and coming[-1][0] < leaving[-1][0]):
                    leave()
                else:
                    come()
            if leaving:
                leaving.pop()
                coming.pop()
                out.keep(1, moved[index])


def _leaving(op: Op, document: Document) -> tuple[_Moved, dict[Value, int]]:
    """The entries that `op` picks, by old index in order, and those that it removes, by uid."""
    picked: _Moved = {}
    gone: dict[Value, int] = {}
    position = 0
    for component in op.components:
        if type(component) is Insert or type(component) is Drop:
            continue
        end = position + component.n
        if type(component) is Pick:
            picked.update(dict.fromkeys(range(position, end), component.edits))
        elif type(component) is Remove:
            for index in range(position, end):
                gone.setdefault(document.entries[index]["uid"], index)
        position = end
    return picked, gone


def _parts(
    op: Op, document: Document, picked: list[int], gone: dict[Value, int], moved: _Moved
) -> list[Keep | _Stretch]:
    """The op as keeps and what lies between them. Adds to `moved` what it inserts under a uid of `gone`."""
    parts: list[Keep | _Stretch] = []
    stretch = _Stretch()
    position = place = 0

    def coming(items: Iterable[int | Entry]) -> None:
        nonlocal place
        for item in items:
            if type(item) is dict and item["uid"] in gone:
                index = gone.pop(item["uid"])
                moved[index] = difference(document.entries[index], item) or None
                item = index
            stretch.coming.append((place, item))
            place += 1

    for component in op.components:
        if type(component) is Insert:
            coming(component.entries)
        elif type(component) is Drop:
            coming(picked[component.start : component.start + component.n])
        elif type(component) is Keep:
            parts += [stretch, component]
            stretch = _Stretch()
            position += component.n
        else:
            for index in range(position, position + component.n):
                stretch.leaving.append((place, index))
                place += 1
            position += component.n
    parts.append(stretch)
    return parts
