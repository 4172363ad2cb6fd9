"""What somebody did, so that they can take it back.

    · ◄──i1── · ◄──i2── · ◄──i3── now          Each deed is the inverse of own edits, written for the list
              r1        r2        r3           that the next deed leads to. What others did since a deed is
                                               carried by that deed alone (lazily: r3 belongs to i3), and
    handed down to the deed below when the upper one is taken. The stored op is the EARLIER party of the two,
    so later decisions of others stand; what others did is therefore composed rightmost (see `mirror`).

Deeds made within a short time form a step, and steps are taken back as a whole. Redo is the same thing the
other way: its deeds are made when undo happens. An entry that somebody else removed does not come back, and
neither does one that stands in the list already. Knows lists and ops. Does not know what is sent, nor which
uid a restored entry gets: that is the engine's.
"""

from collections.abc import Iterable, Set
from operator import is_
from typing import Final, Literal, TypeAlias

from ot.apply import apply, inserted
from ot.build import diff
from ot.compose import compose, compose_all
from ot.document import Document
from ot.invert import invert
from ot.mirror import mirror
from ot.op import IDENTITY, Builder, Insert, Op, is_identity
from ot.queue import PendingQueue
from ot.transform import transform
from ot.value import Entry, Value

Direction: TypeAlias = Literal["undo", "redo"]

# More steps than anybody remembers having done.
STEPS_MAX: Final = 100
# Two edits within this time are one step: what is done faster was one intention (Yjs waits as long).
STEP_MS: Final = 500
# Others' edits between one's own cost something when a step is taken back; a step is cut here.
DEEDS_PER_STEP_MAX: Final = 100
_RESTORABLE_MIN: Final = 1_000


class UndoStack:
    """One person's steps on one document. `take` gives the op that takes a step back; the caller applies it
    and says `took`, or `give_back` if it could not."""

    def __init__(self, steps_max: int = STEPS_MAX, step_ms: int = STEP_MS) -> None:
        self.step_ms = step_ms
        self._stacks: dict[Direction, _Stack] = {"undo": _Stack(steps_max), "redo": _Stack(steps_max)}
        # When the newest step last grew; None: the next edit begins a new one.
        self._last_ms: int | None = None
        # Uids of entries that a deed would bring back, and perhaps some that none would bring back any more;
        # gathered anew when it has grown.
        self._restorable: set[Value] = set()
        self._restorable_max = _RESTORABLE_MIN

    def record(self, op: Op, before: Document, now_ms: int | None = None) -> None:
        """An own edit, made on `before`, the visible list, at `now_ms` of any clock; None: a step of its own.

        What was undone before cannot be redone any more.
        """
        self._stacks["redo"].clear()
        last_ms, self._last_ms = self._last_ms, now_ms
        joins = last_ms is not None and now_ms is not None and 0 <= now_ms - last_ms <= self.step_ms
        self._push("undo", invert(op, before), joins=joins)

    def clear(self) -> None:
        """Forgets everything."""
        for stack in self._stacks.values():
            stack.clear()
        self._restorable.clear()
        self._last_ms = None

    def end_step(self) -> None:
        """The next edit begins a new step, however soon it comes."""
        self._last_ms = None

    def carry(self, visible: Op, document: Document, gone: Set[Value] = frozenset()) -> None:
        """The visible list changed by `visible` to `document`, and not by an own edit. Others removed the
        entries with the uids `gone`, seen or not: who removed one of them as well, a moment too late, may
        not restore it. What stands again (a removal was refused, or taken back by others) is not restored
        beside itself."""
        if not is_identity(visible):
            for stack in self._stacks.values():
                stack.carry(visible)
        settled = self._restorable & gone
        settled |= self._restorable & {entry["uid"] for entry in inserted(visible)}
        if settled:
            for stack in self._stacks.values():
                stack.leave_out(settled, document)

    def can(self, direction: Direction, document: Document) -> bool:
        """Whether anything of `document`, the visible list, would change."""
        return not is_identity(self._stacks[direction].next(document))

    def take(self, direction: Direction, document: Document) -> Op:
        """The op that takes the newest step back, for `document`, the visible list; identity if none.

        What it inserts bears the uids of old. The step is no longer here.
        """
        self._last_ms = None
        return self._stacks[direction].take(document)

    def took(self, direction: Direction, op: Op, document: Document) -> None:
        """`op`, as `take` gave it, was applied to `document`: its inverse is a step the other way."""
        self._push("redo" if direction == "undo" else "undo", invert(op, document), joins=False)

    def give_back(self, direction: Direction, op: Op) -> None:
        """`op`, as `take` gave it, was not applied."""
        self._push(direction, op, joins=False)

    def _push(self, direction: Direction, inverse: Op, *, joins: bool) -> None:
        self._stacks[direction].push(inverse, joins=joins)
        self._restorable.update(entry["uid"] for entry in inserted(inverse))
        if len(self._restorable) > self._restorable_max:
            self._restorable = {uid for stack in self._stacks.values() for uid in stack.restorable()}
            self._restorable_max = _RESTORABLE_MIN + 2 * len(self._restorable)


