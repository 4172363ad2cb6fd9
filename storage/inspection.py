"""Questions about rows that no head accounts for.

What `tutti verify` asks beyond a document's own history: each statement answers from an index, a page at a
time, so that a large database can be looked through while a server works on it. Knows rows. Does not know
which of them are findings.
"""

from sqlalchemy import Connection, func, select

from storage import tables

_documents, _operations, _settled = tables.documents, tables.operations, tables.settled


def document_count(connection: Connection) -> int:
    return connection.scalar(select(func.count()).select_from(_documents)) or 0


def last_op_version(connection: Connection, document: str) -> int:
    query = select(func.max(_operations.c.version)).where(_operations.c.document == document)
    return connection.scalar(query) or 0


def next_document_with_rows(connection: Connection, after: str) -> str | None:
    found = [
        connection.scalar(select(func.min(table.c.document)).where(table.c.document > after))
        for table in (_operations, _settled)
    ]
    return min((document for document in found if document is not None), default=None)


def client_users(connection: Connection, after: str, limit: int) -> list[tuple[str, str, str]]:
    query = (
        select(_settled.c.client_id, func.min(_settled.c.user_id), func.max(_settled.c.user_id))
        .where(_settled.c.client_id > after)
        .group_by(_settled.c.client_id)
        .order_by(_settled.c.client_id)
        .limit(limit)
    )
    return [(client, first, last) for client, first, last in connection.execute(query)]
