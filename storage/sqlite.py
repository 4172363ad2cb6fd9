"""The store of a server at home: one SQLite file.

Writes go through one thread and one connection, a group commit is one hop there and one sync of the disk;
reads run beside them on connections of their own, each seeing one state. Knows how transactions are run
and how a group is written. Does not know whether the file may be used: `storage.sqlite_file` says so.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import cached_property, partial
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, exc

from storage import sqlite_file
from storage.catalogue import Catalogue
from storage.engine import sqlite_reader, sqlite_writer, store_error
from storage.group import check_group
from storage.rows import Commit
from storage.searcher import Searcher
from storage.sql import SqlStore
from storage.sql_catalogue import SqlCatalogue
from storage.sqlite_copy import COPY
from storage.store import StoreRefused
from storage.writer import Writer

P = ParamSpec("P")
T = TypeVar("T")

_HEADS = "SELECT id, epoch, version, changes FROM documents WHERE id IN (SELECT value FROM json_each(?))"
_MOVE_HEAD = "UPDATE documents SET version = ?, changes = ? WHERE id = ?"
_ADD_OP = (
    "INSERT INTO operations"
    " (document, version, client_id, seq, author, at_ms, body) VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_SETTLE = (
    "INSERT INTO settled (document, client_id, user_id, seq, body_hash, version, code, changes)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (document, client_id) DO UPDATE SET"
    " user_id = excluded.user_id, seq = excluded.seq, body_hash = excluded.body_hash,"
    " version = excluded.version, code = excluded.code, changes = excluded.changes"
)
_SET_MEMBER = (
    "INSERT INTO members (document, user_id, role) VALUES (?, ?, ?)"
    " ON CONFLICT (document, user_id) DO UPDATE SET role = excluded.role"
)
_DROP_MEMBER = "DELETE FROM members WHERE document = ? AND user_id = ?"


async def open_sqlite(folder: Path, *, migrate: bool = True, visitor: bool = False) -> "SqliteStore":
    """The store in `folder`, which is created if it is missing; an older one is backed up and migrated.

    A `visitor` (`tutti token`) comes in beside a running server: it creates, checks and migrates nothing.
    Raises StoreRefused, with a sentence for the operator, when the folder or the file must not be used.
    """
    return await _open(folder, _visit if visitor else partial(_enter, may_migrate=migrate))


@asynccontextmanager
async def restoring_sqlite(folder: Path) -> AsyncIterator["SqliteStore"]:
    """The store in `folder` after a backup was put there, migrated if it is older; for `tutti restored`.
    Until the block ends without an error no server opens it. Raises StoreRefused, also if there is none."""
    store = await _open(folder, _enter_copy)
    try:
        await store._write(_mark, COPY)
        yield store
        await store._write(_mark, 0)
    finally:
        await store.close()


async def _open(folder: Path, enter: Callable[[Path], sqlite_file.FileLock | None]) -> "SqliteStore":
    database = folder / sqlite_file.DATABASE_NAME
    try:
        lock = await asyncio.to_thread(enter, database)
    except OSError as error:
        raise StoreRefused(f"The folder {folder} cannot be used: {error.strerror}.") from None
    return SqliteStore(database, lock)


def _visit(database: Path) -> None:
    sqlite_file.prepare_visit(database)


def _enter_copy(database: Path) -> sqlite_file.FileLock:
    if not database.exists():
        raise StoreRefused(f"There is no Tutti database in {database.parent}.")
    return _enter(database, may_migrate=True, may_be_copy=True)


def _enter(database: Path, *, may_migrate: bool, may_be_copy: bool = False) -> sqlite_file.FileLock:
    database.parent.mkdir(parents=True, exist_ok=True)
    lock = sqlite_file.FileLock(database)
    try:
        sqlite_file.prepare(database, may_migrate=may_migrate, may_be_copy=may_be_copy)
    except BaseException:
        lock.release()
        raise
    return lock


class SqliteStore(SqlStore):
    """`Store` and `People` in a SQLite file. Made by `open_sqlite`."""

    def __init__(self, database: Path, lock: sqlite_file.FileLock | None) -> None:
        self._lock = lock
        self._writer = Writer()
        self._writing = sqlite_writer(database)
        self._reading = sqlite_reader(database)
        self._searcher = Searcher(database)

    async def close(self) -> None:
        await self._reading.dispose()
        await asyncio.to_thread(self._close_threads)

    def _close_threads(self) -> None:
        self._searcher.close()
        self._writer.close()
        self._writing.dispose()
        if self._lock is not None:
            self._lock.release()

    @cached_property
    def catalogue(self) -> Catalogue:
        return SqlCatalogue(self._read, self._write, search=self._searcher.run)

    async def commit(self, group: Sequence[Commit]) -> list[bool]:
        check_group(group)
        return await self._write(_commit, group)

    async def _read(
        self, statements: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        try:
            async with self._reading.begin() as connection:
                return await connection.run_sync(statements, *args, **kwargs)
        except exc.SQLAlchemyError as error:
            raise store_error(error, sent=False) from error

    async def _write(
        self, statements: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await self._writer.run(self._transact, statements, *args, **kwargs)

    def _transact(
        self, statements: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        sent = False
        try:
            with self._writing.begin() as connection:
                result = statements(connection, *args, **kwargs)
                # From here on the commit frame may reach the log although the disk reports a failure.
                sent = True
            return result
        except exc.SQLAlchemyError as error:
            raise store_error(error, sent=sent) from error


def _mark(connection: Connection, mark: int) -> None:
    connection.exec_driver_sql(f"PRAGMA user_version={mark}")


def _commit(connection: Connection, group: Sequence[Commit]) -> list[bool]:
    names = json.dumps([commit.document for commit in group])
    stands = {row[0]: tuple(row[1:]) for row in connection.exec_driver_sql(_HEADS, (names,))}
    answers = [
        stands.get(commit.document) == (commit.epoch, commit.expected_version, commit.expected_changes)
        for commit in group
    ]
    won = [commit for commit, answer in zip(group, answers, strict=True) if answer]
    moves = [
        (commit.expected_version + len(commit.ops), commit.expected_changes + 1, commit.document)
        for commit in won
    ]
    ops = [
        (commit.document, op.version, op.client_id, op.seq, op.author, op.at_ms, op.body)
        for commit in won
        for op in commit.ops
    ]
    settled = [
        (commit.document, s.client_id, s.user_id, s.seq, s.body_hash, s.version, s.code, s.changes)
        for commit in won
        for s in commit.settled
    ]
    set_members = [
        (commit.document, user, role) for commit in won for user, role in commit.members if role is not None
    ]
    gone = [(commit.document, user) for commit in won for user, role in commit.members if role is None]
    for statement, rows in (
        (_MOVE_HEAD, moves),
        (_ADD_OP, ops),
        (_SETTLE, settled),
        (_SET_MEMBER, set_members),
        (_DROP_MEMBER, gone),
    ):
        if rows:
            connection.exec_driver_sql(statement, rows)
    return answers
