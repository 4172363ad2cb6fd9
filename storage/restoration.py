"""What a restored database forgets, as SQL.

As `storage.history`, for documents whose later history is lost: another epoch each, and no key from before
opens them. Knows rows. Does not know who was thrown out in what is lost; that is why all keys go.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, delete, update

from storage import tables
from storage.engine import among
from storage.store import KeysEnded

_documents, _invites, _codes = tables.documents, tables.invites, tables.join_codes

_SET_EPOCH = (
    update(_documents)
    .where(_documents.c.id == bindparam("restored"))
    .values(epoch=bindparam("fresh"), changes=_documents.c.changes + 1)
)


def begin_anew(connection: Connection, epochs: Sequence[tuple[str, str]]) -> KeysEnded:
    if not epochs:
        return KeysEnded(0, 0)
    connection.execute(_SET_EPOCH, [{"restored": document, "fresh": epoch} for document, epoch in epochs])
    documents = [document for document, _ in epochs]
    codes = connection.execute(delete(_codes).where(among(connection, _codes.c.document, documents)))
    invites = connection.execute(
        update(_invites)
        .where(among(connection, _invites.c.document, documents), _invites.c.revoked.is_(False))
        .values(revoked=True)
    )
    return KeysEnded(codes.rowcount, invites.rowcount)
