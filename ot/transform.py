"""How two ops meet.

    d ──a──► ·            One symmetric picture, not a table of pairs: both ops are walked over the old
    │        │            entries in lockstep. In a gap, what the first party produces stands left of what
    b     T(b, a, right)  the second does. `left` says that the rewritten op was committed first (or will
    ▼        ▼            have been), `right` that it comes later; nothing else breaks a tie.
    ·──────► ·
     T(a, b, left)        (for a first)

Knows positions and pick numbers. Does not look at an entry, so it does not know uids.
"""

from typing import Literal, TypeAlias

from ot.op import Builder, Component, Drop, Insert, Keep, Op, OpError, Pick, Remove
from ot.runs import END, Runs, moves, renumbered
from ot.value import Edits, Value

Side: TypeAlias = Literal["left", "right"]

# What `a` does to a run of entries that `b` picks: its component there, those of its edits that stand, and
# its pick number if it picks them too.
_Deed: TypeAlias = tuple[Component, Edits | None, int]


def transform(a: Op, b: Op, side: Side) -> Op:
    """`a`, rewritten to be applied after `b`; both were written for the same document.

    `side` is that of `a`: "left" if `a` is the earlier of the two, "right" if it is the later. Linear in the
    components of both, plus sorts of drops. Raises OpError op_length if the ops are for lists of different
    lengths.
    """
    later = side == "right"
    attributes = standing_attributes(a, b, later)
    if not a.components or not b.components:
        return a if attributes is a.attributes else Op(a.components, attributes)
    return Op(_rewritten(a.components, b.components, later), attributes)


def _rewritten(a: tuple[Component, ...], b: tuple[Component, ...], later: bool) -> tuple[Component, ...]:
    """The components of `a` in the order of the list that `b` leaves."""
    deeds = _deeds(a, b, later) if moves(b) else None
    out = Builder()
    places: Runs[int] = Runs()  # old pick numbers of `a` → new ones, for the moves that survive
    picks = picks_passed = 0  # new numbers given, old numbers passed
    in_place = True  # whether each move that survives kept its number
    a_at = b_at = a_left = b_left = 0
    from_a: Component = a[0]
    from_b: Component = b[0]
    while True:
        if not a_left and (b_left or not later):
            if a_at == len(a):
                a_left = END
                continue
            from_a = a[a_at]
            a_at += 1
            if type(from_a) is Insert:
                out.insert(from_a.entries)
            elif type(from_a) is Drop:
                out.drop(from_a.start, from_a.n)
            else:
                a_left = from_a.n
        elif not b_left:
            if b_at == len(b):
                b_left = END
                continue
            from_b = b[b_at]
            b_at += 1
            if type(from_b) is Insert:
                out.keep(len(from_b.entries))
            elif type(from_b) is Drop:
                assert deeds is not None, "check: who drops has picked"
                for offset, n, (deed, edits, number) in deeds.within(from_b.start, from_b.n):
                    if type(deed) is Remove:
                        out.remove(n)
                    elif type(deed) is Pick and later:
                        out.pick(n, edits)
                        places.add(number + offset, n, picks)
                        in_place = in_place and number + offset == picks
                        picks += n
                    else:
                        out.keep(n, edits)
            else:
                b_left = from_b.n
        else:
            if a_left == END or b_left == END:
                if a_left == b_left:
                    break
                raise OpError("op_length", "The two ops are for lists of different lengths.")
            n = a_left if a_left < b_left else b_left
            if type(from_b) is Keep:
                if type(from_a) is Remove:
                    out.remove(n)
                else:
                    edits = standing_edits(from_a, from_b, later)
                    if type(from_a) is Pick:
                        out.pick(n, edits)
                        places.add(picks_passed, n, picks)
                        in_place = in_place and picks_passed == picks
                        picks += n
                    else:
                        out.keep(n, edits)
            if type(from_a) is Pick:
                picks_passed += n
            a_left -= n
            b_left -= n
    components = out.components()
    if in_place and picks == picks_passed:
        return components
    return renumbered(components, places)


def _deeds(a: tuple[Component, ...], b: tuple[Component, ...], later: bool) -> Runs[_Deed]:
    """What `a` does to the entries that `b` picks, by `b`'s pick numbers."""
    deeds: Runs[_Deed] = Runs()
    a_picks = b_picks = 0
    b_at = b_left = 0
    from_b: Component = b[0]
    for from_a in a:
        if type(from_a) is Insert or type(from_a) is Drop:
            continue
        a_left = from_a.n
        while a_left:
            while not b_left:
                if b_at == len(b):
                    raise OpError("op_length", "The two ops are for lists of different lengths.")
                from_b = b[b_at]
                b_at += 1
                if type(from_b) is not Insert and type(from_b) is not Drop:
                    b_left = from_b.n
            n = a_left if a_left < b_left else b_left
            if type(from_b) is Pick:
                deeds.add(b_picks, n, (from_a, standing_edits(from_a, from_b, later), a_picks))
                b_picks += n
            if type(from_a) is Pick:
                a_picks += n
            a_left -= n
            b_left -= n
    return deeds


def standing_attributes(a: Op, b: Op, later: bool) -> dict[str, Value]:
    """The attributes that `a` still sets: of one that both set, the later party's value wins."""
    if later or not a.attributes or not b.attributes:
        return a.attributes
    return _without(a.attributes, b.attributes) or {}


def standing_edits(from_a: Component, from_b: Component, later: bool) -> Edits | None:
    """The edits of `from_a` on entries that both let stand: of one member, the later party's value wins."""
    if type(from_a) is not Keep and type(from_a) is not Pick:
        return None
    edits = from_a.edits
    if later or edits is None or (type(from_b) is not Keep and type(from_b) is not Pick) or not from_b.edits:
        return edits
    return _without(edits, from_b.edits)


def _without(edits: Edits, others: Edits) -> Edits | None:
    """The edits that do not touch what `others` set; None if none are left."""
    return {name: value for name, value in edits.items() if name not in others} or None
