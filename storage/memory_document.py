"""One document of `storage.memory`, with all that hangs on it."""

from dataclasses import dataclass, field

from storage.rows import Commit, Head, OpRow, Settled
from storage.store import Invite, JoinCode


@dataclass(slots=True)
class MemoryDocument:
    head: Head
    creator: str
    created_ms: int
    members: dict[str, str]
    snapshots: dict[int, bytes]
    ops: dict[int, OpRow] = field(default_factory=dict)
    op_ids: set[tuple[str, int]] = field(default_factory=set)
    settled: dict[str, Settled] = field(default_factory=dict)
    invites: dict[bytes, Invite] = field(default_factory=dict)
    join_code: JoinCode | None = None
    # What an owner said last of somebody, and pictures in the order in which they came.
    verdicts: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)

    def ops_after(self, after: int, through: int) -> tuple[OpRow, ...]:
        first = max(after, self.head.horizon) + 1
        return tuple(self.ops[version] for version in range(first, min(through, self.head.version) + 1))

    def stands_as(self, commit: Commit) -> bool:
        head = self.head
        return (head.epoch, head.version, head.changes) == (
            commit.epoch,
            commit.expected_version,
            commit.expected_changes,
        )
