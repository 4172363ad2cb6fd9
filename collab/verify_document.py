"""Whether one document's rows tell one story.

Plays a document's history again, from its oldest snapshot, as the server decided it: each op must follow the
one before, be acceptable to its kind at the moment of its commit, and lead to every later snapshot; each
client's seqs must ascend and end in its settled row. Pure: rows come in, findings are sentences. Knows what
`promises.md` says of a document. Does not know the store, nor what lies between documents.

The rows may be read beside a running server, one query after the other. `head` is read first and `finish`
gets a newer one last, so that what was written meanwhile is told from what is wrong.
"""

from dataclasses import dataclass
from typing import Any, Final

import msgpack
import msgspec

from collab.codec import unpack_body
from collab.errors import Refusal
from collab.kind import Author, Kind, Roles, State
from storage.rows import Head, OpRow, Settled, Snapshot

# One damaged row can make every later one look wrong; more lines than this help nobody.
FINDINGS_KEPT: Final = 100

_CANONICAL = msgspec.msgpack.Encoder(order="deterministic")
# What reading damaged bytes, or good bytes of another shape, can raise.
_UNREADABLE: Final = (ValueError, LookupError, TypeError, AttributeError, msgpack.UnpackException)


@dataclass(frozen=True, slots=True)
class _LastOp:
    """The newest op of one client so far."""

    seq: int
    version: int
    author: str


