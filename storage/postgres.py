"""The store of many nodes: PostgreSQL.

Any number of nodes write to any document; the head rows decide. Knows how transactions are run, which
failures leave an outcome unknown, and what a pooler in between changes. Does not know rooms: what a lost
commit means is for the room to say.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, inspect
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage import migrate as migrations
from storage import tables
from storage.engine import FAILURES, PostgresLimits, postgres_address, postgres_engine, store_error
from storage.group import check_group
from storage.postgres_group import group_statement
from storage.rows import Commit
from storage.sql import SqlStore
from storage.store import StoreRefused

P = ParamSpec("P")
T = TypeVar("T")

# A migration may rewrite tables: the server sets it no limit, and we wait for a day.
_MIGRATION = PostgresLimits(connections=1, statement_ms=0, answer_ms=86_400_000)

_CLOCK = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"


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
        await store._read(_check_settings)
    except BaseException:
        await store.close()
        raise
    return store


async def migrate_postgres(url: str, *, grant_to: str | None = None) -> None:
    """Creates the tables or brings them up to date, however long it takes, and lets the role `grant_to` work
    on them: rows, no tables. Raises as `open_postgres`, StoreError if there is no such role."""
    if postgres_address(url).pooled:
        raise StoreRefused("A migration may take long: give the database's own URL for it, not the pooler's.")
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
        address = postgres_address(url)
        # One connection is the group commits', of which one is under way at a time: an edit never waits
        # behind what a crowd that arrives wants to read.
        self._committing = postgres_engine(address, replace(limits, connections=1))
        self._writing = postgres_engine(address, replace(limits, connections=max(1, limits.connections - 1)))
        self._reading = self._writing.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        self._asking = self._writing.execution_options(isolation_level="AUTOCOMMIT")

    async def close(self) -> None:
        await self._committing.dispose()
        await self._writing.dispose()

    async def clock_us(self) -> int | None:
        ((shown,),) = await self._fetch(self._writing, _CLOCK, commits=False)
        return int(shown)

    async def commit(self, group: Sequence[Commit]) -> list[bool]:
        check_group(group)
        statement, arguments = group_statement(group)
        rows = await self._fetch(self._committing, statement, *arguments, commits=True)
        written = {row["id"] for row in rows}
        return [commit.document in written for commit in group]

    async def _fetch(self, engine: AsyncEngine, statement: str, *arguments: Any, commits: bool) -> list[Any]:
        """The rows of a statement that is a transaction by itself: one round trip, once it is prepared.
        Past SQLAlchemy, which would begin and end one around it. `commits`: it writes."""
        async with self._driver(engine) as driver:
            try:
                return list(await driver.fetch(statement, *arguments))
            except FAILURES as error:
                raise store_error(error, sent=commits) from error

    async def _read(
        self, statements: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await self._looked(self._reading, statements, *args, **kwargs)

    async def _ask(
        self, statement: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await self._looked(self._asking, statement, *args, **kwargs)

    async def _looked(
        self,
        engine: AsyncEngine,
        statements: Callable[Concatenate[Connection, P], T],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        async with self._connection(engine) as connection:
            try:
                return await connection.run_sync(statements, *args, **kwargs)
            except FAILURES as error:
                raise store_error(error, sent=False) from error

    async def _write(
        self, statements: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        sent = False
        async with self._connection(self._writing) as connection:
            try:
                result = await connection.run_sync(statements, *args, **kwargs)
                sent = True
                await connection.commit()
            except FAILURES as error:
                raise store_error(error, sent=sent) from error
        return result

    @asynccontextmanager
    async def _connection(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        """A connection from the pool, for SQLAlchemy's statements. It goes back only if all went well: after
        a failure or a cancellation nobody knows what still travels on it, so it is cut off, which also ends
        its transaction."""
        try:
            connection = await engine.connect()
        except FAILURES as error:
            raise store_error(error, sent=False) from error
        driver: Any = (await connection.get_raw_connection()).driver_connection
        try:
            yield connection
            try:
                await connection.rollback()
            except FAILURES:
                # The session ended after its answer was there, and before its transaction.
                driver.terminate()
                await connection.invalidate()
        except BaseException:
            driver.terminate()
            await connection.invalidate()
            raise
        finally:
            await connection.close()

    @asynccontextmanager
    async def _driver(self, engine: AsyncEngine) -> AsyncIterator[Any]:
        """The same, asyncpg's own connection: SQLAlchemy's would cost as much time as the statement does."""
        try:
            pooled = await engine.raw_connection()
        except FAILURES as error:
            raise store_error(error, sent=False) from error
        driver: Any = pooled.driver_connection
        try:
            yield driver
        except BaseException:
            driver.terminate()
            pooled.invalidate()
            raise
        else:
            # Waits for nothing: SQLAlchemy began no transaction that it would have to end.
            pooled.close()


def _check_settings(connection: Connection) -> None:
    """Raises StoreRefused where a commit is not on disk when it is acknowledged (P1), or the server would
    never give up on a statement."""
    settings = {
        name: connection.exec_driver_sql(f"SHOW {name}").scalar_one()
        for name in ("synchronous_commit", "statement_timeout")
    }
    if settings["synchronous_commit"] == "off":
        raise StoreRefused(
            "The database acknowledges what it may still lose; set synchronous_commit to on for it."
        )
    if settings["statement_timeout"] == "0":
        raise StoreRefused(
            "Through a pooler Tutti cannot say when the database gives up on a statement; set "
            "statement_timeout, and what else docs/OPERATIONS.md names, for its role."
        )


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
    read_only = (tables.REVISION_TABLE, tables.ELDER_TABLE, tables.neighbours.name)
    writes = {table.name: "SELECT, INSERT, UPDATE, DELETE" for table in tables.metadata.sorted_tables}
    # What stands in the audit stays there.
    writes[tables.audit.name] = "SELECT, INSERT"
    for table, rights in {**writes, **dict.fromkeys(read_only, "SELECT")}.items():
        connection.exec_driver_sql(f"GRANT {rights} ON {table} TO {name}")
