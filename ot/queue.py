"""Edits that wait to be sent.

A binary counter of composed ops, oldest first: each new edit is an op of one, and two neighbours of one size
become an op of twice the size. So n edits cost n log n to keep, and little more to become one op; composing
each edit onto one big op would be quadratic. Knows ops in a row, each written for the document that the one
before leaves. Does not know what was sent.
"""

from collections.abc import Callable, Iterable, Set

from ot.compose import compose
from ot.op import IDENTITY, Builder, Drop, Insert, Op
from ot.transform import transform
from ot.value import Entry, Value


class PendingQueue:
    """Ops in a row, and how many edits they stand for (`edits`)."""

    __slots__ = ("_ops", "_sizes", "edits")

    def __init__(self) -> None:
        self._ops: list[Op] = []
        # How many edits each op holds, as powers of two: log2. Falling, so no two neighbours are alike.
        self._sizes: list[int] = []
        self.edits = 0

    def __bool__(self) -> bool:
        return self.edits > 0

    def ops(self) -> tuple[Op, ...]:
        """What waits, in order, as it happens to be grouped."""
        return tuple(self._ops)

    def groups(self) -> list[tuple[int, Op]]:
        """All of its state but `edits`: what waits in order, each op with its size. How edits are grouped
        decides how they meet others' in one gap, so who goes on elsewhere needs the same groups."""
        return list(zip(self._sizes, self._ops, strict=True))

    def resume(self, groups: Iterable[tuple[int, Op]], edits: int) -> None:
        """Goes on from the `groups` of another queue, which stood for `edits` edits."""
        self._sizes, self._ops = [], []
        for size, op in groups:
            self._sizes.append(size)
            self._ops.append(op)
        self.edits = edits

    def push(self, op: Op) -> None:
        """Adds the newest edit."""
        size = 0
        while self._sizes and self._sizes[-1] == size:
            op = compose(self._ops.pop(), op)
            self._sizes.pop()
            size += 1
        self._ops.append(op)
        self._sizes.append(size)
        self.edits += 1

    def push_front(self, op: Op, edits: int) -> None:
        """Puts back an op that stands for `edits` edits older than all that wait."""
        self._ops.insert(0, op)
        self._sizes.insert(0, max(edits.bit_length(), self._sizes[0] + 1 if self._sizes else 0))
        self.edits += edits

    def take_all(self) -> Op:
        """Everything that waits, as one op; the queue is empty afterwards."""
        folded = self.folded()
        self._ops.clear()
        self._sizes.clear()
        self.edits = 0
        return folded

    def folded(self) -> Op:
        """Everything that waits, as one op; from the newest on, where the ops are small."""
        if not self._ops:
            return IDENTITY
        folded = self._ops[-1]
        for op in reversed(self._ops[:-1]):
            folded = compose(op, folded)
        return folded

    def replace(self, op: Op) -> None:
        """Puts one op that does the same in place of all that waits."""
        assert self._ops, "there is something to replace"
        self._ops = [op]
        self._sizes = [self.edits.bit_length()]

    def rebase(self, remote: Op) -> Op:
        """Carries what waits over `remote`, which came first; returns `remote` carried over what waits."""
        rebased = []
        for op in self._ops:
            rebased.append(transform(op, remote, "right"))
            remote = transform(remote, op, "left")
        self._ops = rebased
        return remote

    def take_inserts(self, uids: Set[Value]) -> Op:
        """Takes the inserts of entries with these uids out of the queue, as an op that comes before it.

        The two together do what the queue did: what else waits still edits, moves and removes those entries.
        """
        if any(_inserts_any(op, uids) for op in self._ops[1:]):
            # It would have to be carried in front of the older ops; in one op there are none.
            edits = self.edits
            self.push_front(self.take_all(), edits)
        if not self._ops or not _inserts_any(self._ops[0], uids):
            return IDENTITY
        taken, self._ops[0] = _split(self._ops[0], uids)
        return taken

    def rename(self, renamed: Callable[[Entry], Entry]) -> None:
        """Replaces each entry that waits to be inserted by `renamed(entry)`."""
        self._ops = [with_entries(op, renamed) for op in self._ops]


def _inserts_any(op: Op, uids: Set[Value]) -> bool:
    return any(
        entry["uid"] in uids
        for component in op.components
        if type(component) is Insert
        for entry in component.entries
    )


def _split(op: Op, uids: Set[Value]) -> tuple[Op, Op]:
    """Two ops that do what `op` does, the first of them only inserting the entries with these uids."""
    first, rest = Builder(), Builder()
    for component in op.components:
        if type(component) is Insert:
            for entry in component.entries:
                if entry["uid"] in uids:
                    first.insert([entry])
                    rest.keep(1)
                else:
                    rest.insert([entry])
        else:
            rest.add(component)
            if type(component) is not Drop:
                first.keep(component.n)
    return Op(first.components()), Op(rest.components(), op.attributes)


def with_entries(op: Op, renamed: Callable[[Entry], Entry]) -> Op:
    """The op with each entry that it inserts replaced by `renamed(entry)`."""
    builder = Builder()
    for component in op.components:
        if type(component) is Insert:
            builder.insert([renamed(entry) for entry in component.entries])
        else:
            builder.add(component)
    return Op(builder.components(), op.attributes)
