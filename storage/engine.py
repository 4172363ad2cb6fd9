"""Where SQLite and PostgreSQL differ.

Opens both through SQLAlchemy with the settings that the promises need, and holds the few expressions and
the error names that are not the same. Knows dialects and drivers. Does not know our tables' meaning. (The
group commits differ in kind, not in dialect: they stand in `storage.sqlite` and `storage.postgres`.)
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

from asyncpg import InterfaceError, InternalClientError, PostgresError
from sqlalchemy import (
    ARRAY,
    URL,
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    FromClause,
    Table,
    Text,
    any_,
    bindparam,
    create_engine,
    event,
    exc,
    func,
    make_url,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from storage.store import OutcomeUnknown, StoreError, StoreRefused, Unavailable

# A visitor (`tutti token`, a backup tool) may hold SQLite's write lock this long before a write gives up.
SQLITE_BUSY_MS = 5_000
# Loads run beside each other, but each reader is a thread, and the machine at home is small.
SQLITE_READERS = 4
# A search is mostly work of a core.
SQLITE_SEARCHERS = 2
# SQLite empties a reader's cache when somebody wrote since, and the system keeps the file's pages anyway: its
# own 2 MiB for each reader would be held for nothing.
_READER_CACHE_KIB: Final = 512
# Any numbers will do that no other advisory lock of the database has: "Tutt", and the next.
_MIGRATION_LOCK = 0x54757474
_OPERATOR_LOCK = _MIGRATION_LOCK + 1
_SCANNER_LOCK = _MIGRATION_LOCK + 2

# Before the names of what is asked for, as parameters.
_ASKED = "asked_"

V = TypeVar("V", str, int)


@dataclass(frozen=True, slots=True)
class PostgresLimits:
    """`statement_ms` is when the server gives up on a statement (0: never); the client waits a little
    longer, so that a slow statement ends as known to have failed and only a lost answer ends as unknown:
    early enough to be asked about within the 5 s in which people edit again."""

    connections: int = 10
    connect_ms: int = 5_000
    statement_ms: int = 3_000
    answer_ms: int = 4_000


# -- expressions ----------------------------------------------------------------------------------------


def among(connection: Connection, column: ColumnElement[V], values: Sequence[V]) -> ColumnElement[bool]:
    """`column` is one of `values`, however many: as one parameter, so that the statement stays the same."""
    if connection.dialect.name == "sqlite":
        listed = func.json_each(json.dumps(list(values))).table_valued("value")
        return column.in_(select(listed.c.value))
    kind = BigInteger() if isinstance(column.type, BigInteger) else Text()
    return column == any_(bindparam(None, list(values), type_=ARRAY(kind)))


@cache
def asked_for(dialect: str, names: tuple[str, ...]) -> FromClause:
    """A table with these columns to select from, filled by `asked_rows`. However many rows they are, the
    statement stays the same, so make it once: building one leaves hundreds of objects behind that only the
    garbage collector finds."""
    if dialect == "sqlite":
        each = func.json_each(bindparam(_ASKED)).table_valued("value")
        members = [
            func.json_extract(each.c.value, f"$[{place}]").label(name) for place, name in enumerate(names)
        ]
        return select(*members).subquery()
    arrays = [bindparam(_ASKED + name, type_=ARRAY(Text())) for name in names]
    return func.unnest(*arrays).table_valued(*names).render_derived()


def asked_rows(dialect: str, names: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> dict[str, Any]:
    """The parameters with which a statement on `asked_for` is executed."""
    if dialect == "sqlite":
        return {_ASKED: json.dumps(rows)}
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    return {_ASKED + name: list(values) for name, values in zip(names, columns, strict=True)}


def insert_or_ignore(connection: Connection, table: Table, row: Mapping[str, Any]) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(sqlite.insert(table).values(**row).on_conflict_do_nothing())
    else:
        connection.execute(postgresql.insert(table).values(**row).on_conflict_do_nothing())


def insert_or_update(
    connection: Connection, table: Table, row: Mapping[str, Any], *, key: str, when: ColumnElement[bool]
) -> None:
    """Adds the row. If one with the same `key` is there, it becomes `row` when `when` is true of it, and
    else stays."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    connection.execute(
        dialect.insert(table).values(**row).on_conflict_do_update(index_elements=[key], set_=row, where=when)
    )


