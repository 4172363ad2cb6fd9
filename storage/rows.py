"""The values that pass between a room and what keeps them.

Plain and immutable, without a database behind them, so that the pure room can speak of them. `body` and
`snapshot` are bytes whose meaning storage does not know.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Head:
    """Where a document stands.

    `epoch` names a continuous history. `version` counts its ops. `changes` counts every write (ops,
    committed refusals, changes of members); compare-and-set is on (epoch, changes). Ops up to and
    including `horizon` are no longer kept.
    """

    document: str
    kind: str
    epoch: str
    version: int
    changes: int
    horizon: int = 0


@dataclass(frozen=True, slots=True)
class OpRow:
    """One committed op. (client_id, seq) is its op id; `at_ms` is wall time, for history only."""

    version: int
    client_id: str
    seq: int
    author: str
    at_ms: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Settled:
    """The outcome of the last submission of one client on one document; kept for ever.

    `version` is the version that the submission became (for one that changed nothing: the version it was
    acknowledged at), or None when it was refused with `code`. `changes` is the head's count as of the
    write that stored this row.
    """

    client_id: str
    user_id: str
    seq: int
    body_hash: bytes
    version: int | None
    code: str
    changes: int


@dataclass(frozen=True, slots=True)
class Commit:
    """What one room wants written: all of it or nothing.

    Takes effect only if the document's head still has this epoch and `expected_changes`. Then the ops are
    stored (their versions follow `expected_version` without a gap), the settled rows replace older ones of
    the same (document, client), and the head moves to version `expected_version + len(ops)` and changes
    `expected_changes + 1`. Every row in `settled` carries that new changes count.

    `members` are for documents whose state holds who belongs to them: what this commit changes in the table,
    which is an index of it then. User ids, each once, with the new role, or None for who is out.
    """

    document: str
    epoch: str
    expected_version: int
    expected_changes: int
    ops: tuple[OpRow, ...]
    settled: tuple[Settled, ...]
    members: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """State of a document at a version; `body` as the document's kind wrote it."""

    version: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Loaded:
    """Enough to bring a document to life: a snapshot and the ops after it, up to `head.version`."""

    head: Head
    snapshot: Snapshot
    tail: tuple[OpRow, ...]
    members: dict[str, str]


@dataclass(frozen=True, slots=True)
class News:
    """What happened to a document since a version and a changes count that a room knows.

    `ops` are those after the version, in order, up to `head.version`; None when some of them are no longer
    kept or the epoch is another, so that the room must load anew. `settled` are the rows written after the
    changes count; `members` is the whole table, user id to role.
    """

    head: Head
    ops: tuple[OpRow, ...] | None
    settled: tuple[Settled, ...]
    members: dict[str, str]