class DocumentCheck:
    """Feed it `snapshot` and `op` in order of version (a snapshot after the op of its version), then
    `settled`, then `finish`. `count` is how many findings there are, `findings` the first of them."""

    def __init__(self, kind: Kind[Any] | None, head: Head) -> None:
        self.count = 0
        self.findings: list[str] = []
        self.version = head.horizon
        self._kind = kind
        self._head = head
        self._state: State[Any] | None = None
        self._last_ops: dict[str, _LastOp] = {}
        self._last_changes = 0
        self._last_version = 0
        if kind is None:
            self._find(f"its kind {head.kind!r} is unknown to this program")
        if not 0 <= head.horizon <= head.version:
            self._find(f"its head says version {head.version}, but a horizon of {head.horizon}")
        if head.version > 0 and head.changes <= 0:
            self._find(f"its head says version {head.version}, but {head.changes} changes")

    # -- history -------------------------------------------------------------------------------------------

    def snapshot(self, snapshot: Snapshot) -> None:
        """A stored snapshot; beyond the head's version it is only noted, for `finish`."""
        self._last_version = max(self._last_version, snapshot.version)
        if snapshot.version > self._head.version or self._kind is None:
            return
        try:
            loaded = self._kind.load(unpack_body(snapshot.body))
            digest, dump = loaded.digest(), _CANONICAL.encode(loaded.dump())
        except _UNREADABLE:
            self._find(f"the snapshot at version {snapshot.version} cannot be read")
            return
        if self._state is None:
            self._state = loaded
        elif self._state.digest() != digest:
            self._find(
                f"the snapshot at version {snapshot.version} has the digest {digest}, the ops before it lead "
                f"to {self._state.digest()}"
            )
        elif _CANONICAL.encode(self._state.dump()) != dump:
            self._find(f"the snapshot at version {snapshot.version} remembers other removals than the ops")

    def history_begins(self, snapshot: Snapshot | None) -> None:
        """The oldest snapshot that is not below the horizon: it must stand exactly there."""
        if snapshot is None or snapshot.version > self._head.horizon:
            self._find(f"there is no snapshot at version {self._head.horizon}, where its history begins")
        if snapshot is not None and snapshot.version == self._head.horizon:
            self.snapshot(snapshot)

    def op(self, row: OpRow) -> None:
        if row.version != self.version + 1:
            self._find(_missing(self.version + 1, row.version - 1))
            self._state = None
        self.version = row.version
        self._check_op_id(row)
        if self._kind is None:
            return
        try:
            change = self._kind.read(unpack_body(row.body))
        except Refusal as refusal:
            self._find(f"the op of version {row.version} is no op: {refusal.message}")
            self._state = None
            return
        except _UNREADABLE:
            self._find(f"the op of version {row.version} cannot be read")
            self._state = None
            return
        if self._state is not None:
            self._play(self._state, change, row)

    def history_ends(self) -> None:
        """All ops up to the head's version were given."""
        if self.version < self._head.version:
            self._find(_missing(self.version + 1, self._head.version))

    def _play(self, state: State[Any], change: Any, row: OpRow) -> None:
        draft = state.draft()
        try:
            draft.replay(change, Author(row.author, row.client_id, row.at_ms))
        except Refusal as refusal:
            self._find(f"the op of version {row.version} does not fit ({refusal.code}): {refusal.message}")
            try:
                draft.apply(change)
            except (Refusal, *_UNREADABLE):
                self._state = None
                return
        state.absorb(draft)

    def _check_op_id(self, row: OpRow) -> None:
        before = self._last_ops.get(row.client_id)
        if row.seq < 1 or (before is not None and row.seq <= before.seq):
            earlier = f", version {before.version} seq {before.seq}" if before else ""
            self._find(f"version {row.version} carries seq {row.seq} of client {row.client_id}{earlier}")
        if before is not None and row.author != before.author:
            self._find(f"versions {before.version} and {row.version} are of one client and of two users")
        self._last_ops[row.client_id] = _LastOp(row.seq, row.version, row.author)

    # -- settled rows --------------------------------------------------------------------------------------

    def settled(self, row: Settled) -> None:
        name = f"the settled row of client {row.client_id}"
        if (row.version is None) != bool(row.code) or row.seq < 1:
            self._find(f"{name} is neither a version nor a refusal of a seq")
        self._last_changes = max(self._last_changes, row.changes)
        self._last_version = max(self._last_version, row.version or 0)
        last = self._last_ops.pop(row.client_id, None)
        if last is None:
            return
        carried = f"version {last.version} carries its seq {last.seq}"
        if last.author != row.user_id:
            self._find(f"{name} is of user {row.user_id}, its op of version {last.version} is not")
        if last.seq > row.seq:
            self._find(f"{name} ends at seq {row.seq}, but {carried}")
        elif row.changes > self._head.changes:
            pass  # written after we read the head, and so after the last op that we saw
        elif last.seq == row.seq and row.version != last.version:
            self._find(f"{name} says {row.code or f'version {row.version}'} of seq {row.seq}, but {carried}")
        elif row.version is not None and row.version < last.version:
            self._find(f"{name} says version {row.version} of seq {row.seq}, but {carried}")

    def finish(self, head_now: Head, last_op_version: int, members: Roles) -> None:
        """`head_now` was read after all that was given, `last_op_version` and `members` just before it."""
        for client, last in self._last_ops.items():
            self._find(f"client {client} has no settled row, but version {last.version} is its op")
        if self._last_changes > head_now.changes:
            self._find(
                f"a settled row is of change {self._last_changes}, its head stands at {head_now.changes}"
            )
        beyond = max(self._last_version, last_op_version)
        if beyond > head_now.version:
            self._find(f"there are rows of version {beyond}, its head stands at version {head_now.version}")
        if self._state is not None and head_now == self._head:
            self._check_members(self._state.roles(), members)

    def _check_members(self, roles: Roles | None, members: Roles) -> None:
        """Where the state holds the members, the table is an index of them."""
        if roles is None:
            return
        for user in sorted({*roles, *members}):
            if roles.get(user) != members.get(user):
                self._find(
                    f"the members' table says {members.get(user) or 'nothing'} of user {user}, "
                    f"the ops lead to {roles.get(user) or 'nothing'}"
                )

    def _find(self, what: str) -> None:
        self.count += 1
        if self.count <= FINDINGS_KEPT:
            self.findings.append(what)


def _missing(first: int, last: int) -> str:
    return f"version {first} is missing" if first == last else f"versions {first} to {last} are missing"
