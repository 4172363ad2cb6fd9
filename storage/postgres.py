"""The store of many nodes: PostgreSQL.

Any number of nodes write to any document; the head rows decide. Knows how transactions are run, which
failures leave an outcome unknown, and the one statement that is the group commit. Does not know rooms:
what a lost commit means is for the room to say.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, inspect
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import migrate as migrations
from storage import tables
from storage.engine import FAILURES, PostgresLimits, postgres_engine, store_error
from storage.group import check_group
from storage.rows import Commit
from storage.sql import SqlStore
from storage.store import StoreRefused

P = ParamSpec("P")
T = TypeVar("T")

# A migration may rewrite tables: the server sets it no limit, and we wait for a day.
_MIGRATION = PostgresLimits(connections=1, statement_ms=0, answer_ms=86_400_000)

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
_CLOCK = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
_COMMIT = _WRITE + _MOVE_HEADS
_COMMIT_WITH_MEMBERS = _WRITE + _WRITE_MEMBERS + _MOVE_HEADS


async def open_postgres(
    url: str, *, migrate: bool = False, limits: PostgresLimits | None = None
) -> "PostgresStore":
    """The store at `url`, after its tables were found to be this program's; with `migrate` they are created
    or brought up to date first. Raises Unavailable when the database cannot be reached, StoreRefused, with
    a sentence for the operator, when it must not be used."""
    if migrate:
        await migrate_postgres(url)
    store = PostgresStore(url, limits or PostgresLimits())
    try:
        if await store._read(_revision) != migrations.head_revision():
            raise StoreRefused("The database has no tables of this Tutti yet; run `tutti migrate` first.")
        if not await store._read(_waits_for_the_disk):
            raise StoreRefused(
                "The database acknowledges what it may still lose; set synchronous_commit to on for it."
            )
    except BaseException:
        await store.close()
        raise
    return store


async def migrate_postgres(url: str, *, grant_to: str | None = None) -> None:
    """Creates the tables or brings them up to date, however long it takes, and lets the role `grant_to` work
    on them: rows, no tables. Raises as `open_postgres`, StoreError if there is no such role."""
    store = PostgresStore(url, _MIGRATION)
    try:
        await store._write(_migrate)
        if grant_to is not None:
            await store._write(_grant, grant_to)
    finally:
        await store.close()


class PostgresStore(SqlStore):
    """`Store` and `People` in a PostgreSQL database. Made by `open_postgres`."""

    def __init__(self, url: str, limits: PostgresLimits) -> None:
        self._writing = postgres_engine(url, limits)
        self._reading = self._writing.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )

    async def close(self) -> None:
        await self._writing.dispose()

    async def clock_us(self) -> int | None:
        # Past SQLAlchemy, whose BEGIN would be a second round trip between the question and its answer.
        async with self._connection() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            try:
                shown: int = await driver.fetchval(_CLOCK)
            except FAILURES as error:
                raise store_error(error, sent=False) from error
        return shown

    async def commit(self, group: Sequence[Commit]) -> list[bool]:
        check_group(group)
        statement, arguments = _COMMIT, _arguments(group)
        if any(commit.members for commit in group):
            statement, arguments = _COMMIT_WITH_MEMBERS, arguments + _member_arguments(group)
        async with self._connection() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            try:
                rows = await driver.fetch(statement, *arguments)
            except FAILURES as error:
                raise store_error(error, sent=True) from error
        written = {row["id"] for row in rows}
        return [commit.document in written for commit in group]

    async def _read(
        self, statements: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        async with self._connection(reading=True) as connection:
            try:
                return await connection.run_sync(statements, *args, **kwargs)
            except FAILURES as error:
                raise store_error(error, sent=False) from error

    async def _write(
        self, statements: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        sent = False
        async with self._connection() as connection:
            try:
                result = await connection.run_sync(statements, *args, **kwargs)
                sent = True
                await connection.commit()
            except FAILURES as error:
                raise store_error(error, sent=sent) from error
        return result

    @asynccontextmanager
    async def _connection(self, *, reading: bool = False) -> AsyncIterator[AsyncConnection]:
        """A connection from the pool. It goes back only if all went well: after a failure or a cancellation
        nobody knows what still travels on it, so it is cut off, which also ends its transaction."""
        try:
            connection = await (self._reading if reading else self._writing).connect()
        except FAILURES as error:
            raise store_error(error, sent=False) from error
        driver: Any = (await connection.get_raw_connection()).driver_connection
        try:
            yield connection
        except BaseException:
            driver.terminate()
            await connection.invalidate()
            raise
        finally:
            await connection.close()


def _waits_for_the_disk(connection: Connection) -> bool:
    """Whether a commit is on disk when it is acknowledged (P1)."""
    return str(connection.exec_driver_sql("SHOW synchronous_commit").scalar_one()) != "off"


def _revision(connection: Connection) -> str | None:
    """The revision of the tables, None if there are none; of a newer program's tables that this one may work
    on too, its own. Raises StoreRefused for what is not ours."""
    revision = migrations.current_revision(connection)
    if revision is None:
        if set(inspect(connection).get_table_names()) & set(tables.metadata.tables):
            raise StoreRefused("The database has another program's tables; give Tutti a database of its own.")
        return None
    if not migrations.is_known(revision):
        if migrations.is_neighbour(connection):
            return migrations.head_revision()
        raise StoreRefused("The database was made by a newer Tutti; install that version or a newer one.")
    return revision


def _migrate(connection: Connection) -> None:
    if _revision(connection) != migrations.head_revision():
        migrations.upgrade(connection)


def _grant(connection: Connection, role: str) -> None:
    name = connection.dialect.identifier_preparer.quote(role)
    read_only = ("alembic_version", tables.neighbours.name)
    writes = {table.name: "SELECT, INSERT, UPDATE, DELETE" for table in tables.metadata.sorted_tables}
    # What stands in the audit stays there.
    writes[tables.audit.name] = "SELECT, INSERT"
    for table, rights in {**writes, **dict.fromkeys(read_only, "SELECT")}.items():
        connection.exec_driver_sql(f"GRANT {rights} ON {table} TO {name}")


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
