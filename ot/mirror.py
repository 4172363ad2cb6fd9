"""An op read from right to left.

`compose` puts what the second op produces in place of what the first took away leftmost, which suits a later
third party (law L). For an earlier one the opposite suits:

    T(c, rightmost(a, b), left) == T(T(c, a, left), b, left)

to the letter, and composing mirrored ops gives it: `rightmost(a, b)` is the mirror of `compose(mirror(a),
mirror(b))`. Knows components. Does not know why somebody wants it: that is `undo`.
"""

from ot.op import Component, Drop, Insert, Op, Pick


def mirror(op: Op) -> Op:
    """What `op` does to a list, for the reversed list. Its own inverse; normal forms stay so."""
    picks = sum(component.n for component in op.components if type(component) is Pick)
    return Op(tuple(_mirrored(component, picks) for component in reversed(op.components)), op.attributes)


def _mirrored(component: Component, picks: int) -> Component:
    if type(component) is Insert:
        return Insert(component.entries[::-1])
    if type(component) is Drop:
        return Drop(picks - component.start - component.n, component.n)
    return component
