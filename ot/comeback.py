"""Entries that come back, and under which uid.

What an undo inserts was in the list before. Whether the server knows the old uid decides what becomes of it:

- it was never sent: the entry keeps it;
- it stands in what is acknowledged or in flight, as its removal only waits: the two cancel out (`compact`);
- its removal is in flight: nobody can know yet, so the entry waits under the old uid, *undecided*;
- it is gone: the entry gets a new uid, with the old one in `was`.

Knows uids, and the lists that they stand in. Does not know how an undo came to be.
"""

from collections.abc import Callable, Set
from typing import Protocol

from ot.apply import apply, inserted
from ot.compact import compact
from ot.compose import compose
from ot.document import Document
from ot.op import Builder, Op
from ot.queue import with_entries
from ot.value import Entry, Value


class Names(Protocol):
    """Where uids come from."""

    def take(self) -> str:
        """A uid that nobody ever had."""

    def owns(self, uid: str) -> bool:
        """Whether the server would take this uid from us, if nobody had it."""


class Comebacks:
    """What one client has to remember for it. `base` is the acknowledged list with the op in flight: what
    waits to be sent is written for it."""

    def __init__(self) -> None:
        # Own entries that were never sent: nobody knows their uids.
        self._unsent: set[Value] = set()
        self.undecided: set[Value] = set()

    def edited(self, op: Op) -> None:
        """An own edit, or one that was in flight, waits to be sent."""
        self._unsent.update(entry["uid"] for entry in inserted(op))

    def sent(self, op: Op) -> None:
        self._unsent.difference_update(entry["uid"] for entry in inserted(op))

    def resumed(self, pending: Op, undecided: Set[Value]) -> None:
        """`pending` waited already in an earlier life of this client."""
        self.edited(pending)
        self._unsent -= undecided
        self.undecided |= undecided

    def readied(self, op: Op, acked: Document, base: Document, names: Names) -> tuple[Op, Set[Value]]:
        """An undo with the uids that its entries will have. The second value holds the uids of those that
        stand in `base`; what waits, this op included, is to be compacted if there are any."""
        restored = {entry["uid"] for entry in inserted(op)}
        if not restored:
            return op, restored
        standing = restored & _uids(base)
        undecided = restored & _uids(acked) - standing

        def named(entry: Entry) -> Entry:
            uid = entry["uid"]
            if uid in standing or uid in undecided:
                return entry
            if uid not in self._unsent:
                return {**entry, "uid": names.take(), "was": uid}
            return entry if names.owns(str(uid)) else {**entry, "uid": names.take()}

        return with_entries(op, named), standing

    def took(self, op: Op, acked: Document, standing: Set[Value]) -> None:
        """`op`, as `readied` gave it, is what the user sees now."""
        restored = {entry["uid"] for entry in inserted(op)}
        if restored:
            undecided = restored & _uids(acked) - standing
            self.undecided |= undecided
            self._unsent |= restored - standing - undecided

    def naming(self, names: Names, named: dict[str, str]) -> Callable[[Entry], Entry]:
        """For when nothing is in flight any more: what was undecided is gone. Gives an entry that waits the
        uid that it will have, and notes it in `named`."""

        def renamed(entry: Entry) -> Entry:
            uid = str(entry["uid"])
            if uid not in self.undecided:
                return entry
            if uid not in named:
                named[uid] = names.take()
            return {**entry, "uid": named[uid], "was": uid}

        return renamed

    def decide(self, pending: Op, base: Document, gone: Set[Value]) -> tuple[Op, Op] | None:
        """Looks whether entries that wait undecided still may come back, when `base` is another; `gone` are
        the uids that others removed, which must not. What stands in `base`, as its removal was refused or
        will be sent anew, is moved or edited instead of inserted.

        Returns what waits from now on, and how the visible list changes by that; None if nothing changes.
        """
        standing = self.undecided & _uids(base)
        refused = self.undecided & gone
        if not standing and not refused:
            return None
        self.undecided -= standing | refused
        # New objects, to tell entries that wait from those that stand under the same uid.
        pending = with_entries(pending, dict)
        waiting = {id(entry) for entry in inserted(pending)}
        builder = Builder()
        for entry in apply(base, pending).entries:
            if entry["uid"] in (refused if id(entry) in waiting else standing):
                builder.remove(1)
            else:
                builder.keep(1)
        taken_out = Op(builder.components())
        return compact(compose(pending, taken_out), base), taken_out


def _uids(document: Document) -> set[Value]:
    return {entry["uid"] for entry in document.entries}
