"""The rules of the algebra, stated a second time: item by item.

Whoever states a rule once cannot see that it is wrong. Slow on purpose and shares no code with the algebra,
not even its types: ops and documents are what JSON holds (`{"l": [components], "a": {…}}`, `{"entries": […],
"attributes": {…}}`), an op is spelled out as what happens to each entry and what is put into each gap, and
each function walks that, one entry at a time. Where the two statements differ, one of them is wrong. Trusts
what it is given: ops fit their lists.
"""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Json: TypeAlias = dict[str, Any]

# What stands in a gap: a new entry, or the old index of an entry that was moved there.
Produced: TypeAlias = Json | int
Gaps: TypeAlias = list[list[Produced]]


@dataclass
class Spelled:
    """An op, item by item. `fates` and `edits` hold k, r or p and the members set for each old entry; `gaps`
    has one list more than there are old entries."""

    fates: list[str] = field(default_factory=list)
    edits: list[Json] = field(default_factory=list)
    gaps: Gaps = field(default_factory=lambda: [[]])
    attributes: Json = field(default_factory=dict)

    def consume(self, fate: str, edits: Json) -> None:
        """The next old entry, and an empty gap behind it."""
        self.fates.append(fate)
        self.edits.append(edits)
        self.gaps.append([])


def spell_out(op: Json, length: int) -> Spelled:
    """The op for a list of `length` entries, item by item."""
    spelled = Spelled(attributes=dict(op.get("a", {})))
    picked: list[int] = []
    for letter, *arguments in op.get("l", [["k", length]]):
        if letter == "i":
            spelled.gaps[-1] += arguments[0]
        elif letter == "d":
            # Pick numbers for now: a drop may stand before its pick.
            spelled.gaps[-1] += range(arguments[0], arguments[0] + arguments[1])
        else:
            for _ in range(arguments[0]):
                if letter == "p":
                    picked.append(len(spelled.fates))
                spelled.consume(letter, dict(arguments[1]) if len(arguments) > 1 else {})
    spelled.gaps = _with_indexes(spelled.gaps, picked)
    return spelled


def respell(spelled: Spelled) -> Json:
    """The op in normal form."""
    picked = [index for index, fate in enumerate(spelled.fates) if fate == "p"]
    numbers = {index: number for number, index in enumerate(picked)}
    walk: list[Any] = []
    for index, gap in enumerate(spelled.gaps):
        for produced in gap:
            _extend(walk, ["d", numbers[produced], 1] if isinstance(produced, int) else ["i", [produced]])
        if index < len(spelled.fates):
            edits = [spelled.edits[index]] if spelled.edits[index] else []
            _extend(walk, [spelled.fates[index], 1, *edits])
    op: Json = {}
    if walk and not (len(walk) == 1 and walk[0][0] == "k" and len(walk[0]) == 2):
        op["l"] = walk
    if spelled.attributes:
        op["a"] = spelled.attributes
    return op


def apply(document: Json, op: Json) -> Json:
    """The document after `op`."""
    old = document["entries"]
    spelled = spell_out(op, len(old))
    new: list[Json] = []
    for index, gap in enumerate(spelled.gaps):
        for produced in gap:
            new.append(
                edited(old[produced], spelled.edits[produced]) if isinstance(produced, int) else produced
            )
        if index < len(old) and spelled.fates[index] == "k":
            new.append(edited(old[index], spelled.edits[index]))
    return {"entries": new, "attributes": edited(document["attributes"], spelled.attributes)}


def merge(document: Json, first: Json, second: Json) -> Json:
    """What two concurrent ops make of a document, `first` having been committed earlier: the intentions."""
    old = document["entries"]
    one, two = spell_out(first, len(old)), spell_out(second, len(old))
    new: list[Json] = []

    def content(index: int) -> Json:
        return edited(edited(old[index], one.edits[index]), two.edits[index])

    for index in range(len(old) + 1):
        for produced in one.gaps[index]:
            if not isinstance(produced, int):
                new.append(produced)
            elif two.fates[produced] == "k":
                new.append(content(produced))
        for produced in two.gaps[index]:
            if not isinstance(produced, int):
                new.append(produced)
            elif one.fates[produced] != "r":
                new.append(content(produced))
        if index < len(old) and one.fates[index] == two.fates[index] == "k":
            new.append(content(index))
    attributes = edited(edited(document["attributes"], one.attributes), two.attributes)
    return {"entries": new, "attributes": attributes}


def transform(a: Json, b: Json, side: Literal["left", "right"]) -> Json:
    """`a` as it must read after the concurrent `b`; "left" if `a` is the earlier of the two."""
    later = side == "right"
    length = covered(a) if "l" in a else covered(b)
    mine, theirs = spell_out(a, length), spell_out(b, length)
    result = Spelled(attributes=mine.attributes if later else _without(mine.attributes, theirs.attributes))
    places: dict[int, int] = {}

    def meet(index: int) -> None:
        places[index] = len(result.fates)
        fate = mine.fates[index]
        if fate == "p" and theirs.fates[index] == "p" and not later:
            fate = "k"
        edits = mine.edits[index] if later else _without(mine.edits[index], theirs.edits[index])
        result.consume(fate, edits)

    def bring_mine(index: int) -> None:
        for produced in mine.gaps[index]:
            # A removed entry stays removed; of two moves the later one stands.
            if not isinstance(produced, int) or theirs.fates[produced] in ("kp" if later else "k"):
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
    result.gaps = _with_indexes(result.gaps, places)
    return respell(result)


