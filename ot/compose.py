"""Two ops, one after the other, as one.

`a`'s output is walked against `b`'s input. What `b` produces where `a` removed or picked goes right after the
entry before it (leftmost): with ties broken to the left in `transform`, this is what makes law L hold,

    T(c, compose(a, b)) == T(T(c, a), b)        for a later op c, to the letter,

so that a server may catch a client up with one composed op. Knows positions and pick numbers; looks at an
entry only to edit one that `a` inserted.
"""

from collections.abc import Sequence
from typing import Final, TypeAlias

from ot.op import IDENTITY, Builder, Component, Drop, Insert, Keep, Op, OpError, Pick, Remove
from ot.runs import END, Runs, moves, renumbered
from ot.value import Edits, Entry, edited

# Where a run that `b` picks comes from: entries that `a` inserts, or else the run's first provisional pick
# number. Until the new numbers are known, `a`'s picks keep theirs and `b`'s come after them.
_Source: TypeAlias = tuple[Entry, ...] | int


def compose(a: Op, b: Op) -> Op:
    """The op that does what `a` and then `b` do. Associative to the letter.

    Linear in the components of both and the entries inserted, plus sorts of drops. Raises OpError op_length
    if `b` is for a list of another length than `a` leaves.
    """
    attributes = (
        {**a.attributes, **b.attributes} if a.attributes and b.attributes else a.attributes or b.attributes
    )
    if not a.components:
        return b if attributes is b.attributes else Op(b.components, attributes)
    if not b.components:
        return a if attributes is a.attributes else Op(a.components, attributes)
    return Op(_composed(a.components, b.components), attributes)


def compose_all(ops: Sequence[Op]) -> Op:
    """All of them in order as one, as a balanced tree: from left to right would be quadratic."""
    level = list(ops)
    while len(level) > 1:
        joined = [compose(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            joined.append(level[-1])
        level = joined
    return level[0] if level else IDENTITY


def _composed(a: tuple[Component, ...], b: tuple[Component, ...]) -> tuple[Component, ...]:
    notes = _notes(a, b) if moves(a) or moves(b) else _NOTHING
    out = Builder()
    places: Runs[int] = Runs()  # provisional pick numbers → new ones
    picks = a_picks = b_picks = 0  # new numbers given; old numbers passed
    in_place = True  # whether each provisional number is the new one
    a_at = b_at = a_left = b_left = a_used = 0
    from_a: Component = a[0]
    from_b: Component = b[0]
    while True:
        if not b_left:
            if b_at == len(b):
                b_left = END
                continue
            from_b = b[b_at]
            b_at += 1
            if type(from_b) is Insert:
                out.insert(from_b.entries)
            elif type(from_b) is Drop:
                for offset, n, source in notes.sources.within(from_b.start, from_b.n):
                    if type(source) is tuple:
                        out.insert(source[offset : offset + n])
                    elif type(source) is int:
                        out.drop(source + offset, n)
            else:
                b_left = from_b.n
        elif not a_left:
            if a_at == len(a):
                a_left = END
                continue
            from_a = a[a_at]
            a_at += 1
            a_used = 0
            if type(from_a) is Remove:
                out.remove(from_a.n)
            elif type(from_a) is Pick:
                for _, n, fate in notes.fates.within(a_picks, from_a.n):
                    if type(fate) is Remove:
                        out.remove(n)
                    else:
                        out.pick(n, _both_edits(from_a, fate))
                        places.add(a_picks, n, picks)
                        in_place = in_place and a_picks == picks
                        picks += n
                    a_picks += n
            else:
                a_left = len(from_a.entries) if type(from_a) is Insert else from_a.n
        else:
            if a_left == END or b_left == END:
                if a_left == b_left:
                    break
                raise OpError("op_length", "The second op is for a list of another length.")
            n = a_left if a_left < b_left else b_left
            if type(from_a) is Keep:
                if type(from_b) is Remove:
                    out.remove(n)
                elif type(from_b) is Keep:
                    out.keep(n, _both_edits(from_a, from_b))
                else:
                    out.pick(n, _both_edits(from_a, from_b))
                    places.add(notes.a_picks + b_picks, n, picks)
                    in_place = in_place and notes.a_picks + b_picks == picks
                    picks += n
            elif type(from_b) is Keep:
                if type(from_a) is Insert:
                    out.insert(_edited_run(from_a.entries[a_used : a_used + n], from_b.edits))
                elif type(from_a) is Drop:
                    out.drop(from_a.start + a_used, n)
            if type(from_b) is Pick:
                b_picks += n
            a_used += n
            a_left -= n
            b_left -= n
    return out.components() if in_place else renumbered(out.components(), places)


class _Notes:
    """What must be known before the walk, because a pick and its drop may stand in either order."""

    __slots__ = ("a_picks", "fates", "sources")

    def __init__(self) -> None:
        # How many entries `a` moves.
        self.a_picks = 0
        # What `b` does to them, by `a`'s pick numbers.
        self.fates: Runs[Component] = Runs()
        # Where the entries that `b` moves come from, by `b`'s pick numbers.
        self.sources: Runs[_Source] = Runs()


_NOTHING: Final = _Notes()


def _notes(a: tuple[Component, ...], b: tuple[Component, ...]) -> _Notes:
    notes = _Notes()
    notes.a_picks = sum(component.n for component in a if type(component) is Pick)
    b_at = b_left = b_picks = 0
    from_b: Component = b[0]
    for from_a in a:
        if type(from_a) is Remove or type(from_a) is Pick:
            continue
        a_left = len(from_a.entries) if type(from_a) is Insert else from_a.n
        a_used = 0
        while a_left:
            while not b_left:
                if b_at == len(b):
                    raise OpError("op_length", "The second op is for a list of another length.")
                from_b = b[b_at]
                b_at += 1
                if type(from_b) is not Insert and type(from_b) is not Drop:
                    b_left = from_b.n
            n = a_left if a_left < b_left else b_left
            if type(from_a) is Drop:
                notes.fates.add(from_a.start + a_used, n, from_b)
            if type(from_b) is Pick:
                if type(from_a) is Insert:
                    source: _Source = tuple(_edited_run(from_a.entries[a_used : a_used + n], from_b.edits))
                else:
                    source = from_a.start + a_used if type(from_a) is Drop else notes.a_picks + b_picks
                notes.sources.add(b_picks, n, source)
                b_picks += n
            a_used += n
            a_left -= n
            b_left -= n
    return notes


def _both_edits(from_a: Component, from_b: Component) -> Edits | None:
    """The edits of both on an entry that both let stand."""
    first = from_a.edits if type(from_a) is Keep or type(from_a) is Pick else None
    then = from_b.edits if type(from_b) is Keep or type(from_b) is Pick else None
    return {**first, **then} if first and then else first or then


def _edited_run(entries: tuple[Entry, ...], edits: Edits | None) -> Sequence[Entry]:
    return [edited(entry, edits) for entry in entries] if edits else entries
