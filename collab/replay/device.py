"""One person's copy of a playlist, edited through the engine that the SDK has.

Makes edits in the list as it stands here, each on its own, and exchanges submissions and rows with the
authority. Knows the engine, uids and items. Does not know the other devices, nor when it is its turn. Pure.
"""

from collections.abc import Iterable, Mapping, MutableMapping
from itertools import count
from typing import Any, Final, assert_never

from collab.kind import Author
from collab.messages import Row
from collab.replay.authority import Authority
from collab.replay.deck import Card
from collab.replay.hand import Action, Insert, Move, Remove, actions_of
from collab.replay.steps import Item, Removal
from ot.build import insert_at, move_range, remove_range
from ot.client import Engine
from ot.digest import Digester
from ot.document import Document
from ot.op import Op, decode
from ot.value import Entry

# When everything happens: how edits meet does not depend on the time.
NOW_MS: Final = 0


class Device:
    """`items` says which item an entry stands for, whichever device inserted it; `fields` what is known of an
    item."""

    def __init__(
        self,
        client: str,
        document: Document,
        items: MutableMapping[str, Item],
        fields: Mapping[Item, dict[str, Any]],
    ) -> None:
        self.author = Author(f"person of {client}", client, NOW_MS)
        self._engine = Engine(document, 0)
        self._items = items
        self._fields = fields
        self._digester = Digester()
        self._uids = count(1)
        self._seq = 0

    @property
    def document(self) -> Document:
        """What this person sees."""
        return self._engine.document

    @property
    def version(self) -> int:
        return self._engine.version

    @property
    def is_waiting(self) -> bool:
        """Whether something is in flight."""
        return self._engine.inflight is not None

    @property
    def is_synced(self) -> bool:
        return self._engine.is_synced

    def digest(self) -> str:
        return self._digester.digest(self.document)

    # -- editing ---------------------------------------------------------------------------------------------

    def make(self, card: Card, actions_max: int) -> tuple[list[Op], list[Item]]:
        """Makes an edit in at most so many actions. Returns the op of each, and the items that should have
        gone and did not."""
        seen = [self._items[str(entry["uid"])] for entry in self.document.entries]
        ops = []
        gone: set[Item] = set()
        for action in actions_of(card.edit, card.target, seen)[:actions_max]:
            op = self._op_of(action)
            self._engine.edit(op)
            ops.append(op)
            if isinstance(action, Remove):
                # Removes come from right to left, so places in `seen` stay true.
                gone.update(seen[action.start : action.start + action.n])
        if not isinstance(card.edit, Removal):
            return ops, []
        return ops, [item for item in card.edit.items if item not in gone]

    def _op_of(self, action: Action) -> Op:
        length = len(self.document.entries)
        match action:
            case Remove(start, n):
                return remove_range(length, start, n)
            case Insert(index, items):
                return insert_at(length, index, [self._entry(item) for item in items])
            case Move(start, n, before):
                return move_range(length, start, n, before)
        assert_never(action)

    def _entry(self, item: Item) -> Entry:
        uid = f"{self.author.client}.{next(self._uids)}"
        self._items[uid] = item
        return {"uid": uid, **self._fields[item], "added_by": self.author.user, "added_at": NOW_MS}

    # -- the authority ---------------------------------------------------------------------------------------

    def send(self) -> bool:
        """Freezes what waits. Whether anything is in flight now: edits may have come to nothing together."""
        if self._engine.send(self._seq + 1) is not None:
            self._seq += 1
        return self._engine.inflight is not None

    def commit(self, authority: Authority) -> Op | None:
        """What is in flight arrives at the authority. Returns the op as the history has it, which this device
        has yet to hear; None if nothing was left of it, which it then knows. Raises Refusal."""
        inflight = self._engine.inflight
        assert inflight is not None, "the caller has sent something"
        op = authority.commit(self.author, inflight)
        if op is None:
            # An ack without a version comes after everything that made the op void.
            client = self.author.client
            self.hear(authority.composed_rows(self.version, authority.version, client))
            self._engine.acknowledged_unchanged()
        return op

    def hear(self, rows: Iterable[Row]) -> None:
        """Rows arrive. Raises Diverged if an own commit is not the one that was predicted."""
        for row in rows:
            op = decode(row.op)
            if row.client == self.author.client:
                self._engine.receive_own(op, row.count)
            else:
                self._engine.receive(op, row.count)
