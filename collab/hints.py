"""What a hint is worth.

A hint says that a document moved, and may carry everything that the commits behind it wrote. To a room that
stands within that stretch of changes it is as good as the store's own answer, because every write to a
document advances its count of changes by one: nothing else can have happened in between. To any other room
it only says that there is something to ask for. Knows stretches. Does not know rooms or how hints travel.
"""

from dataclasses import dataclass, replace

from collab.effects import Publish
from storage.rows import Head, OpRow, Settled


@dataclass(frozen=True, slots=True)
class Stretch:
    """What commits wrote one after the other, up to `head`."""

    head: Head
    ops: tuple[OpRow, ...]
    settled: tuple[Settled, ...]


def is_old(hint: Publish, head: Head) -> bool:
    """Whether the hint tells a room that stands at `head` nothing new."""
    return hint.epoch == head.epoch and hint.version <= head.version and hint.changes <= head.changes


def stretch_in(hint: Publish, head: Head) -> Stretch | None:
    """All that happened after `head` up to where the hint ends; None if the hint does not hold that."""
    if hint.since is None or hint.epoch != head.epoch or not hint.since <= head.changes < hint.changes:
        return None
    ops = tuple(row for row in hint.rows if row.version > head.version)
    if [row.version for row in ops] != list(range(head.version + 1, hint.version + 1)):
        return None
    settled = tuple(row for row in hint.settled if row.changes > head.changes)
    return Stretch(replace(head, version=hint.version, changes=hint.changes), ops, settled)


def joined(earlier: Publish, later: Publish) -> Publish:
    """One hint for two of one document, said in this order by one node. Where they do not follow each other
    the later one remains: a room that stands before it asks the store."""
    if later.since is None or earlier.since is None:
        return later
    if later.epoch != earlier.epoch or later.since != earlier.changes:
        return later
    settled = {row.client_id: row for row in (*earlier.settled, *later.settled)}
    return replace(
        later,
        since=earlier.since,
        rows=earlier.rows + later.rows,
        settled=tuple(settled.values()),
    )


def knock(head: Head) -> Publish:
    """A hint that tells no more than where a node stands. From one that lost a race it is old to all others,
    and says to the one that won it that somebody else wants to write."""
    return Publish(head.document, head.epoch, head.version, head.changes)


def is_knock(hint: Publish, head: Head) -> bool:
    """Whether another node says that it lost a race to one that stands at `head`."""
    return hint.since is None and hint.epoch == head.epoch and hint.changes < head.changes


def bare(hint: Publish) -> Publish:
    """The hint without what was written."""
    return replace(hint, since=None, rows=(), settled=())
