"""What an op makes of a document.

Knows documents and ops that fit them (`check`). Works on slices: what is kept is copied, never looked at.
"""

from typing import Final

from ot.document import Document
from ot.op import Component, Drop, Insert, Keep, Op, OpError, Pick, Remove
from ot.value import Edits, Entry, edited

# Up to here it takes half the time to copy the list whole and change the copy: each change shifts what stands
# behind it, which costs little, while gathering slices copies everything twice.
PATCHED_MAX: Final = 8


def apply(document: Document, op: Op) -> Document:
    """The document after `op`. Raises OpError op_length if the op is for a list of another length."""
    attributes = edited(document.attributes, op.attributes) if op.attributes else document.attributes
    if not op.components:
        return Document(document.entries, attributes)
    old, components = document.entries, op.components
    picked = _picked(old, components)
    few = len(components) <= PATCHED_MAX
    new, covered = (_patched if few else _gathered)(old, components, picked)
    if covered != len(old):
        raise OpError("op_length", f"The op covers {covered} entries and the list has {len(old)}.")
    return Document(new, attributes)


def inserted(op: Op) -> list[Entry]:
    """The entries that the op brings, in the order of its walk."""
    entries: list[Entry] = []
    for component in op.components:
        if type(component) is Insert:
            entries += component.entries
    return entries


def removed(document: Document, op: Op) -> list[Entry]:
    """The entries that the op takes away, in the order of `document`, the state before it."""
    entries: list[Entry] = []
    position = 0
    for component in op.components:
        if type(component) is Remove:
            entries += document.entries[position : position + component.n]
        if type(component) is not Insert and type(component) is not Drop:
            position += component.n
    return entries


def _gathered(
    old: list[Entry], components: tuple[Component, ...], picked: list[Entry]
) -> tuple[list[Entry], int]:
    """The new list, slice by slice, and how many old entries the components cover."""
    new: list[Entry] = []
    position = 0
    for component in components:
        if type(component) is Keep:
            end = position + component.n
            if component.edits is None:
                new += old[position:end]
            else:
                new += _edited(old[position:end], component.edits)
            position = end
        elif type(component) is Insert:
            new += component.entries
        elif type(component) is Drop:
            new += picked[component.start : component.start + component.n]
        else:
            position += component.n
    return new, position


def _patched(
    old: list[Entry], components: tuple[Component, ...], picked: list[Entry]
) -> tuple[list[Entry], int]:
    """As `_gathered`, by changing a copy."""
    new = old.copy()
    at = position = 0
    for component in components:
        if type(component) is Insert:
            new[at:at] = component.entries
            at += len(component.entries)
        elif type(component) is Drop:
            new[at:at] = picked[component.start : component.start + component.n]
            at += component.n
        else:
            position += component.n
            if type(component) is not Keep:
                del new[at : at + component.n]
                continue
            if component.edits is not None:
                new[at : at + component.n] = _edited(new[at : at + component.n], component.edits)
            at += component.n
    return new, position


def _picked(old: list[Entry], components: tuple[Component, ...]) -> list[Entry]:
    """The picked entries by number, already edited: drops may stand before the picks that they name."""
    picked: list[Entry] = []
    position = 0
    for component in components:
        if type(component) is Pick:
            run = old[position : position + component.n]
            picked += run if component.edits is None else _edited(run, component.edits)
            position += component.n
        elif type(component) is Keep or type(component) is Remove:
            position += component.n
    return picked


def _edited(entries: list[Entry], edits: Edits) -> list[Entry]:
    return [edited(entry, edits) for entry in entries]
