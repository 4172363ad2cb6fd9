"""The file in which a device keeps its playlists and what it has not saved yet.

SQLite in WAL mode with `synchronous=FULL`, on a thread of its own: `write` returns at once, and `stored` when
all that was written before is on disk. What piles up while the disk is busy becomes one transaction. One
program at a time: SQLite's own lock is held as long as the file is open, and the system lets go of it when
the process ends, however it ends. Knows tables and threads. Does not know what is in the bytes.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from tutti_client.errors import StoreFailed, StoreInUse
from tutti_client.store import Stored, Write

T = TypeVar("T")

# "Tuti" in ASCII: tells our files from other programs'.
APPLICATION_ID: Final = 0x54757469
SCHEMA_VERSION: Final = 1
# Refusals that nobody has looked at; older ones go.
REFUSALS_MAX: Final = 100
# Batches that wait for the disk; the replicas hold on to what comes after (see `Journal`).
WAITING_MAX: Final = 64

_WHERE: Final = "WHERE server = ? AND user = ? AND room = ?"
_KEY: Final = "server TEXT NOT NULL, user TEXT NOT NULL, room TEXT NOT NULL"
_SCHEMA: Final = (
    "CREATE TABLE sessions (server TEXT PRIMARY KEY, user TEXT NOT NULL, client TEXT NOT NULL,"
    " uids INTEGER NOT NULL, clock_ahead_ms INTEGER NOT NULL)",
    f"CREATE TABLE rooms ({_KEY}, is_unsaved INTEGER NOT NULL, whole BLOB NOT NULL,"
    " PRIMARY KEY (server, user, room))",
    f"CREATE TABLE records (id INTEGER PRIMARY KEY, {_KEY}, record BLOB NOT NULL)",
    "CREATE INDEX records_of_room ON records (server, user, room, id)",
    f"CREATE TABLE refusals (id INTEGER PRIMARY KEY, {_KEY}, refusal BLOB NOT NULL)",
)


@dataclass(frozen=True, slots=True)
class StoredSession:
    """Who edits here, under which client id, how many uids it has given, and by how many ms the server's
    clock is ahead of ours."""

    user: str
    client: str
    uids: int
    clock_ahead_ms: int


@dataclass(frozen=True, slots=True)
class Batch:
    """What is written in one transaction. `forgotten` are rooms whose list is not kept any longer,
    `dismissed` those whose refusals somebody has seen."""

    session: StoredSession
    writes: tuple[Write, ...] = ()
    refusals: tuple[tuple[str, bytes], ...] = ()
    forgotten: tuple[str, ...] = ()
    dismissed: tuple[str, ...] = ()


class StoreFile:
    """One server's part of the file. `open` it before anything else; `close` writes what waits."""

    def __init__(self, path: Path, server: str) -> None:
        self.failure: StoreFailed | None = None
        self._path = path
        self._server = server
        self._thread = ThreadPoolExecutor(1, "tutti-store")
        self._connection: sqlite3.Connection | None = None
        self._waiting: deque[Batch] = deque()
        self._is_scheduled = False
        self._last: Future[None] | None = None

    # -- from the loop ---------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Raises StoreInUse if another program has the file open, StoreFailed if it cannot be used."""
        try:
            await self._ask(self._open)
        except StoreFailed:
            await self.close()
            raise

    @property
    def is_busy(self) -> bool:
        """Whether so much waits for the disk that nothing should be added just now."""
        return len(self._waiting) >= WAITING_MAX

    def write(self, batch: Batch) -> None:
        """Writes, in the order of calls."""
        self._waiting.append(batch)
        if not self._is_scheduled:
            self._is_scheduled = True
            self._last = self._thread.submit(self._commit)

    async def stored(self) -> None:
        """Returns when all that was written before is on disk. Raises StoreFailed."""
        if self._last is not None:
            # Whoever waits may give up; what is being written is brought to its end.
            await asyncio.shield(asyncio.wrap_future(self._last))

    async def session(self) -> StoredSession | None:
        """Who edits here."""
        found = await self._ask(
            lambda: self._rows(
                "SELECT user, client, uids, clock_ahead_ms FROM sessions WHERE server = ?", self._server
            )
        )
        return StoredSession(*found[0]) if found else None

    async def unsaved_rooms(self, user: str) -> list[Stored]:
        """The rooms in which something is unsaved."""

        def read() -> list[Stored]:
            query = "SELECT room, whole FROM rooms WHERE server = ? AND user = ? AND is_unsaved"
            found = self._rows(query, self._server, user)
            return [self._with_records(user, room, whole) for room, whole in found]

        return await self._ask(read)

    async def room(self, user: str, room: str) -> Stored | None:
        """What is kept of a room, if anything is."""

        def read() -> Stored | None:
            query = "SELECT whole FROM rooms WHERE server = ? AND user = ? AND room = ?"
            found = self._rows(query, self._server, user, room)
            return self._with_records(user, room, found[0][0]) if found else None

        return await self._ask(read)

    async def refusals(self, user: str) -> list[tuple[str, bytes]]:
        """What was refused and not dismissed, oldest first: the room and the refusal."""
        query = "SELECT room, refusal FROM refusals WHERE server = ? AND user = ? ORDER BY id"
        found = await self._ask(lambda: self._rows(query, self._server, user))
        return [(room, refusal) for room, refusal in found]

    async def close(self) -> None:
        """Writes what waits and lets go of the file."""
        await asyncio.to_thread(self._thread.submit(self._close).result)
        self._thread.shutdown()

    async def _ask(self, question: Callable[[], T]) -> T:
        return await asyncio.shield(asyncio.wrap_future(self._thread.submit(self._answer, question)))

    # -- in the thread ---------------------------------------------------------------------------------------

    def _answer(self, question: Callable[[], T]) -> T:
        try:
            return question()
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def _rows(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        assert self._connection is not None, "it was opened"
        return self._connection.execute(query, values).fetchall()

    def _with_records(self, user: str, room: str, whole: bytes) -> Stored:
        query = "SELECT record FROM records WHERE server = ? AND user = ? AND room = ? ORDER BY id"
        return Stored(room, whole, [record for (record,) in self._rows(query, self._server, user, room)])

    def _open(self) -> None:
        connection = sqlite3.connect(self._path, timeout=0, isolation_level=None, check_same_thread=False)
        self._connection = connection
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        [application_id] = connection.execute("PRAGMA application_id").fetchone()
        [version] = connection.execute("PRAGMA user_version").fetchone()
        [tables] = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if (application_id, version) != (APPLICATION_ID, SCHEMA_VERSION) and tables:
            whose = "a newer version's" if application_id == APPLICATION_ID else "another program's"
            raise StoreFailed("store_failed", f"{self._path} is {whose} file.")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("BEGIN EXCLUSIVE")
        if not tables:
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
            for statement in _SCHEMA:
                connection.execute(statement)
        connection.execute("COMMIT")

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _commit(self) -> None:
        """Writes all batches that wait, in one transaction."""
        # Before they are taken: what is added from now on schedules another turn.
        self._is_scheduled = False
        if self.failure is not None:
            raise self.failure
        assert self._connection is not None, "it was opened"
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            while self._waiting:
                self._write(self._connection, self._waiting.popleft())
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            # What was taken is lost to the disk, so nothing that came after it may be written.
            self.failure = self._failed(error)
            raise self.failure from error

    def _write(self, connection: sqlite3.Connection, batch: Batch) -> None:
        server, session = self._server, batch.session
        connection.execute(
            "INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?, ?)",
            (server, session.user, session.client, session.uids, session.clock_ahead_ms),
        )
        # A room that was forgotten may have been entered again since.
        for room in batch.forgotten:
            for table in ("records", "rooms"):
                connection.execute(f"DELETE FROM {table} {_WHERE}", (server, session.user, room))
        for write in batch.writes:
            key = (server, session.user, write.room)
            if write.whole is None:
                connection.execute(f"UPDATE rooms SET is_unsaved = ? {_WHERE}", (write.is_unsaved, *key))
            else:
                connection.execute(f"DELETE FROM records {_WHERE}", key)
                connection.execute(
                    "INSERT OR REPLACE INTO rooms VALUES (?, ?, ?, ?, ?)",
                    (*key, write.is_unsaved, write.whole),
                )
            connection.executemany(
                "INSERT INTO records (server, user, room, record) VALUES (?, ?, ?, ?)",
                [(*key, record) for record in write.records],
            )
        if batch.refusals:
            connection.executemany(
                "INSERT INTO refusals (server, user, room, refusal) VALUES (?, ?, ?, ?)",
                [(server, session.user, room, refusal) for room, refusal in batch.refusals],
            )
            connection.execute(
                "DELETE FROM refusals WHERE id <= (SELECT max(id) FROM refusals) - ?", (REFUSALS_MAX,)
            )
        for room in batch.dismissed:
            connection.execute(f"DELETE FROM refusals {_WHERE}", (server, session.user, room))

    def _failed(self, error: sqlite3.Error) -> StoreFailed:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
            return StoreInUse("store_in_use", f"{self._path} is in use by another program.")
        return StoreFailed("store_failed", f"{self._path} cannot be used: {error}.")
