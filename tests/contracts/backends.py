"""The stores under test, behind one face.

Each backend opens instances on the same data, as nodes would, and can lose the answer of the next commit,
before or after it took effect. Also the builders with which the suite writes histories.
"""

import sqlite3
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Protocol

from storage.administered import Administered
from storage.engine import PostgresLimits
from storage.memory import CommitFault, MemoryStore
from storage.postgres import open_postgres
from storage.rows import Commit, Head, OpRow, Settled
from storage.sqlite import SqliteStore, open_sqlite
from storage.store import Restorable
from tests.proxy import Fault, FaultProxy

HASH = b"h" * 32


class FullStore(Restorable, Administered, Protocol):
    """What every implementation is: all ports in one object."""


class Backend(Protocol):
    async def open(self) -> FullStore:
        """An instance on the backend's data, ready to commit."""

    def lose_next_answer(self, *, written: bool) -> None:
        """The next commit, on whichever instance, ends unknown."""


class MemoryBackend:
    def __init__(self) -> None:
        self._store = MemoryStore()

    async def open(self) -> FullStore:
        return self._store

    def lose_next_answer(self, *, written: bool) -> None:
        self._store.fail_next_commit(
            CommitFault.UNKNOWN_WRITTEN if written else CommitFault.UNKNOWN_NOT_WRITTEN
        )


class SqliteBackend:
    """One instance per file; the disk fails at COMMIT, with the commit frame in the log or without."""

    def __init__(self, folder: Path, stack: AsyncExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._store: SqliteStore | None = None

    async def open(self) -> FullStore:
        if self._store is None:
            self._store = await open_sqlite(self._folder)
            self._stack.push_async_callback(self._store.close)
        return self._store

    def lose_next_answer(self, *, written: bool) -> None:
        assert self._store is not None, "open() comes first"
        dialect: Any = self._store._writing.dialect

        def fail(connection: Any) -> None:
            del dialect.do_commit  # the class's own is back
            if written:
                dialect.do_commit(connection)
            raise sqlite3.OperationalError("disk I/O error")

        dialect.do_commit = fail


class PostgresBackend:
    """Instances reach the server through one proxy, which loses the request or the answer."""

    def __init__(self, proxy: FaultProxy, stack: AsyncExitStack) -> None:
        self._proxy = proxy
        self._stack = stack

    async def open(self) -> FullStore:
        store = await open_postgres(self._proxy.url, limits=PostgresLimits(connections=4))
        self._stack.push_async_callback(store.close)
        # Preparing the statement takes round trips of its own; after this a commit is exactly one.
        await store.commit([Commit("nothing", "", 0, 0, (), ())])
        return store

    def lose_next_answer(self, *, written: bool) -> None:
        self._proxy.break_next(Fault.ANSWER_CUT if written else Fault.REQUEST_CUT)


class PooledBackend(PostgresBackend):
    """The same behind PgBouncer, where nothing stays prepared: the first answer is not yet the commit's."""

    def lose_next_answer(self, *, written: bool) -> None:
        if written:
            self._proxy.break_next(Fault.ANSWER_CUT, within=lambda data: b"UPDATE " in data)
        else:
            super().lose_next_answer(written=False)


# -- builders -------------------------------------------------------------------------------------------


def op(version: int, client: str = "client-1", seq: int | None = None, body: bytes = b"") -> OpRow:
    """`seq` is the version unless told: one client that writes alone."""
    seq = version if seq is None else seq
    return OpRow(version, client, seq, f"user-of-{client}", 1_000 + version, body or b"op %d" % version)


def batch(head: Head, *ops: OpRow, refused: tuple[tuple[str, int, str], ...] = ()) -> Commit:
    """The commit of `ops` on `head`, with a settled row for each client, and (client, seq, code) refusals."""
    changes = head.changes + 1
    rows = {
        row.client_id: Settled(row.client_id, row.author, row.seq, HASH, row.version, "", changes)
        for row in ops
    }
    for client, seq, code in refused:
        rows[client] = Settled(client, f"user-of-{client}", seq, HASH, None, code, changes)
    return Commit(head.document, head.epoch, head.version, head.changes, ops, tuple(rows.values()))


def after(head: Head, commit: Commit) -> Head:
    """The head once `commit` took effect."""
    return Head(
        head.document, head.kind, head.epoch, head.version + len(commit.ops), head.changes + 1, head.horizon
    )
