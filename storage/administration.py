"""What an operator does, as SQL: the statements of `storage.administered`, written as `storage.history`.

What goes with a user stands in `storage.erasure`.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    ScalarSelect,
    Select,
    Table,
    cast,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from storage import history, identity, tables
from storage.administered import BANS_MAX, AuditEntry, DocumentSize, UserSummary
from storage.engine import among, wait_for_operators
from storage.rows import Head
from storage.store import StoreError, User

_documents, _members, _operations = tables.documents, tables.members, tables.operations
_snapshots, _invites, _users = tables.snapshots, tables.invites, tables.users
_audit, _bans = tables.audit, tables.bans

_AUDIT_COLUMNS = (
    _audit.c.at_ms,
    _audit.c.by,
    _audit.c.action,
    _audit.c.subject,
    _audit.c.why,
    _audit.c.number,
)


# -- what leaves a line in the audit --------------------------------------------------------------------


def ban(connection: Connection, entry: AuditEntry) -> bool:
    wait_for_operators(connection)
    if is_banned(connection, entry.subject):
        return False
    shut_out(connection, entry.subject, write_down(connection, entry))
    return True


def unban(connection: Connection, entry: AuditEntry) -> bool:
    wait_for_operators(connection)
    lifted = connection.execute(delete(_bans).where(_bans.c.user_id == entry.subject)).rowcount == 1
    if lifted:
        write_down(connection, entry)
        _advance_documents_of(connection, entry.subject)
    return lifted


def erase_document(connection: Connection, entry: AuditEntry) -> bool:
    wait_for_operators(connection)
    gone = history.delete_document(connection, entry.subject)
    if gone:
        write_down(connection, entry)
    return gone


def shut_out(connection: Connection, user_id: str, number: int) -> None:
    """Bans somebody who is not, by the audit's line of that number. Raises StoreError beyond BANS_MAX."""
    if (connection.scalar(select(func.count()).select_from(_bans)) or 0) >= BANS_MAX:
        raise StoreError(f"There are {BANS_MAX:,} bans already; lift some of them first.")
    connection.execute(insert(_bans).values(user_id=user_id, audit_number=number))
    _advance_documents_of(connection, user_id)
    connection.execute(
        update(_invites)
        .where(_invites.c.document.in_(_documents_of(user_id)), _invites.c.revoked.is_(False))
        .values(revoked=True)
    )


def write_down(connection: Connection, entry: AuditEntry) -> int:
    """Adds the line and returns its number. Whoever comes here took a turn before, so that numbers have no
    gap and become visible in their order."""
    number = audit_end(connection) + 1
    connection.execute(insert(_audit).values(**asdict(entry) | {"number": number}))
    return number


def _advance_documents_of(connection: Connection, user_id: str) -> None:
    connection.execute(
        update(_documents)
        .where(_documents.c.id.in_(_documents_of(user_id)))
        .values(changes=_documents.c.changes + 1)
    )


def _documents_of(user_id: str) -> Select[tuple[str]]:
    return select(_members.c.document).where(_members.c.user_id == user_id)


def is_banned(connection: Connection, user_id: str) -> bool:
    return connection.scalar(select(_bans.c.user_id).where(_bans.c.user_id == user_id)) is not None


# -- what only looks ------------------------------------------------------------------------------------


def banned(connection: Connection, after: str, limit: int) -> list[str]:
    query = select(_bans.c.user_id).where(_bans.c.user_id > after).order_by(_bans.c.user_id).limit(limit)
    return list(connection.scalars(query))


def audit(connection: Connection, after: int, limit: int, *, subject: str | None) -> list[AuditEntry]:
    query = select(*_AUDIT_COLUMNS).where(_audit.c.number > after).order_by(_audit.c.number).limit(limit)
    if subject is not None:
        query = query.where(_audit.c.subject == subject)
    return [AuditEntry(*row) for row in connection.execute(query)]


def audit_end(connection: Connection) -> int:
    return connection.scalar(select(func.max(_audit.c.number))) or 0


def document_sizes(
    connection: Connection, after: str, limit: int, *, kind: str | None, member: str | None
) -> list[DocumentSize]:
    query = _sizes().where(_documents.c.id > after)
    if kind is not None:
        query = query.where(_documents.c.kind == kind)
    if member is not None:
        query = query.where(_documents.c.id.in_(_documents_of(member)))
    rows = connection.execute(query.order_by(_documents.c.id).limit(limit))
    return [DocumentSize(Head(*row[:6]), *row[6:]) for row in rows]


def document_size(connection: Connection, document: str) -> DocumentSize | None:
    row = connection.execute(_sizes().where(_documents.c.id == document)).one_or_none()
    return None if row is None else DocumentSize(Head(*row[:6]), *row[6:])


def _sizes() -> Select[Any]:
    def of(table: Table, what: ColumnElement[int]) -> ScalarSelect[int]:
        return select(what).where(table.c.document == _documents.c.id).scalar_subquery()

    def body_bytes(table: Table) -> ScalarSelect[int]:
        # PostgreSQL adds integers up to a decimal.
        return of(table, cast(func.coalesce(func.sum(func.length(table.c.body)), 0), BigInteger))

    return select(
        *history.HEAD_COLUMNS,
        _documents.c.owner,
        _documents.c.created_ms,
        of(_members, func.count()),
        of(_operations, func.count()),
        of(_snapshots, func.count()),
        body_bytes(_operations) + body_bytes(_snapshots),
    )


def user_summaries(connection: Connection, after: str, limit: int, *, name: str | None) -> list[UserSummary]:
    query = _summaries().where(_users.c.id > after)
    if name is not None:
        query = query.where(func.lower(_users.c.name).contains(name.lower(), autoescape=True))
    rows = connection.execute(query.order_by(_users.c.id).limit(limit))
    return [UserSummary(User(*row[:4]), row[4], row[5]) for row in rows]


def user_summary(connection: Connection, user_id: str) -> UserSummary | None:
    row = connection.execute(_summaries().where(_users.c.id == user_id)).one_or_none()
    return None if row is None else UserSummary(User(*row[:4]), row[4], row[5])


def _summaries() -> Select[Any]:
    of_user = _members.c.user_id == _users.c.id
    return select(
        *identity.USER_COLUMNS,
        select(func.count()).select_from(_members).where(of_user).scalar_subquery(),
        exists().where(_bans.c.user_id == _users.c.id),
    )


def listed_members(connection: Connection, documents: Sequence[str]) -> dict[str, dict[str, str]]:
    listed: dict[str, dict[str, str]] = {document: {} for document in documents}
    columns = select(_members.c.document, _members.c.user_id, _members.c.role)
    for row in connection.execute(columns.where(among(connection, _members.c.document, documents))):
        listed[row.document][row.user_id] = row.role
    return listed
