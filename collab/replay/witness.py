"""Branches that met, told in other ways.

The authority and the devices got to one list; here the branches are merged again from what was edited, and
must get there too. `at_once` has each branch as one op and meets all earlier branches as one op;
`step_by_step` meets the same edits one after the other. By law L both give what was committed, to the letter.
`judged` states the rules a second time, without the algebra. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ot import judge
from ot.apply import apply
from ot.compose import compose, compose_all
from ot.document import Document
from ot.op import IDENTITY, Op, encode
from ot.transform import transform


class Unequal(Exception):
    """What must be equal is not; says what."""


@dataclass(frozen=True, slots=True)
class Committed:
    """A branch: its edits one by one, each for the list that the one before leaves; the same as one op; and
    what the history has of it, as one op."""

    edits: Sequence[Op]
    op: Op
    committed: Op

    @classmethod
    def of(cls, edits: Sequence[Op], commits: Sequence[Op]) -> "Committed":
        return cls(edits, compose_all(edits), compose_all(commits))


def at_once(base: Document, branches: Sequence[Committed]) -> Document:
    """What becomes of `base`; the branches are in the order of their commits. Raises Unequal."""
    earlier = IDENTITY
    for number, branch in enumerate(branches):
        op = transform(branch.op, earlier, "right")
        if op != branch.committed:
            raise Unequal(f"branch {number + 1}, met at once, is not what was committed")
        earlier = compose(earlier, op)
    return apply(base, earlier)


def step_by_step(base: Document, branches: Sequence[Committed]) -> Document:
    """As `at_once`. The edits of the first branch are met one by one, each later branch as it was committed:
    its edits, carried over others one by one, may meet them differently (`docs/OT.md`)."""
    steps: list[Op] = []
    for number, branch in enumerate(branches):
        op = branch.op
        for step in steps:
            op = transform(op, step, "right")
        if op != branch.committed:
            raise Unequal(f"branch {number + 1}, met step by step, is not what was committed")
        steps += [op] if steps else branch.edits
    for step in steps:
        base = apply(base, step)
    return base


def judged(base: Document, branches: Sequence[Committed]) -> Document:
    """As `at_once`, by the judge; it raises nothing."""
    document: judge.Json = {"entries": base.entries, "attributes": base.attributes}
    earlier: judge.Json = {}
    for branch in branches:
        op = judge.transform(encode(branch.op), earlier, "right")
        document = judge.apply(document, op)
        earlier = judge.compose(earlier, op)
    return Document(document["entries"], document["attributes"])


def collisions(branches: Sequence[Committed]) -> tuple[int, int]:
    """How many pairs of these branches there are, and how many of them meet in a gap or an entry."""
    ops = [encode(branch.op) for branch in branches]
    pairs = [(one, other) for place, one in enumerate(ops) for other in ops[:place]]
    return len(pairs), sum(judge.collide(one, other) for one, other in pairs)