def compose(a: Json, b: Json) -> Json:
    """The one op that `a` and then `b` amount to."""
    length = covered(a) if "l" in a else covered(b)
    one = spell_out(a, length)
    # Where each entry of the list in the middle comes from: an old index, or the new entry itself.
    middle: list[Produced] = []
    for index, gap in enumerate(one.gaps):
        middle += gap
        if index < length and one.fates[index] == "k":
            middle.append(index)
    at = {origin: place for place, origin in enumerate(middle) if isinstance(origin, int)}
    two = spell_out(b, len(middle))
    result = Spelled(attributes={**one.attributes, **two.attributes})
    gap_now = result.gaps[-1]

    def bring(origin: Produced, edits: Json) -> None:
        gap_now.append(origin if isinstance(origin, int) else edited(origin, edits))

    def bring_second(place: int) -> None:
        for produced in two.gaps[place]:
            if isinstance(produced, int):
                bring(middle[produced], two.edits[produced])
            else:
                gap_now.append(produced)

    place = 0
    bring_second(0)
    for index, gap in enumerate(one.gaps):
        for produced in gap:
            if two.fates[place] == "k":
                bring(produced, two.edits[place])
            place += 1
            bring_second(place)
        if index == length:
            break
        if one.fates[index] == "r" or two.fates[at[index]] == "r":
            result.consume("r", {})
        else:
            moved = "p" in (one.fates[index], two.fates[at[index]])
            result.consume("p" if moved else "k", {**one.edits[index], **two.edits[at[index]]})
        gap_now = result.gaps[-1]
        if one.fates[index] == "k":
            place += 1
            bring_second(place)
    return respell(result)


def invert(document: Json, op: Json) -> Json:
    """The op that leads from the document after `op` back to `document`, the one before it."""
    old = document["entries"]
    spelled = spell_out(op, len(old))
    result = Spelled(attributes=_old_members(document["attributes"], spelled.attributes))
    places: dict[int, int] = {}
    for index, gap in enumerate(spelled.gaps):
        for produced in gap:
            if isinstance(produced, int):
                places[produced] = len(result.fates)
                result.consume("p", _old_members(old[produced], spelled.edits[produced]))
            else:
                result.consume("r", {})
        if index == len(old):
            break
        match spelled.fates[index]:
            case "k":
                result.consume("k", _old_members(old[index], spelled.edits[index]))
            case "r":
                result.gaps[-1].append(old[index])
            case _:
                result.gaps[-1].append(index)
    result.gaps = _with_indexes(result.gaps, places)
    return respell(result)


def digest(document: Json) -> str:
    """The document's digest, from the recipe in `docs/PROTOCOL.md`."""
    parts = [canonical(part).encode() for part in (*document["entries"], document["attributes"])]
    hashes = b"".join(hashlib.sha256(part).digest()[:8] for part in parts)
    return hashlib.sha256(hashes).hexdigest()[:16]


def canonical(value: object) -> str:
    """The canonical JSON, character by character."""
    if isinstance(value, dict):
        # UTF-32 sorts by code point, whatever the language's own order is.
        keys = sorted(value, key=lambda key: str(key).encode("utf-32-be"))
        return "{" + ",".join(f"{canonical(key)}:{canonical(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return f"[{','.join(canonical(item) for item in value)}]"
    if not isinstance(value, str):
        return json.dumps(value)
    escaped = (f"\\u00{ord(c):02x}" if ord(c) < 32 else "\\" + c if c in '"\\' else c for c in value)
    return f'"{"".join(escaped)}"'


def covered(op: Json) -> int:
    """How many old entries the op walks over; 0 if it leaves the list as it is."""
    return sum(component[1] for component in op.get("l", []) if component[0] in "krp")


def collide(a: Json, b: Json) -> bool:
    """Whether two concurrent ops meet: in a gap into which both put something, or in an entry that both
    remove, move or edit."""
    length = covered(a) if "l" in a else covered(b)
    one, two = spell_out(a, length), spell_out(b, length)
    return any(mine and theirs for mine, theirs in zip(one.gaps, two.gaps, strict=True)) or any(
        _touches(one, index) and _touches(two, index) for index in range(length)
    )


def edited(members: Json, edits: Json) -> Json:
    """The members after an edit; null deletes one."""
    return {name: value for name, value in {**members, **edits}.items() if value is not None}


def _touches(spelled: Spelled, index: int) -> bool:
    return spelled.fates[index] != "k" or bool(spelled.edits[index])


def _without(edits: Json, others: Json) -> Json:
    return {name: value for name, value in edits.items() if name not in others}


def _old_members(members: Json, edits: Json) -> Json:
    return {name: members.get(name) for name in edits}


def _with_indexes(gaps: Gaps, indexes: dict[int, int] | list[int]) -> Gaps:
    """The gaps with each number replaced by the index that it stands for."""
    return [[indexes[item] if isinstance(item, int) else item for item in gap] for gap in gaps]


def _extend(walk: list[Any], component: list[Any]) -> None:
    """Appends a component of one item, or lengthens the last one by it if the two are alike."""
    last: list[Any] = walk[-1] if walk else [""]
    if last[0] != component[0]:
        walk.append(component)
    elif component[0] == "i":
        last[1] += component[1]
    elif component[0] == "d":
        if last[1] + last[2] == component[1]:
            last[2] += 1
        else:
            walk.append(component)
    elif canonical(last[2:]) == canonical(component[2:]):
        last[1] += 1
    else:
        walk.append(component)
