"""What a playlist's past says.

The state at a version, what each op did to which entry, the way back to an older state, and the op that takes
back what one person did. Pure: documents and committed ops come in, documents and ops go out. Knows the
algebra. Does not know where ops are kept, who may ask, or how long the past reaches.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ot.apply import apply, removed
from ot.build import diff
from ot.compose import compose
from ot.document import Document
from ot.invert import invert
from ot.op import IDENTITY, Builder, Component, Drop, Insert, Keep, Op, Pick, Remove, is_identity
from ot.transform import transform
from ot.value import Edits, Entry, Value, edited

Deed: TypeAlias = Literal["added", "removed", "moved", "edited"]


@dataclass(frozen=True, slots=True)
class Step:
    """One committed op. `by_server`: the server made it at the author's wish (a restore, a take-back)."""

    version: int
    author: str
    at_ms: int
    op: Op
    by_server: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What an op did to one entry.

    `entry` is the entry after the op, or as it was last if it was removed. `before` and `after` are its
    indexes, None where it does not stand. `fields` is what was set, for an edit; None in it deletes. An
    entry that was moved and edited at once has two changes.
    """

    deed: Deed
    entry: Entry
    before: int | None
    after: int | None
    fields: Edits | None = None


# -- states --------------------------------------------------------------------------------------------------


def replay(document: Document, ops: Iterable[Op]) -> Document:
    """The state after these ops, one after the other."""
    for op in ops:
        document = apply(document, op)
    return document


def restoring(now: Document, past: Document) -> Op:
    """The op that leads from the state of now to that of the past. An entry that stands in both is kept, and
    moved only if it must be; one that is gone comes back under its old uid."""
    return diff(now, past)


# -- what happened -------------------------------------------------------------------------------------------


def changes(before: Document, op: Op) -> list[Change]:
    """What an op did to each entry that it touched, from left to right; `before` is the state before it.

    What only shifted, because others came or went, is not touched.
    """
    landings = _landings(op.components)
    found: list[Change] = []
    old = new = picks = 0
    for component in op.components:
        match component:
            case Insert():
                for entry in component.entries:
                    found.append(Change("added", entry, None, new))
                    new += 1
            case Drop():
                new += component.n
            case Remove():
                for entry in before.entries[old : old + component.n]:
                    found.append(Change("removed", entry, old, None))
                    old += 1
            case Keep():
                if component.edits:
                    for offset in range(component.n):
                        entry = edited(before.entries[old + offset], component.edits)
                        found.append(Change("edited", entry, old + offset, new + offset, component.edits))
                old += component.n
                new += component.n
            case Pick():
                for entry in before.entries[old : old + component.n]:
                    after = landings[picks]
                    entry = edited(entry, component.edits) if component.edits else entry
                    found.append(Change("moved", entry, old, after))
                    if component.edits:
                        found.append(Change("edited", entry, old, after, component.edits))
                    old += 1
                    picks += 1
    return found


def _landings(components: Iterable[Component]) -> dict[int, int]:
    """Where each pick comes to stand, by its number."""
    landings: dict[int, int] = {}
    new = 0
    for component in components:
        match component:
            case Insert():
                new += len(component.entries)
            case Keep():
                new += component.n
            case Drop():
                for offset in range(component.n):
                    landings[component.start + offset] = new + offset
                new += component.n
    return landings


def happened(document: Document, steps: Sequence[Step]) -> list[tuple[Step, list[Change]]]:
    """Each step with what it did; `document` is the state before the first."""
    told = []
    for step in steps:
        told.append((step, changes(document, step.op)))
        document = apply(document, step.op)
    return told


def life_of(uid: str, document: Document, steps: Sequence[Step]) -> list[tuple[Step, Change]]:
    """What happened to one entry; `document` is the state before the first step."""
    return [
        (step, change)
        for step, all_changes in happened(document, steps)
        for change in all_changes
        if change.entry["uid"] == uid
    ]


# -- taking back ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Span:
    """Some steps in a row, told apart by whose they are.

    start ──steps──► end        `back` takes one person's part back, `rest` is what the others did
      │               │         without it. `back` counts as earlier than whatever came after what it
      └────rest────►  ·  ◄back  takes back, so that the others' later decisions stand.
    """

    back: Op
    rest: Op


_NOTHING = _Span(IDENTITY, IDENTITY)


def take_back(before: Document, steps: Sequence[Step], author: str) -> Op:
    """The op, for the state after `steps`, that takes back what `author` did in them.

    `before` is the state before the first step. Entries that they added go, those that they removed come
    back under their old uids, their moves and edits are undone; where somebody else decided later, that
    decision stands. Near-linear in the components of all steps.
    """
    spans = []
    now = before
    for step in steps:
        if step.author == author:
            spans.append(_Span(invert(step.op, now), IDENTITY))
        else:
            spans.append(_Span(IDENTITY, step.op))
        now = apply(now, step.op)
    back = _whole(spans).back
    if is_identity(back):
        return back
    # Said anew by uid: what was removed and put back is one move, and what changes nothing is left out.
    return diff(now, apply(now, _without_twins(back, now)))


def _whole(spans: list[_Span]) -> _Span:
    """All of them joined, as a balanced tree: from left to right would be quadratic."""
    while len(spans) > 1:
        joined = [_joined(spans[i], spans[i + 1]) for i in range(0, len(spans) - 1, 2)]
        if len(spans) % 2:
            joined.append(spans[-1])
        spans = joined
    return spans[0] if spans else _NOTHING


def _joined(first: _Span, then: _Span) -> _Span:
    back = transform(first.back, then.rest, "left")
    rest = transform(then.rest, first.back, "right")
    return _Span(compose(then.back, back), compose(first.rest, rest))


def _without_twins(op: Op, document: Document) -> Op:
    """The op without inserts of entries that stand anyway: another restore has brought them back before."""
    standing: set[Value] = {entry["uid"] for entry in document.entries}
    standing.difference_update(entry["uid"] for entry in removed(document, op))
    builder = Builder()
    for component in op.components:
        if isinstance(component, Insert):
            for entry in component.entries:
                if entry["uid"] not in standing:
                    standing.add(entry["uid"])
                    builder.insert([entry])
        else:
            builder.add(component)
    return Op(builder.components(), op.attributes)
