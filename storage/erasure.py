"""What goes with a user who is deleted, as SQL.

Their name and their keys go, and what only they could open. What they did with others stays, under their id,
so those others must still have somebody who may do everything. Written as `storage.administration`. Knows who
is in a document. Does not know what the roles mean.
"""

from dataclasses import replace

from sqlalchemy import Connection, delete, exists, select

from storage import history, membership, tables
from storage.administered import AuditEntry, nobody_keeps
from storage.administration import is_banned, listed_members, shut_out, write_down
from storage.engine import wait_for_operators
from storage.store import StoreError

_documents, _members = tables.documents, tables.members
# What is theirs alone, by the column that names them.
_OWN = (
    (tables.users, tables.users.c.id),
    (tables.refresh_tokens, tables.refresh_tokens.c.user_id),
    (tables.api_tokens, tables.api_tokens.c.user_id),
    (tables.requests, tables.requests.c.user_id),
)


def erase_user(connection: Connection, entry: AuditEntry, *, kind: str, keep: str, heir: str | None) -> bool:
    wait_for_operators(connection)
    user_id = entry.subject
    documents = _documents_of(connection, kind, user_id)
    has_own = any(connection.scalar(select(exists().where(own == user_id))) for _, own in _OWN)
    if not documents and not has_own:
        return False
    if heir is not None and (heir == user_id or is_banned(connection, heir)):
        raise StoreError(f"The user {heir} cannot be given anything; name somebody who stays.")
    alone, bereft = [], []
    for document in documents:
        # From here on nobody comes, goes or changes roles there.
        history.head(connection, document, hold="write")
        listed = listed_members(connection, [document])[document]
        others = history.members(connection, document)
        others.pop(user_id, None)
        if listed.keys() == {user_id}:
            alone.append(document)
        elif listed.get(user_id) == keep and keep not in others.values():
            bereft.append(document)
    if bereft and heir is None:
        raise nobody_keeps(keep, bereft)
    number = write_down(connection, entry)
    if not is_banned(connection, user_id):
        shut_out(connection, user_id, number)
    for document in alone:
        history.delete_document(connection, document)
        write_down(connection, replace(entry, action="delete_document", subject=document))
    for document in bereft:
        membership.set_member(connection, document, heir or "", keep)
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
