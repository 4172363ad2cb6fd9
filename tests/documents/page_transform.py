"""`transform` as PROTOCOL.md tells it, entry by entry and on the wire form.

Written from section 6 of that page and nothing else, without a thought for speed: if it agrees with the real
one, a stranger can write theirs from the page.
"""

import json
from typing import Any

Json = dict[str, Any]
Component = list[Any]


def transform(a: Json, b: Json, side: str) -> Json:
    attributes = a.get("a", {})
    if side == "left":
        attributes = {name: value for name, value in attributes.items() if name not in b.get("a", {})}
    walk = a.get("l", [])
    if walk and b.get("l"):
        walk = _normal(_rewritten(_Walk(walk), _Walk(b["l"]), side))
    return {**({"l": walk} if walk else {}), **({"a": attributes} if attributes else {})}


class _Walk:
    """A list of components taken apart: what happens to each old entry, what is produced in each gap."""

    def __init__(self, components: list[Component]) -> None:
        self.fates: list[tuple[str, Json]] = []
        self.gaps: list[list[Component]] = [[]]
        for component in components:
            if component[0] in "id":
                self.gaps[-1].append(component)
                continue
            for _ in range(component[1]):
                self.fates.append((component[0], component[2] if len(component) == 3 else {}))
                self.gaps.append([])
        self.picked = [index for index, (letter, _) in enumerate(self.fates) if letter == "p"]


def _rewritten(a: _Walk, b: _Walk, side: str) -> list[Component]:
    out: list[Component] = []
    numbers: list[int] = []  # a's old pick numbers, in the order of their new ones

    def deed(index: int) -> tuple[str, Json]:
        letter, edits = a.fates[index]
        theirs, their_edits = b.fates[index]
        if side == "left" and theirs in "kp":
            edits = {field: value for field, value in edits.items() if field not in their_edits}
        return letter, edits

    def emit(index: int, *, picks_survive: bool) -> None:
        letter, edits = deed(index)
        if letter == "p" and picks_survive:
            numbers.append(a.picked.index(index))
        elif letter == "p":
            letter = "k"
        out.append([letter, 1, edits])

    def mine(gap: int) -> None:
        out.extend(a.gaps[gap])

    def theirs(gap: int) -> None:
        for component in b.gaps[gap]:
            if component[0] == "i":
                out.append(["k", len(component[1]), {}])
                continue
            _, start, n = component
            for index in b.picked[start : start + n]:
                emit(index, picks_survive=side == "right")

    for gap in range(len(a.gaps)):
        for produce in (mine, theirs) if side == "left" else (theirs, mine):
            produce(gap)
        if gap < len(b.fates) and b.fates[gap][0] == "k":
            emit(gap, picks_survive=True)
    return [piece for component in out for piece in _renumbered(component, numbers)]


def _renumbered(component: Component, numbers: list[int]) -> list[Component]:
    if component[0] != "d":
        return [component]
    _, start, n = component
    return [["d", numbers.index(old), 1] for old in range(start, start + n) if old in numbers]


def _normal(components: list[Component]) -> list[Component]:
    out: list[Component] = []
    for letter, *rest in components:
        component = [letter, *rest]
        if letter in "krp":
            component = [letter, rest[0], *([rest[1]] if rest[1] else [])]
        last = out[-1] if out else [""]
        if letter in "krp" and last[0] == letter and _same(last[2:], component[2:]):
            out[-1] = [letter, last[1] + component[1], *component[2:]]
        elif letter == "i" and last[0] == "i":
            out[-1] = ["i", last[1] + component[1]]
        elif letter == "d" and last[0] == "d" and last[1] + last[2] == component[1]:
            out[-1] = ["d", last[1], last[2] + component[2]]
        else:
            out.append(component)
    return [] if len(out) == 1 and out[0][0] == "k" and len(out[0]) == 2 else out


def _same(one: list[Any], other: list[Any]) -> bool:
    """Whether edits are equal; as text, because to Python `True` is `1`."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