class _Deed:
    """The inverse of some own edits with nothing in between, and what others did since.

    Both are binary counters, as in `ot.queue`; here each newer inverse comes in front of the older ones.
    """

    __slots__ = ("_inverses", "_remote", "_sizes")

    def __init__(self, inverse: Op) -> None:
        self._inverses = [inverse]
        self._sizes = [0]
        self._remote = PendingQueue()

    @property
    def is_newest(self) -> bool:
        """Whether nobody did anything since."""
        return not self._remote

    def add(self, inverse: Op) -> None:
        size = 0
        while self._sizes and self._sizes[-1] == size:
            inverse = compose(inverse, self._inverses.pop())
            self._sizes.pop()
            size += 1
        self._inverses.append(inverse)
        self._sizes.append(size)

    def carry(self, visible: Op) -> None:
        self._remote.push(mirror(visible))

    def settle(self) -> tuple[Op, Op]:
        """The inverse, rewritten for the list as it is now, and what others did since as the deed below has
        to be carried over it."""
        op = self._inverses[-1]
        for older in reversed(self._inverses[:-1]):
            op = compose(op, older)
        remote = mirror(self._remote.take_all())
        return transform(op, remote, "left"), transform(remote, op, "right")

    def restorable(self) -> Iterable[Value]:
        for op in self._inverses:
            for entry in inserted(op):
                yield entry["uid"]


class _Stack:
    """Steps in one direction, each a list of deeds; the last deed of the last step is for the list now."""

    def __init__(self, steps_max: int) -> None:
        self._steps_max = steps_max
        self._steps: list[list[_Deed]] = []

    def clear(self) -> None:
        self._steps.clear()

    def push(self, inverse: Op, *, joins: bool) -> None:
        step = self._steps[-1] if self._steps and joins else []
        if step and step[-1].is_newest:
            step[-1].add(inverse)
        elif step and len(step) < DEEDS_PER_STEP_MAX:
            step.append(_Deed(inverse))
        else:
            self._steps.append([_Deed(inverse)])
            del self._steps[: -self._steps_max]

    def carry(self, visible: Op) -> None:
        if self._steps and not is_identity(visible):
            self._steps[-1][-1].carry(visible)

    def restorable(self) -> Iterable[Value]:
        for step in self._steps:
            for deed in step:
                yield from deed.restorable()

    def next(self, document: Document) -> Op:
        """What taking back the newest step with any effect would do; those without are dropped. Identity if
        none is left."""
        while self._steps:
            op = self._settle()
            if not _is_without_effect(op, document):
                return op
            self._steps.pop()
        return IDENTITY

    def take(self, document: Document) -> Op:
        """As `next`; the step is no longer here."""
        op = self.next(document)
        if self._steps:
            self._steps.pop()
        return op

    def leave_out(self, uids: Set[Value], document: Document) -> None:
        """Entries with these uids will not be brought back. Settles step after step to find them: rare."""
        looking = uids & set(self.restorable())
        above: list[list[_Deed]] = []
        while looking and self._steps:
            op = self._settle()
            found = looking & {entry["uid"] for entry in inserted(op)}
            rest = _without(op, found) if found else op
            above.append([_Deed(rest)])
            self._steps.pop()
            if found:
                self.carry(_shift(op, found, document, apply(document, rest)))
                looking -= found
            document = apply(document, rest)
        self._steps += reversed(above)

    def _settle(self) -> Op:
        """Makes one deed of the newest step, for the list as it is now."""
        step = self._steps.pop()
        ops: list[Op] = []
        for deed in reversed(step):
            op, remote = deed.settle()
            ops.append(op)
            below = step[-len(ops) - 1] if len(ops) < len(step) else self._top()
            if below is not None and not is_identity(remote):
                below.carry(remote)
        settled = compose_all(ops)
        self._steps.append([_Deed(settled)])
        return settled

    def _top(self) -> _Deed | None:
        return self._steps[-1][-1] if self._steps else None


def _without(op: Op, uids: Set[Value]) -> Op:
    """`op` without inserting the entries with these uids."""
    builder = Builder()
    for component in op.components:
        if type(component) is Insert:
            builder.insert([entry for entry in component.entries if entry["uid"] not in uids])
        else:
            builder.add(component)
    return Op(builder.components(), op.attributes)


def _shift(op: Op, left_out: Set[Value], document: Document, after: Document) -> Op:
    """From the list that the step below expects, the one after `op`, to `after`, where entries are left out.

    Of one that stands already, in the wrong place so to speak, the one that `op` would have brought is taken
    for it: older steps are about that entry, wherever it stands now.
    """
    nobody: Entry = {"uid": ""}
    others = [nobody if entry["uid"] in left_out else entry for entry in document.entries]
    return diff(apply(Document(others, document.attributes), op), after)


def _is_without_effect(op: Op, document: Document) -> bool:
    if is_identity(op):
        return True
    after = apply(document, op)
    return (
        len(after.entries) == len(document.entries)
        and after.attributes == document.attributes
        and all(map(is_, after.entries, document.entries))
    )
