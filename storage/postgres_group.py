"""The group commit as one statement of PostgreSQL.

Knows the statement and how a group becomes its arguments. Does not know connections: whoever sends it commits
it, in one round trip if it is sent outside a transaction and prepared.
"""

from collections.abc import Sequence
from typing import Any

from storage.rows import Commit

# One round trip for any number of documents. `held` locks the heads that stand as their room expects and
# passes over those that somebody else holds, so it never waits and cannot deadlock; a head that moved since
# the statement began is checked anew when it is locked. Ops, settled rows and heads are written for the held
# documents only. A document that does not come back lost; the others do not notice.
_WRITE = """
WITH wanted AS (
    SELECT document COLLATE "C" AS document, epoch COLLATE "C" AS epoch, version, changes, ops
    FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[])
        AS w (document, epoch, version, changes, ops)
), held AS (
    SELECT d.id FROM documents d JOIN wanted w
        ON d.id = w.document AND d.epoch = w.epoch AND d.version = w.version AND d.changes = w.changes
    FOR NO KEY UPDATE OF d SKIP LOCKED
), add_ops AS (
    INSERT INTO operations (document, version, client_id, seq, author, at_ms, body)
    SELECT o.* FROM unnest($6::text[], $7::bigint[], $8::text[], $9::bigint[], $10::text[], $11::bigint[],
            $12::bytea[]) AS o (document, version, client_id, seq, author, at_ms, body)
        JOIN held ON held.id = o.document COLLATE "C"
), settle AS (
    INSERT INTO settled (document, client_id, user_id, seq, body_hash, version, code, changes)
    SELECT s.* FROM unnest($13::text[], $14::text[], $15::text[], $16::bigint[], $17::bytea[], $18::bigint[],
            $19::text[], $20::bigint[])
            AS s (document, client_id, user_id, seq, body_hash, version, code, changes)
        JOIN held ON held.id = s.document COLLATE "C"
    ON CONFLICT (document, client_id) DO UPDATE SET user_id = excluded.user_id, seq = excluded.seq,
        body_hash = excluded.body_hash, version = excluded.version, code = excluded.code,
        changes = excluded.changes
)"""
# Only where roles change, which is rare: a commit without them need not look at the table.
_WRITE_MEMBERS = """, set_members AS (
    INSERT INTO members (document, user_id, role)
    SELECT m.* FROM unnest($21::text[], $22::text[], $23::text[]) AS m (document, user_id, role)
        JOIN held ON held.id = m.document COLLATE "C"
    ON CONFLICT (document, user_id) DO UPDATE SET role = excluded.role
), drop_members AS (
    DELETE FROM members USING held, unnest($24::text[], $25::text[]) AS m (document, user_id)
    WHERE held.id = m.document COLLATE "C" AND members.document = held.id
        AND members.user_id = m.user_id COLLATE "C"
)"""
_MOVE_HEADS = """
UPDATE documents d SET version = d.version + w.ops, changes = d.changes + 1
FROM held JOIN wanted w ON w.document = held.id
WHERE d.id = held.id
RETURNING d.id
"""
_COMMIT = _WRITE + _MOVE_HEADS
_COMMIT_WITH_MEMBERS = _WRITE + _WRITE_MEMBERS + _MOVE_HEADS


def group_statement(group: Sequence[Commit]) -> tuple[str, list[list[Any]]]:
    """The statement that writes `group`, and its arguments; its rows are the documents that did not lose.
    There are two statements in all, so that both stay prepared."""
    if any(commit.members for commit in group):
        return _COMMIT_WITH_MEMBERS, _arguments(group) + _member_arguments(group)
    return _COMMIT, _arguments(group)


def _arguments(group: Sequence[Commit]) -> list[list[Any]]:
    """The group as the columns that `_COMMIT` unnests."""
    ops = [(commit.document, op) for commit in group for op in commit.ops]
    # A statement can write a row once: of several outcomes of one client the last one stands.
    last = {(commit.document, row.client_id): row for commit in group for row in commit.settled}
    settled = [(document, row) for (document, _), row in last.items()]
    return [
        [commit.document for commit in group],
        [commit.epoch for commit in group],
        [commit.expected_version for commit in group],
        [commit.expected_changes for commit in group],
        [len(commit.ops) for commit in group],
        [document for document, _ in ops],
        [op.version for _, op in ops],
        [op.client_id for _, op in ops],
        [op.seq for _, op in ops],
        [op.author for _, op in ops],
        [op.at_ms for _, op in ops],
        [op.body for _, op in ops],
        [document for document, _ in settled],
        [row.client_id for _, row in settled],
        [row.user_id for _, row in settled],
        [row.seq for _, row in settled],
        [row.body_hash for _, row in settled],
        [row.version for _, row in settled],
        [row.code for _, row in settled],
        [row.changes for _, row in settled],
    ]


def _member_arguments(group: Sequence[Commit]) -> list[list[Any]]:
    """The changes of members as the columns that `_WRITE_MEMBERS` unnests: who has a role, who is out."""
    changes = [(commit.document, user, role) for commit in group for user, role in commit.members]
    held = [change for change in changes if change[2] is not None]
    gone = [change for change in changes if change[2] is None]
    return [
        [document for document, _, _ in held],
        [user for _, user, _ in held],
        [role for _, _, role in held],
        [document for document, _, _ in gone],
        [user for _, user, _ in gone],
    ]
