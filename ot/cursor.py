"""A place in a playlist that follows other people's ops.

A cursor is a gap between entries, numbered by the entries before it. It moves as an inserted marker would:
`follow(position, op, side)` is where the marker of `transform(insert marker at position, op, side)` stands.
"""

from ot.op import Drop, Insert, Keep, Op
from ot.transform import Side


def follow(position: int, op: Op, side: Side = "right") -> int:
    """The cursor after `op`, as a number of entries before it.

    With side "right" what others put exactly at the cursor comes to stand before it, with "left" after it. A
    cursor never travels with a moved block: it stays where it was. Linear in the components before it.
    """
    old = new = 0
    for component in op.components:
        if type(component) is Insert:
            if old < position or side == "right":
                new += len(component.entries)
        elif type(component) is Drop:
            if old < position or side == "right":
                new += component.n
        else:
            n = min(component.n, position - old)
            if type(component) is Keep:
                new += n
            if n < component.n:
                return new
            old += n
    # An op without components leaves every list as it is.
    return new + position - old
