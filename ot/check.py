"""Does this op fit a list of this length?

The one question between a decoded op and its use: past it, `apply`, `transform` and `compose` trust the op.
Knows lengths. Does not know the list: whether a uid is taken is the playlist kind's question.
"""

from ot.op import Drop, Insert, Keep, Op, OpError, Pick, Remove


def check(op: Op, length: int) -> int:
    """The length of the list after `op`, for a list of `length` entries before it.

    Linear in the components, plus a sort of the drops: counts are summed, never walked. Raises OpError
    op_length if keep, remove and pick do not cover the list exactly, op_drops if the drops do not partition
    the picks.
    """
    if not op.components:
        return length
    kept = removed = picked = inserted = 0
    drops: list[tuple[int, int]] = []
    for component in op.components:
        if type(component) is Keep:
            kept += component.n
        elif type(component) is Insert:
            inserted += len(component.entries)
        elif type(component) is Remove:
            removed += component.n
        elif type(component) is Pick:
            picked += component.n
        elif type(component) is Drop:
            drops.append((component.start, component.n))
    covered = kept + removed + picked
    if covered != length:
        raise OpError("op_length", f"The op covers {covered} entries and the list has {length}.")
    drops.sort()
    dropped = 0
    for start, n in drops:
        if start != dropped:
            raise OpError("op_drops", "Each entry that an op picks is dropped exactly once.")
        dropped += n
    if dropped != picked:
        raise OpError("op_drops", f"The op picks {picked} entries and drops {dropped}.")
    return kept + picked + inserted
