"""The committed document in memory.

Where the document stands, its state, and its recent past, which move together and only by what the store has
committed. Says what a client missed, and when a digest or a snapshot is due. Knows versions; does not know
who is in the room or what waits.
"""

from dataclasses import replace
from typing import Generic, TypeVar

from collab.batch import Batch
from collab.codec import pack_body, unpack_body
from collab.effects import SaveSnapshot
from collab.kind import Kind
from collab.messages import Digest, Row
from collab.window import Window
from storage.rows import Head, Loaded, OpRow, Snapshot

Change = TypeVar("Change")

DIGEST_EVERY = 64
SNAPSHOT_EVERY = 512
# A large state is written more rarely: a stored op has some 250 bytes, so snapshots at most double what is
# written, and a load folds no more than a few thousand ops.
SNAPSHOT_BYTES_PER_OP = 256
SNAPSHOT_EVERY_MAX = 4096
# Older than this a base counts as gone, kept or not: reading so many ops back would stall the room.
HISTORY_MAX = 20_000
# Up to here a client gets the ops that it missed one by one, with their authors.
SINGLE_ROWS_MAX = 64
# Where nothing is composed they come one by one up to here; beyond it a snapshot is cheaper.
DECIDED_ROWS_MAX = 512
DECIDED_BYTES_MAX = 128 * 1024


class Ledger(Generic[Change]):
    """`head`, `state` and `window` are for reading; the methods move them together."""

    def __init__(self, kind: Kind[Change], loaded: Loaded) -> None:
        self._kind = kind
        self.head = loaded.head
        self.state = kind.load(unpack_body(loaded.snapshot.body))
        self.window = Window(kind, loaded.snapshot.version)
        self._snapshot_version = loaded.snapshot.version
        self._snapshot_bytes = len(loaded.snapshot.body)
        self._digest_version = loaded.head.version
        self._append(loaded.tail)
        assert self.window.end == self.head.version, "the store loads a tail up to its head"
        self._trim()

    # -- what was committed -----------------------------------------------------------------------------

    def absorb(self, batch: Batch[Change]) -> None:
        """Our own batch is durable; its changes stand in the window already."""
        self.state.absorb(batch.draft)
        version, changes = self.head.version + len(batch.rows), self.head.changes + 1
        self.head = replace(self.head, version=version, changes=changes)
        self._trim()

    def discard(self) -> None:
        """Our own batch was not committed: its changes leave the window."""
        self.window.truncate(self.head.version)

    def catch_up(self, head: Head, op_rows: tuple[OpRow, ...]) -> list[Row]:
        """What others committed, up to `head`; returned as it travels."""
        rows = self._append(op_rows)
        self.head = head
        assert self.window.end == head.version, "news reach up to their head"
        self._trim()
        return rows

    def _trim(self) -> None:
        """What nothing is rebased over is kept for `missed` alone, which gives out no more than this."""
        if self.rebases:
            self.window.trim()
        else:
            self.window.trim_to(DECIDED_ROWS_MAX, DECIDED_BYTES_MAX)

    def _append(self, op_rows: tuple[OpRow, ...]) -> list[Row]:
        draft = self.state.draft()
        rows = [_row(op_row) for op_row in op_rows]
        for op_row, row in zip(op_rows, rows, strict=True):
            change = self._kind.read(row.op)
            draft.apply(change)
            self.window.append(change, row, len(op_row.body))
        self.state.absorb(draft)
        return rows

    def reach_back(self, after: int, op_rows: list[OpRow]) -> None:
        """History read again, asked for from `after` on. What is no longer kept moves the horizon."""
        kept_after = op_rows[0].version - 1 if op_rows else self.window.start
        if kept_after > after:
            self.head = replace(self.head, horizon=kept_after)
        rows = map(_row, op_rows)
        sizes = (len(op_row.body) for op_row in op_rows)
        self.window.prepend(
            [(self._kind.read(row.op), row, size) for row, size in zip(rows, sizes, strict=True)]
        )

    # -- what others want to know -----------------------------------------------------------------------

    @property
    def reach(self) -> int:
        """The oldest version that a submission may be written against."""
        return max(self.head.horizon, self.head.version - HISTORY_MAX)

    @property
    def rebases(self) -> bool:
        """Whether a submission depends on what it was written against."""
        return self._kind.algebra is not None

    def missed(self, after: int, client: str) -> tuple[Row, ...] | None:
        """The committed ops after a version that the window reaches back to, composed if they are many; None
        if they are too many and cannot be composed."""
        count = self.head.version - after
        if self.rebases:
            if count > SINGLE_ROWS_MAX:
                return self.window.composed_rows(after, self.head.version, client)
        elif count > DECIDED_ROWS_MAX:
            return None
        if not self.rebases and self.window.bytes_after(after) > DECIDED_BYTES_MAX:
            return None
        return tuple(self.window.rows(after, self.head.version))

    @property
    def digest_is_due(self) -> bool:
        return self.head.version - self._digest_version >= DIGEST_EVERY

    @property
    def digest_is_behind(self) -> bool:
        """Whether anything happened since the last digest."""
        return self._digest_version < self.head.version

    def digest(self) -> Digest:
        self._digest_version = self.head.version
        return Digest(self.head.document, self.head.version, self.state.digest())

    @property
    def snapshot_is_due(self) -> bool:
        ops = self.head.version - self._snapshot_version
        by_size = min(self._snapshot_bytes // SNAPSHOT_BYTES_PER_OP, SNAPSHOT_EVERY_MAX)
        return ops >= max(SNAPSHOT_EVERY, by_size)

    @property
    def snapshot_is_behind(self) -> bool:
        """Whether the stored snapshot is older than the state."""
        return self._snapshot_version != self.head.version

    def snapshot(self) -> SaveSnapshot:
        body = pack_body(self.state.dump())
        self._snapshot_version, self._snapshot_bytes = self.head.version, len(body)
        return SaveSnapshot(self.head.epoch, Snapshot(self.head.version, body))


def _row(op_row: OpRow) -> Row:
    return Row(op_row.version, op_row.client_id, op_row.seq, op_row.author, unpack_body(op_row.body))
