"""Members, invites and join codes as SQL.

As `storage.history`, for who may be in a document and how they come in. A change of members advances the
document's `changes` in its own transaction: that is what makes an op decided on the old table lose.
"""

from collections.abc import Mapping
from dataclasses import asdict

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, update

from storage import tables
from storage.engine import insert_or_update
from storage.history import HEAD_COLUMNS, head, members
from storage.rows import Head
from storage.store import Barred, DocumentInfo, Invite, JoinCode, LastOfRole

_documents, _members, _verdicts, _invites, _codes = (
    tables.documents,
    tables.members,
    tables.verdicts,
    tables.invites,
    tables.join_codes,
)

_INVITE_COLUMNS = (
    _invites.c.id,
    _invites.c.document,
    _invites.c.role,
    _invites.c.created_by,
    _invites.c.created_ms,
    _invites.c.expires_ms,
    _invites.c.revoked,
    _invites.c.generation,
)
_CODE_COLUMNS = (
    _codes.c.code,
    _codes.c.document,
    _codes.c.generation,
    _codes.c.created_by,
    _codes.c.created_ms,
    _codes.c.expires_ms,
)


def set_member(
    connection: Connection,
    document: str,
    user_id: str,
    role: str | None,
    *,
    keep: str | None = None,
    is_verdict: bool = False,
) -> Head | None:
    # From here on nobody else changes the table, so of two who give up a role at once one is the last.
    found = head(connection, document, hold="write")
    if found is None:
        return None
    one = (_members.c.document == document, _members.c.user_id == user_id)
    before = connection.scalar(select(_members.c.role).where(*one))
    if before == role:
        if is_verdict:
            _remember(connection, document, user_id, role)
        return found
    if keep is not None and before == keep:
        keepers = [user for user, role in members(connection, document).items() if role == keep]
        if keepers == [user_id]:
            raise LastOfRole(f"Somebody keeps the role {keep} in the document {document}.")
    if is_verdict:
        _remember(connection, document, user_id, role)
    if role is None:
        connection.execute(delete(_members).where(*one))
    elif before is None:
        connection.execute(insert(_members).values(document=document, user_id=user_id, role=role))
    else:
        connection.execute(update(_members).where(*one).values(role=role))
    connection.execute(
        update(_documents).where(_documents.c.id == document).values(changes=_documents.c.changes + 1)
    )
    return head(connection, document)


def _remember(connection: Connection, document: str, user_id: str, role: str | None) -> None:
    """The head is held, so nobody else is between these two."""
    connection.execute(
        delete(_verdicts).where(_verdicts.c.document == document, _verdicts.c.user_id == user_id)
    )
    connection.execute(insert(_verdicts).values(document=document, user_id=user_id, role=role or ""))


def follow(
    connection: Connection, document: str, user_id: str, roles: Mapping[str | None, str]
) -> Head | None:
    # Held, so that whoever is taken out at the same moment is taken out before or after.
    found = head(connection, document, hold="write")
    if found is None:
        return None
    one = (_members.c.document == document, _members.c.user_id == user_id)
    if connection.scalar(select(_members.c.role).where(*one)) is not None:
        return found
    verdict = connection.scalar(
        select(_verdicts.c.role).where(_verdicts.c.document == document, _verdicts.c.user_id == user_id)
    )
    role = roles.get(verdict)
    if role is None:
        raise Barred(f"The user {user_id} was taken out of the document {document}.")
    return set_member(connection, document, user_id, role)


def documents_of(
    connection: Connection, user_id: str, kind: str, offset: int, limit: int
) -> tuple[list[DocumentInfo], int]:
    mine = _documents.join(_members, _members.c.document == _documents.c.id)
    asked = (_members.c.user_id == user_id, _documents.c.kind == kind)
    total = connection.scalar(select(func.count()).select_from(mine).where(*asked))
    page = connection.execute(
        select(*HEAD_COLUMNS, _documents.c.owner, _members.c.role, _documents.c.created_ms)
        .select_from(mine)
        .where(*asked)
        .order_by(_documents.c.created_ms.desc(), _documents.c.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return [DocumentInfo(Head(*row[:6]), *row[6:]) for row in page], total or 0


def document_info(connection: Connection, document: str) -> DocumentInfo | None:
    row = connection.execute(
        select(*HEAD_COLUMNS, _documents.c.owner, _documents.c.created_ms).where(_documents.c.id == document)
    ).one_or_none()
    return None if row is None else DocumentInfo(Head(*row[:6]), row.owner, "", row.created_ms)


def add_invite(connection: Connection, invite: Invite, secret_hash: bytes) -> None:
    connection.execute(
        insert(_invites).values(
            id=invite.id,
            document=invite.document,
            secret_hash=secret_hash,
            role=invite.role,
            created_by=invite.created_by,
            created_ms=invite.created_ms,
            expires_ms=invite.expires_ms,
            revoked=invite.revoked,
            generation=invite.generation,
        )
    )


def invites(connection: Connection, document: str) -> list[Invite]:
    query = (
        select(*_INVITE_COLUMNS)
        .where(_invites.c.document == document)
        .order_by(_invites.c.created_ms, _invites.c.id)
    )
    return [Invite(*row) for row in connection.execute(query)]


def find_invite(connection: Connection, secret_hash: bytes) -> Invite | None:
    row = connection.execute(
        select(*_INVITE_COLUMNS).where(_invites.c.secret_hash == secret_hash)
    ).one_or_none()
    return None if row is None else Invite(*row)


def revoke_invite(connection: Connection, document: str, invite_id: str) -> bool:
    done = connection.execute(
        update(_invites)
        .where(_invites.c.document == document, _invites.c.id == invite_id)
        .values(revoked=True)
    )
    return done.rowcount == 1


def set_join_code(connection: Connection, code: JoinCode) -> JoinCode | None:
    holder = connection.scalar(select(_codes.c.document).where(_codes.c.code == code.code))
    if holder not in (None, code.document):
        return None
    is_over = or_(
        _codes.c.generation < code.generation,
        and_(_codes.c.generation == code.generation, _codes.c.expires_ms <= code.created_ms),
    )
    insert_or_update(connection, _codes, asdict(code), key="document", when=is_over)
    return join_code(connection, code.document)


def join_code(connection: Connection, document: str) -> JoinCode | None:
    row = connection.execute(select(*_CODE_COLUMNS).where(_codes.c.document == document)).one_or_none()
    return None if row is None else JoinCode(*row)


def find_join_code(connection: Connection, code: str) -> JoinCode | None:
    row = connection.execute(select(*_CODE_COLUMNS).where(_codes.c.code == code)).one_or_none()
    return None if row is None else JoinCode(*row)
