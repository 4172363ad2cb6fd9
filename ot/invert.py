"""The op that takes an op back.

Removed content is not carried by ops, so the inverse is computed from the document at hand when the op is
applied. Knows the walk and the entries that it passes.
"""

from ot.document import Document
from ot.op import Builder, Drop, Insert, Keep, Op, OpError, Pick, Remove
from ot.runs import Runs
from ot.value import Edits, Entry


def invert(op: Op, document: Document) -> Op:
    """The op that leads from `apply(document, op)` back to `document`, the state BEFORE `op`.

    Linear in the components and the entries removed or edited, plus a sort of the drops. Raises OpError
    op_length if the op is for a list of another length.
    """
    attributes = _old_members(document.attributes, op.attributes)
    if not op.components:
        return Op((), attributes)
    places, edits = _moves(op, document)
    out = Builder()
    position = picks = 0
    for component in op.components:
        if type(component) is Insert:
            out.remove(len(component.entries))
        elif type(component) is Drop:
            if edits:
                for number in range(component.start, component.start + component.n):
                    out.pick(1, edits.get(number))
            else:
                out.pick(component.n)
        else:
            end = position + component.n
            if type(component) is Remove:
                out.insert(document.entries[position:end])
            elif type(component) is Pick:
                for offset, n, place in places.within(picks, component.n):
                    out.drop(place + offset, n)
                picks += component.n
            elif type(component) is Keep and component.edits:
                for entry in document.entries[position:end]:
                    out.keep(1, _old_members(entry, component.edits))
            else:
                out.keep(component.n)
            position = end
    if position != len(document.entries):
        raise OpError(
            "op_length", f"The op covers {position} entries and the list has {len(document.entries)}."
        )
    return Op(out.components(), attributes)


def _moves(op: Op, document: Document) -> tuple[Runs[int], dict[int, Edits]]:
    """By the op's pick numbers: the inverse's pick numbers, and the old members of the entries edited."""
    places: Runs[int] = Runs()
    edits: dict[int, Edits] = {}
    position = picks = dropped = 0
    for component in op.components:
        if type(component) is Drop:
            places.add(component.start, component.n, dropped)
            dropped += component.n
        elif type(component) is Pick:
            if component.edits:
                for i, entry in enumerate(document.entries[position : position + component.n]):
                    edits[picks + i] = _old_members(entry, component.edits)
            picks += component.n
            position += component.n
        elif type(component) is not Insert:
            position += component.n
    return places, edits


def _old_members(entry: Entry, edits: Edits) -> Edits:
    return {name: entry.get(name) for name in edits}