def upsert(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    key: str,
    keep: Sequence[str] = (),
) -> None:
    """Adds the rows. One with the same `key` as a row that is there takes its place, but for what `keep`
    names."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    added = dialect.insert(table)
    names = {column.name for column in table.columns}.difference((key, *keep))
    changed = {name: added.excluded[name] for name in sorted(names)}
    connection.execute(added.on_conflict_do_update(index_elements=[key], set_=changed), rows)


def wait_for_migrations(connection: Connection) -> None:
    """Until the transaction ends nobody else migrates this database; on SQLite the write lock sees to it."""
    _take_turns(connection, _MIGRATION_LOCK)


def wait_for_operators(connection: Connection) -> None:
    """As `wait_for_migrations`, for what leaves a line in the audit."""
    _take_turns(connection, _OPERATOR_LOCK)


def wait_for_scanners(connection: Connection) -> None:
    """As `wait_for_migrations`, for who writes the catalogue: it reads what it replaces."""
    _take_turns(connection, _SCANNER_LOCK)


def _take_turns(connection: Connection, lock: int) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(lock)))


# -- SQLite ---------------------------------------------------------------------------------------------


def sqlite_writer(path: Path) -> Engine:
    """An engine with one connection, to be used from one thread. Every transaction takes the write lock at
    its start, so that it cannot fail half way because somebody else wrote."""
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path)), pool_size=1, max_overflow=0, isolation_level=None
    )
    _prepare_sqlite(engine, "BEGIN IMMEDIATE", ("journal_mode=WAL", "journal_size_limit=67108864"))
    return engine


def sqlite_reader(path: Path) -> AsyncEngine:
    """An engine whose transactions each see one state of the database, and cannot write."""
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        pool_size=SQLITE_READERS,
        max_overflow=0,
        pool_timeout=SQLITE_BUSY_MS / 1000,
    )
    _prepare_sqlite(engine.sync_engine, "BEGIN", ("query_only=ON", f"cache_size=-{_READER_CACHE_KIB}"))
    return engine


def sqlite_searcher(path: Path) -> Engine:
    """As `sqlite_reader`, for threads."""
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path)), pool_size=SQLITE_SEARCHERS, max_overflow=0
    )
    _prepare_sqlite(engine, "BEGIN", ("query_only=ON",))
    return engine


def _prepare_sqlite(engine: Engine, begin: str, pragmas: Sequence[str]) -> None:
    @event.listens_for(engine, "connect")
    def set_up(dbapi_connection: Any, _record: object) -> None:
        # The driver would open transactions by itself, and only before writes; `begin` below does it.
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        for pragma in (f"busy_timeout={SQLITE_BUSY_MS}", "synchronous=FULL", "foreign_keys=ON", *pragmas):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


# -- PostgreSQL -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PostgresAddress:
    """Where PostgreSQL is, for asyncpg. `pooled`: a pooler stands there which gives each transaction whatever
    session of the server is free, so that nothing may be expected of the session of the one before."""

    url: URL
    pooled: bool


def postgres_address(url: str) -> PostgresAddress:
    """Reads `postgresql://user:password@host/database` (`postgres://`, libpq's `sslmode` and our own
    `pooler=transaction` are understood). Raises StoreRefused for what is no such URL."""
    try:
        target = make_url(url)
    except exc.ArgumentError:
        raise StoreRefused("The database URL is not well formed.") from None
    if target.get_backend_name() not in ("postgresql", "postgres"):
        raise StoreRefused("The database URL must begin with postgresql://.")
    query = dict(target.query)
    pooler = query.pop("pooler", None)
    if pooler not in (None, "transaction"):
        raise StoreRefused("The database URL's pooler can only be transaction; leave it out for any other.")
    if "sslmode" in query:
        query["ssl"] = query.pop("sslmode")
    return PostgresAddress(target.set(drivername="postgresql+asyncpg", query=query), pooler is not None)


def postgres_engine(address: PostgresAddress, limits: PostgresLimits) -> AsyncEngine:
    """An engine on asyncpg. Through a pooler the server's settings are not ours to choose."""
    engine = create_async_engine(
        address.url,
        pool_size=limits.connections,
        max_overflow=0,
        pool_timeout=limits.connect_ms / 1000,
        # The connection that came back last has its statements prepared, and the server's caches warm.
        pool_use_lifo=True,
        hide_parameters=True,
        connect_args={
            "timeout": limits.connect_ms / 1000,
            "command_timeout": limits.answer_ms / 1000,
            **(_UNPREPARED if address.pooled else _PREPARED | {"server_settings": _session_settings(limits)}),
        },
    )

    @event.listens_for(engine.sync_engine, "checkout")
    def refuse_closed(dbapi_connection: Any, _record: object, _proxy: object) -> None:
        # A connection that the server closed while it lay in the pool is known to have carried nothing:
        # found here, a restart of PostgreSQL costs new connections and no unknown outcome.
        if dbapi_connection.driver_connection.is_closed():
            raise exc.DisconnectionError

    return engine


