"""The database file of a server at home.

Decides whether the file in a data folder may be used: one server per file, never a damaged, foreign or
newer one, nor a backup that nobody declared restored, and never is anything emptied. Creates it, backs it up,
migrates it. Knows files, locks and revisions. Does not know statements or threads; everything here blocks.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import exc

from storage import migrate, wal
from storage.engine import sqlite_writer
from storage.sqlite_copy import DamagedCopy, has_foreign_log, is_copy, open_existing, write_copy
from storage.store import StoreRefused
from storage.tables import APPLICATION_ID, ELDER_TABLE, REVISION_TABLE, neighbours

DATABASE_NAME = "tutti.db"
_MAGIC = b"SQLite format 3\x00"


class FileLock:
    """Holds a data folder for one server; the system lets go of it when the process ends, however it ends.

    It is SQLite's own lock on an empty file beside the database, which works wherever SQLite does. It says
    nothing to visitors, which only read or write a row while the server runs.
    """

    def __init__(self, database: Path) -> None:
        try:
            self._connection = sqlite3.connect(
                database.with_suffix(".lock"), timeout=0, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise StoreRefused(f"The folder {database.parent} cannot be written ({error}).") from None
            raise StoreRefused(
                f"{database} is in use by another Tutti server; stop that one or choose another folder."
            ) from None

    def release(self) -> None:
        self._connection.close()


def prepare(database: Path, *, may_migrate: bool, may_be_copy: bool = False) -> None:
    """Makes `database` ready for this program. To be called under its FileLock. Raises StoreRefused."""
    if not database.exists():
        _create(database)
        return
    _refuse_unreadable(database)
    _refuse_bad_log(database)
    revision = check_identity(database)
    if not may_be_copy:
        _refuse_copy(database)
    _refuse_damaged(database)
    if revision == migrate.head_revision():
        return
    if not may_migrate:
        raise StoreRefused(f"{database} was made by an older Tutti; run `tutti migrate` first.")
    _back_up(database, revision)
    _upgrade(database)


def prepare_visit(database: Path) -> None:
    """Makes sure that a visitor may open `database`; changes nothing. Raises StoreRefused."""
    if _look_in(database) != migrate.head_revision():
        raise StoreRefused(f"{database} was made by an older Tutti; run `tutti migrate` first.")


def back_up(database: Path, copy: Path) -> None:
    """A copy of the database as it is now, also of an older revision, beside a running server or without one.
    Raises StoreRefused; then there is none."""
    _look_in(database)
    if copy.exists():
        raise StoreRefused(f"{copy} exists already; a backup overwrites nothing.")
    try:
        write_copy(database, copy)
    except DamagedCopy as error:
        raise _damaged(database, error) from None
    except (sqlite3.Error, OSError) as error:
        raise StoreRefused(f"{copy} was not made ({error}).") from None


def _look_in(database: Path) -> str:
    """The revision of a file that a visitor may read. Raises StoreRefused.

    Whoever opens it first after a crash makes SQLite replay the log and, on leaving, drop it: where no server
    runs, a damaged log must be noticed here. A running server has looked already.
    """
    if not database.exists():
        raise StoreRefused(f"There is no Tutti database in {database.parent}.")
    try:
        lock = FileLock(database)
    except StoreRefused:
        pass
    else:
        try:
            _refuse_bad_log(database)
        finally:
            lock.release()
    return check_identity(database)


def check_identity(database: Path) -> str:
    """The revision of a file that is ours; of a newer one that this program may work on too, its own. Raises
    StoreRefused for all else."""
    try:
        with closing(open_existing(database)) as connection:
            (application_id,) = connection.execute("PRAGMA application_id").fetchone()
            names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
            where = next((name for name in (REVISION_TABLE, ELDER_TABLE) if (name,) in names), None)
            if application_id != APPLICATION_ID or where is None:
                raise StoreRefused(
                    f"{database} is another program's database; move it away or choose another folder."
                )
            revisions: set[str] = {row[0] for row in connection.execute(f"SELECT version_num FROM {where}")}
            if (neighbours.name,) in names:
                others = {row[0] for row in connection.execute(f"SELECT revision FROM {neighbours.name}")}
                revisions = {migrate.head_revision()} & others or revisions
    except sqlite3.DatabaseError as error:
        raise _unusable(database, error) from None
    if len(revisions) != 1 or not migrate.is_known(revision := revisions.pop()):
        raise StoreRefused(f"{database} was made by a newer Tutti; install that version or a newer one.")
    return revision


def _create(database: Path) -> None:
    remains = database.with_name(database.name + "-wal")
    if remains.exists() and remains.stat().st_size:
        raise StoreRefused(
            f"{database} is missing, but {remains.name} holds changes of it: put it back or move that away."
        )
    # Made under another name: a file called `tutti.db` has never been empty or half made.
    unfinished = database.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    _upgrade(unfinished)
    os.replace(unfinished, database)


def _upgrade(database: Path) -> None:
    engine = sqlite_writer(database)
    try:
        with engine.begin() as connection:
            migrate.upgrade(connection)
    except exc.DBAPIError as error:
        raise _unusable(database, error.orig) from None
    finally:
        engine.dispose()


def _refuse_unreadable(database: Path) -> None:
    with database.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise StoreRefused(
                f"{database} is not a SQLite database, or its beginning is lost; restore a backup or move it "
                f"away."
            )


def _refuse_bad_log(database: Path) -> None:
    if has_foreign_log(database):
        raise StoreRefused(
            f"{database}-wal belongs to the database that was here before {database.name} was put back; move "
            f"it away."
        )
    if wal.is_damaged(database):
        raise StoreRefused(
            f"{database}-wal is damaged: committed changes in it can no longer be read in order. Restore a "
            f"backup, or move the file away to start without them."
        )


def _refuse_copy(database: Path) -> None:
    with closing(open_existing(database)) as connection:
        if is_copy(connection):
            raise StoreRefused(
                f"{database} is a backup that was put back; run `tutti restored` before a server works on it."
            )


def _refuse_damaged(database: Path) -> None:
    try:
        with closing(open_existing(database)) as connection:
            (finding,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            # Neither a file system that is read-only nor a program that holds the lock shows in a read.
            connection.execute("BEGIN IMMEDIATE")
    except sqlite3.DatabaseError as error:
        raise _unusable(database, error) from None
    if finding != "ok":
        raise _damaged(database, finding)


def _unusable(database: Path, error: BaseException | None) -> StoreRefused:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return _damaged(database, error)
    if code == sqlite3.SQLITE_BUSY:
        return StoreRefused(f"{database} is locked by another program; wait for it or stop it.")
    return StoreRefused(f"{database} cannot be used ({error}).")


def _damaged(database: Path, finding: object) -> StoreRefused:
    first_line = str(finding).splitlines()[0]
    return StoreRefused(f"{database} is damaged ({first_line}); restore a backup. Nothing was changed.")


def _back_up(database: Path, revision: str) -> Path:
    """As `back_up`, beside the database and named after its revision; earlier copies stay."""
    number, copy = 1, database.with_suffix(f".before-migration-{revision}.db")
    while copy.exists():
        number += 1
        copy = database.with_suffix(f".before-migration-{revision}-{number}.db")
    back_up(database, copy)
    return copy
