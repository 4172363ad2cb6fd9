"""Documents and their history as SQL.

Each function runs the statements of one method of `storage.store.Store` on a connection whose transaction
somebody else opens and ends; they are synchronous, so that SQLite's writer thread and PostgreSQL (through
`run_sync`) share them. Knows rows. Does not know which database it is, threads, or how errors are named.
The group commit is not here: it is the one statement that each database has its own way for.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final, Literal

from sqlalchemy import Connection, Select, bindparam, delete, exists, func, insert, select, update

from storage import tables
from storage.engine import asked_for, asked_rows, insert_or_ignore
from storage.rows import Head, Loaded, News, OpRow, Settled, Snapshot

_documents, _operations, _settled = tables.documents, tables.operations, tables.settled
_snapshots, _members = tables.snapshots, tables.members

HEAD_COLUMNS = (
    _documents.c.id,
    _documents.c.kind,
    _documents.c.epoch,
    _documents.c.version,
    _documents.c.changes,
    _documents.c.horizon,
)
_OP_COLUMNS = (
    _operations.c.version,
    _operations.c.client_id,
    _operations.c.seq,
    _operations.c.author,
    _operations.c.at_ms,
    _operations.c.body,
)
_SETTLED_COLUMNS = (
    _settled.c.client_id,
    _settled.c.user_id,
    _settled.c.seq,
    _settled.c.body_hash,
    _settled.c.version,
    _settled.c.code,
    _settled.c.changes,
)
_HEAD_KEY: Final = ("id",)
_SETTLED_KEY: Final = ("document", "client_id")
_OWNED_KEY: Final = ("client_id",)
# Once for all, as what a crowd asks for is: a statement with `exists` is garbage in a circle.
_MEMBERS_QUERY: Final = (
    select(_members.c.user_id, _members.c.role)
    .where(
        _members.c.document == bindparam("document"),
        ~exists().where(tables.bans.c.user_id == _members.c.user_id),
    )
    .order_by(_members.c.user_id)
)


def create_document(
    connection: Connection,
    document: str,
    kind: str,
    epoch: str,
    creator: str,
    snapshot: bytes,
    now_ms: int,
    role: str,
) -> Head:
    head = Head(document, kind, epoch, version=0, changes=0)
    connection.execute(
        insert(_documents).values(
            id=document,
            kind=kind,
            epoch=epoch,
            version=0,
            changes=0,
            horizon=0,
            owner=creator,
            created_ms=now_ms,
        )
    )
    connection.execute(insert(_snapshots).values(document=document, version=0, body=snapshot))
    connection.execute(insert(_members).values(document=document, user_id=creator, role=role))
    return head


def delete_document(connection: Connection, document: str) -> bool:
    # The head goes first: who holds it may still add rows, and the later statements see those.
    gone = connection.execute(delete(_documents).where(_documents.c.id == document)).rowcount == 1
    connection.execute(delete(_operations).where(_operations.c.document == document))
    connection.execute(delete(_settled).where(_settled.c.document == document))
    return gone


def head(connection: Connection, document: str, hold: Literal["", "write", "exist"] = "") -> Head | None:
    """The head, or None. Until the transaction ends, `hold="write"` keeps others from writing to the
    document, `hold="exist"` from deleting it; on SQLite a write transaction does both anyway."""
    query = select(*HEAD_COLUMNS).where(_documents.c.id == document)
    if hold:
        query = query.with_for_update(key_share=True, read=hold == "exist")
    row = connection.execute(query).one_or_none()
    return None if row is None else Head(*row)


def load(connection: Connection, document: str) -> Loaded | None:
    found = head(connection, document)
    if found is None:
        return None
    snapshot = snapshot_at(connection, document, found.version)
    assert snapshot is not None, "a document has a snapshot at its horizon, and none above its head"
    tail = tuple(ops(connection, document, snapshot.version, found.version))
    return Loaded(found, snapshot, tail, members(connection, document))


def news(connection: Connection, document: str, version: int, changes: int, epoch: str) -> News | None:
    found = head(connection, document)
    if found is None:
        return None
    continuous = found.epoch == epoch and found.horizon <= version <= found.version
    written = connection.execute(
        select(*_SETTLED_COLUMNS)
        .where(_settled.c.document == document, _settled.c.changes > changes)
        .order_by(_settled.c.changes, _settled.c.client_id)
    )
    return News(
        found,
        tuple(ops(connection, document, version, found.version)) if continuous else None,
        tuple(Settled(*row) for row in written),
        members(connection, document),
    )


def ops(connection: Connection, document: str, after: int, through: int) -> list[OpRow]:
    rows = connection.execute(
        select(*_OP_COLUMNS)
        .where(
            _operations.c.document == document,
            _operations.c.version > after,
            _operations.c.version <= through,
        )
        .order_by(_operations.c.version)
    )
    return [OpRow(*row) for row in rows]


def heads(connection: Connection, documents: Sequence[str]) -> dict[str, Head]:
    dialect = connection.dialect.name
    asked = asked_rows(dialect, _HEAD_KEY, [(document,) for document in documents])
    return {row.id: Head(*row) for row in connection.execute(_heads_query(dialect), asked)}


@cache
def _heads_query(dialect: str) -> Select[Any]:
    wanted = asked_for(dialect, _HEAD_KEY)
    return select(*HEAD_COLUMNS).join(wanted, _documents.c.id == wanted.c.id)


def all_documents(connection: Connection, after: str, limit: int) -> list[Head]:
    query = select(*HEAD_COLUMNS).where(_documents.c.id > after).order_by(_documents.c.id).limit(limit)
    return [Head(*row) for row in connection.execute(query)]


def settled(connection: Connection, asked: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Settled]:
    dialect = connection.dialect.name
    rows = connection.execute(_settled_query(dialect), asked_rows(dialect, _SETTLED_KEY, asked))
    return {(document, row[0]): Settled(*row) for document, *row in rows}


@cache
def _settled_query(dialect: str) -> Select[Any]:
    wanted = asked_for(dialect, _SETTLED_KEY)
    is_wanted = (_settled.c.document == wanted.c.document) & (_settled.c.client_id == wanted.c.client_id)
    return select(_settled.c.document, *_SETTLED_COLUMNS).join(wanted, is_wanted)


def all_settled(connection: Connection, document: str, after: str, limit: int) -> list[Settled]:
    query = (
        select(*_SETTLED_COLUMNS)
        .where(_settled.c.document == document, _settled.c.client_id > after)
        .order_by(_settled.c.client_id)
        .limit(limit)
    )
    return [Settled(*row) for row in connection.execute(query)]


def client_owners(connection: Connection, client_ids: Sequence[str]) -> dict[str, str]:
    dialect = connection.dialect.name
    asked = asked_rows(dialect, _OWNED_KEY, [(client_id,) for client_id in client_ids])
    rows = connection.execute(_owners_query(dialect), asked)
    return {client_id: user_id for client_id, user_id in rows if user_id is not None}


@cache
def _owners_query(dialect: str) -> Select[Any]:
    wanted = asked_for(dialect, _OWNED_KEY)
    # Any of a client's rows says whose it is, and one that is in many documents has many.
    owner = select(_settled.c.user_id).where(_settled.c.client_id == wanted.c.client_id).limit(1)
    return select(wanted.c.client_id, owner.scalar_subquery())


def add_snapshot(connection: Connection, document: str, epoch: str, snapshot: Snapshot) -> None:
    found = head(connection, document, hold="exist")
    if found is not None and found.epoch == epoch and found.horizon <= snapshot.version <= found.version:
        insert_or_ignore(
            connection, _snapshots, {"document": document, "version": snapshot.version, "body": snapshot.body}
        )


def snapshots(connection: Connection, document: str, after: int, limit: int) -> list[Snapshot]:
    rows = connection.execute(
        select(_snapshots.c.version, _snapshots.c.body)
        .where(_snapshots.c.document == document, _snapshots.c.version > after)
        .order_by(_snapshots.c.version)
        .limit(limit)
    )
    return [Snapshot(*row) for row in rows]


def snapshot_at(connection: Connection, document: str, version: int) -> Snapshot | None:
    row = connection.execute(
        select(_snapshots.c.version, _snapshots.c.body)
        .where(_snapshots.c.document == document, _snapshots.c.version <= version)
        .order_by(_snapshots.c.version.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else Snapshot(*row)


def thin_snapshots(connection: Connection, document: str, version: int, apart: int) -> None:
    # Held while a row is deleted, so that the horizon does not move there meanwhile; but only if one is.
    if _needless_snapshot(connection, document, version, apart, hold="") is None:
        return
    needless = _needless_snapshot(connection, document, version, apart, hold="write")
    if needless is not None:
        connection.execute(
            delete(_snapshots).where(_snapshots.c.document == document, _snapshots.c.version == needless)
        )


def _needless_snapshot(
    connection: Connection, document: str, version: int, apart: int, hold: Literal["", "write"]
) -> int | None:
    found = head(connection, document, hold)
    if found is None:
        return None
    before = connection.scalars(
        select(_snapshots.c.version)
        .where(
            _snapshots.c.document == document,
            _snapshots.c.version < version,
            _snapshots.c.version >= found.horizon,
        )
        .order_by(_snapshots.c.version.desc())
        .limit(2)
    ).all()
    return before[0] if len(before) == 2 and version - before[1] <= apart else None


def move_horizon(connection: Connection, document: str, through: int) -> int:
    """Declares ops forgotten, so that nobody reads them any more; `drop_forgotten` then removes them."""
    newest = (
        select(func.max(_snapshots.c.version))
        .where(_snapshots.c.document == document, _snapshots.c.version <= through)
        .scalar_subquery()
    )
    connection.execute(
        update(_documents)
        .where(_documents.c.id == document, _documents.c.horizon < newest)
        .values(horizon=newest)
    )
    found = head(connection, document)
    return 0 if found is None else found.horizon


def drop_forgotten(connection: Connection, document: str, horizon: int) -> None:
    connection.execute(
        delete(_operations).where(_operations.c.document == document, _operations.c.version <= horizon)
    )
    connection.execute(
        delete(_snapshots).where(_snapshots.c.document == document, _snapshots.c.version < horizon)
    )


def set_epoch(connection: Connection, document: str, epoch: str) -> None:
    connection.execute(
        update(_documents)
        .where(_documents.c.id == document)
        .values(epoch=epoch, changes=_documents.c.changes + 1)
    )


def members(connection: Connection, document: str) -> dict[str, str]:
    rows = connection.execute(_MEMBERS_QUERY, {"document": document})
    return {row.user_id: row.role for row in rows}
