"""What goes with a user who is deleted, as SQL.

Their name and their keys go, and what only they could open. What they did with others stays, under their id,
so those others must still have somebody who may do everything. Written as `storage.administration`. Knows who
is in a document. Does not know what the roles mean.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection, delete, exists, func, or_, select, update

from storage import history, membership, tables
from storage.administered import AuditEntry, nobody_keeps
from storage.administration import is_banned, listed_members, shut_out, write_down
from storage.engine import among, wait_for_operators
from storage.rows import Head
from storage.store import StoreError

_documents, _members, _operations = tables.documents, tables.members, tables.operations
_snapshots = tables.snapshots
# What is theirs alone, by the column that names them.
_OWN = (
    (tables.users, tables.users.c.id),
    (tables.refresh_tokens, tables.refresh_tokens.c.user_id),
    (tables.api_tokens, tables.api_tokens.c.user_id),
    (tables.requests, tables.requests.c.user_id),
)


def erase_user(
    connection: Connection,
    entry: AuditEntry,
    *,
    kind: str,
    keep: str,
    heir: str | None,
    successors: str | None,
) -> bool:
    wait_for_operators(connection)
    user_id = entry.subject
    documents = _documents_of(connection, kind, user_id)
    has_own = any(connection.scalar(select(exists().where(own == user_id))) for _, own in _OWN)
    if not documents and not has_own:
        return False
    if heir is not None and (heir == user_id or is_banned(connection, heir)):
        raise StoreError(f"The user {heir} cannot be given anything; name somebody who stays.")
    alone: list[str] = []
    heirs: dict[str, str] = {}
    bereft = []
    for document in documents:
        # From here on nobody comes, goes or changes roles there.
        history.head(connection, document, hold="write")
        listed = listed_members(connection, [document])[document]
        others = history.members(connection, document)
        others.pop(user_id, None)
        if listed.keys() == {user_id}:
            alone.append(document)
        elif listed.get(user_id) == keep and keep not in others.values():
            follows = heir or _successor(connection, document, others, successors)
            if follows is not None:
                heirs[document] = follows
            elif successors is not None:
                alone.append(document)
            else:
                bereft.append(document)
    if bereft:
        raise nobody_keeps(keep, bereft)
    number = write_down(connection, entry)
    if not is_banned(connection, user_id):
        shut_out(connection, user_id, number)
    for document in alone:
        history.delete_document(connection, document)
        write_down(connection, replace(entry, action="delete_document", subject=document))
    for document, follows in heirs.items():
        membership.set_member(connection, document, follows, keep)
    for document in documents:
        membership.set_member(connection, document, user_id, None)
    for table, own in _OWN:
        connection.execute(delete(table).where(own == user_id))
    return True


def _documents_of(connection: Connection, kind: str, user_id: str) -> list[str]:
    """In order, so that whoever holds several of them cannot deadlock with us."""
    mine = (
        select(_members.c.document)
        .join(_documents, _documents.c.id == _members.c.document)
        .where(_members.c.user_id == user_id, _documents.c.kind == kind)
        .order_by(_members.c.document)
    )
    return list(connection.scalars(mine))


def _successor(
    connection: Connection, document: str, others: Mapping[str, str], role: str | None
) -> str | None:
    """Who of a role has been at work there longest, by the ops that are kept."""
    candidates = sorted(user for user, held in others.items() if held == role)
    if not candidates:
        return None
    rows = connection.execute(
        select(_operations.c.author, func.min(_operations.c.version))
        .where(_operations.c.document == document, among(connection, _operations.c.author, candidates))
        .group_by(_operations.c.author)
    )
    first = {row.author: row[1] for row in rows}
    return min(candidates, key=lambda user: (user not in first, first.get(user, 0), user))


# -- what a log says of them -----------------------------------------------------------------------------


def documents_naming(connection: Connection, user_id: str, kind: str) -> list[str]:
    wrote = exists().where(_operations.c.document == _documents.c.id, _operations.c.author == user_id)
    is_in = exists().where(_members.c.document == _documents.c.id, _members.c.user_id == user_id)
    query = (
        select(_documents.c.id)
        .where(_documents.c.kind == kind, or_(_documents.c.owner == user_id, is_in, wrote))
        .order_by(_documents.c.id)
    )
    return list(connection.scalars(query))


def rewrite(
    connection: Connection, head: Head, epoch: str, ops: Mapping[int, bytes], snapshots: Mapping[int, bytes]
) -> bool:
    document = head.document
    found = history.head(connection, document, hold="write")
    if found is None or _place(found) != _place(head):
        return False
    for table, bodies in ((_operations, ops), (_snapshots, snapshots)):
        for version, body in bodies.items():
            one = (table.c.document == document, table.c.version == version)
            connection.execute(update(table).where(*one).values(body=body))
    kept: Sequence[int] = sorted(snapshots)
    others = select(_snapshots.c.version).where(_snapshots.c.document == document)
    for version in set(connection.scalars(others)).difference(kept):
        one = (_snapshots.c.document == document, _snapshots.c.version == version)
        connection.execute(delete(_snapshots).where(*one))
    history.set_epoch(connection, document, epoch)
    return True


def _place(head: Head) -> tuple[str, int, int]:
    return head.epoch, head.version, head.horizon