# asyncpg would prepare a statement anew every five minutes.
_PREPARED: Final = {"max_cached_statement_lifetime": 0}
# A prepared statement stays in a session that the next transaction may not get. Without a cache asyncpg asks
# what the types of a statement are, and sends it again with its arguments, in one piece.
_UNPREPARED: Final = {
    "statement_cache_size": 0,
    "prepared_statement_cache_size": 0,
    "prepared_statement_name_func": str,
}


def _session_settings(limits: PostgresLimits) -> dict[str, str]:
    return {
        "application_name": "tutti",
        "statement_timeout": str(limits.statement_ms),
        # Waiting for others ends sooner than working, and says so.
        "lock_timeout": str(limits.statement_ms * 2 // 3),
        # Of a node whose machine is gone the server hears nothing: 10 s + 3 × 5 s, then its locks go.
        "tcp_keepalives_idle": "10",
        "tcp_keepalives_interval": "5",
        "tcp_keepalives_count": "3",
        # A node that stops in the middle of a transaction must not hold a document's head for long.
        "idle_in_transaction_session_timeout": str(2 * limits.statement_ms),
        # Compiling the group commit costs more than it ever saves.
        "jit": "off",
    }


# -- errors ---------------------------------------------------------------------------------------------

# What SQLAlchemy, the drivers and the sockets under them raise. SQLAlchemy hands on what is not the driver's.
# A driver that met the server's last words, and not yet the end of the connection, speaks of its own state.
# The dialect's error is what comes through where a connection is taken past SQLAlchemy's own.
FAILURES: Final = (
    exc.SQLAlchemyError,
    AsyncAdapt_asyncpg_dbapi.Error,
    PostgresError,
    InterfaceError,
    InternalClientError,
    OSError,
    TimeoutError,
)

# SQLSTATE classes after which the session is gone and with it the answer: connection exceptions, and the
# server ending the session (administrator, crash).
_SESSION_GONE: Final = ("08", "57P")
_CONTRADICTION: Final = "23"
_NOT_UNDERSTOOD: Final = ("22", "42")


def store_error(error: BaseException, *, sent: bool) -> StoreError:
    """What the port calls an error. `sent`: it came after a commit was sent and before it was answered, so
    that an answer which never came leaves the outcome unknown."""
    cause = (isinstance(error, exc.DBAPIError) and error.orig) or error
    reason = (str(cause) or type(cause).__name__).splitlines()[0]
    state = getattr(cause, "sqlstate", None) or ""
    if getattr(cause, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreRefused(f"The database file is damaged ({reason}); restore it from a backup.")
    if sent and (not state or state.startswith(_SESSION_GONE)):
        return OutcomeUnknown(f"The database's answer to a commit was lost ({reason}).")
    if isinstance(error, exc.IntegrityError) or state.startswith(_CONTRADICTION):
        return StoreError(f"The database refused a row that contradicts what it holds ({reason}).")
    if isinstance(error, exc.ProgrammingError | exc.DataError) or state.startswith(_NOT_UNDERSTOOD):
        return StoreError(f"The database did not understand a statement ({reason}).")
    return Unavailable(f"The database cannot be used now ({reason}).")
