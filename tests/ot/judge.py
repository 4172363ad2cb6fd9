"""The rules of the playlist algebra, stated a second time: item by item.

Slow on purpose and shares no code with `ot/`: an op is spelled out as what happens to each entry and what is
put into each gap, and each function below walks that, one entry at a time. Where the two statements differ,
one of them is wrong.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

from ot.document import Document
from ot.op import Drop, Insert, Keep, Op, Pick, Remove
from tests.ot.generate import with_edits

# What stands in a gap: a new entry, or the old index of an entry that was moved there.
Produced: TypeAlias = dict | int


@dataclass
class Spelled:
    """An op, item by item. `fates` holds k, r or p for each old entry; `gaps` one list more than entries."""

    fates: list[str] = field(default_factory=list)
    edits: list[dict] = field(default_factory=list)
    gaps: list[list[Produced]] = field(default_factory=lambda: [[]])
    attributes: dict = field(default_factory=dict)

    def consume(self, fate: str, edits: dict) -> None:
        self.fates.append(fate)
        self.edits.append(edits)
        self.gaps.append([])


def spell_out(op: Op, length: int) -> Spelled:
    spelled = Spelled(attributes=dict(op.attributes))
    picked: list[int] = []
    for component in op.components or (Keep(length),):
        match component:
            case Keep(n, edits):
                for _ in range(n):
                    spelled.consume("k", dict(edits or {}))
            case Remove(n):
                for _ in range(n):
                    spelled.consume("r", {})
            case Pick(n, edits):
                for _ in range(n):
                    picked.append(len(spelled.fates))
                    spelled.consume("p", dict(edits or {}))
            case Insert(entries):
                spelled.gaps[-1].extend(entries)
            case Drop(start, n):
                # Pick numbers for now: a drop may stand before its pick.
                spelled.gaps[-1].extend(range(start, start + n))
    spelled.gaps = [
        [picked[produced] if isinstance(produced, int) else produced for produced in gap]
        for gap in spelled.gaps
    ]
    return spelled


def applied(op: Op, document: Document) -> Document:
    spelled = spell_out(op, len(document.entries))
    after: list[dict] = []
    for index, gap in enumerate(spelled.gaps):
        for produced in gap:
            if isinstance(produced, int):
                produced = with_edits(document.entries[produced], spelled.edits[produced])
            after.append(produced)
        if index < len(spelled.fates) and spelled.fates[index] == "k":
            after.append(with_edits(document.entries[index], spelled.edits[index]))
    return Document(after, with_edits(document.attributes, spelled.attributes))


def merged(first: Op, second: Op, document: Document) -> Document:
    """What two concurrent ops make of a document, `first` having been committed earlier."""
    one, two = spell_out(first, len(document.entries)), spell_out(second, len(document.entries))
    after: list[dict] = []

    def content(index: int) -> dict:
        return with_edits(with_edits(document.entries[index], one.edits[index]), two.edits[index])

    for index in range(len(document.entries) + 1):
        for produced in one.gaps[index]:
            if not isinstance(produced, int):
                after.append(produced)
            elif two.fates[produced] == "k":
                after.append(content(produced))
        for produced in two.gaps[index]:
            if not isinstance(produced, int):
                after.append(produced)
            elif one.fates[produced] != "r":
                after.append(content(produced))
        if index < len(document.entries) and one.fates[index] == two.fates[index] == "k":
            after.append(content(index))
    attributes = with_edits(with_edits(document.attributes, one.attributes), two.attributes)
    return Document(after, attributes)


def transformed(op: Op, over: Op, later: bool, length: int) -> Spelled:
    """`op` as it must read after `over`."""
    mine, theirs = spell_out(op, length), spell_out(over, length)
    result = Spelled(attributes=_without(mine.attributes, {} if later else theirs.attributes))
    new_index: dict[int, int] = {}

    def meet(index: int) -> None:
        new_index[index] = len(result.fates)
        fate = mine.fates[index]
        if fate == "p" and theirs.fates[index] == "p" and not later:
            fate = "k"
        edits = mine.edits[index] if later else _without(mine.edits[index], theirs.edits[index])
        result.consume(fate, edits)

    def bring_mine(index: int) -> None:
        for produced in mine.gaps[index]:
            # A removed entry stays removed; of two moves the later one stands.
            stands = not isinstance(produced, int) or theirs.fates[produced] in ("kp" if later else "k")
            if stands:
                result.gaps[-1].append(produced)

    for index in range(length + 1):
        if not later:
            bring_mine(index)
        for produced in theirs.gaps[index]:
            if isinstance(produced, int):
                meet(produced)
            else:
                result.consume("k", {})
        if later:
            bring_mine(index)
        if index < length and theirs.fates[index] == "k":
            meet(index)
    result.gaps = [
        [new_index[produced] if isinstance(produced, int) else produced for produced in gap]
        for gap in result.gaps
    ]
    return result


def composed(first: Op, then: Op, length: int, middle_length: int) -> Spelled:
    """The one op that `first` and `then` amount to. `middle_length` is the length between the two."""
    one, two = spell_out(first, length), spell_out(then, middle_length)
    # Where each entry of the list in the middle comes from: an old index, or the new entry itself.
    middle: list[Produced] = []
    for index, gap in enumerate(one.gaps):
        middle += gap
        if index < length and one.fates[index] == "k":
            middle.append(index)
    at = {origin: place for place, origin in enumerate(middle) if isinstance(origin, int)}

    result = Spelled(attributes={**one.attributes, **two.attributes})

    def bring_second(gap: list[Produced]) -> None:
        for produced in gap:
            if isinstance(produced, int):
                origin = middle[produced]
                result.gaps[-1].append(
                    origin if isinstance(origin, int) else with_edits(origin, two.edits[produced])
                )
            else:
                result.gaps[-1].append(produced)

    place = 0
    bring_second(two.gaps[0])
    for index, gap in enumerate(one.gaps):
        for produced in gap:
            if two.fates[place] == "k":
                result.gaps[-1].append(
                    produced if isinstance(produced, int) else with_edits(produced, two.edits[place])
                )
            place += 1
            bring_second(two.gaps[place])
        if index == length:
            break
        if one.fates[index] == "r" or two.fates[at[index]] == "r":
            result.consume("r", {})
        else:
            moved = "p" in (one.fates[index], two.fates[at[index]])
            result.consume("p" if moved else "k", {**one.edits[index], **two.edits[at[index]]})
        if one.fates[index] == "k":
            place += 1
            bring_second(two.gaps[place])
    return result


def _without(edits: dict, others: dict) -> dict:
    return {name: value for name, value in edits.items() if name not in others}
