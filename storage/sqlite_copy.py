"""A copy of a database file, to be put away.

Made by SQLite's online backup while a server works on the file: all of it as of one moment, looked through,
and given its name only when it is whole. A copy says of itself that it is one, because clients see what comes
after it: put back in the database's place, it must be declared restored before a server works on it (`tutti
restored`). Knows files and the mark. Does not know tables, nor whose database it is.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

# `PRAGMA user_version` of a copy; a database that a server may work on has 0.
COPY: Final = 1
# How long anybody waits for a program that holds the file, a backup for example.
BUSY_S: Final = 2.0
# In the file's header: 1 for a rollback journal, 2 for a log (https://www.sqlite.org/fileformat2.html).
_JOURNAL_OFFSET: Final = 18
_ROLLBACK: Final = b"\x01\x01"


class DamagedCopy(Exception):
    """What was copied is damaged; the text is SQLite's."""


def write_copy(database: Path, copy: Path) -> None:
    """Writes `copy`, which then stands on the disk under its name or not at all. Raises DamagedCopy,
    sqlite3.Error, OSError."""
    unfinished = copy.with_name(copy.name + ".part")
    unfinished.unlink(missing_ok=True)
    try:
        _copy_pages(database, unfinished)
        _look_through(unfinished)
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(unfinished, copy)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    _sync_folder(copy.parent)


def is_copy(connection: sqlite3.Connection) -> bool:
    (mark,) = connection.execute("PRAGMA user_version").fetchone()
    return bool(mark == COPY)


def has_foreign_log(database: Path) -> bool:
    """Whether the log beside `database` is another one's; SQLite would replay it all the same, and destroy
    the file. To be asked while nobody has the database open. A server's database says that it has a log from
    its beginning; a copy does not, until it was opened where it was put back."""
    log = database.with_name(database.name + "-wal")
    if not log.exists() or not log.stat().st_size:
        return False
    with database.open("rb") as file:
        file.seek(_JOURNAL_OFFSET)
        return file.read(len(_ROLLBACK)) == _ROLLBACK


def open_existing(database: Path) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{database.absolute().as_uri()}?mode=rw", uri=True, timeout=BUSY_S, isolation_level=None
    )


def _copy_pages(database: Path, unfinished: Path) -> None:
    with (
        closing(open_existing(database)) as source,
        closing(sqlite3.connect(unfinished, isolation_level=None)) as target,
    ):
        # In one step: a reader keeps nobody from writing, and in several SQLite would begin anew whenever
        # the server wrote something.
        source.backup(target)
        # One file without a log beside it, which could be forgotten or be another one's.
        target.execute("PRAGMA journal_mode=DELETE")
        target.execute(f"PRAGMA user_version={COPY}")


def _look_through(unfinished: Path) -> None:
    with closing(open_existing(unfinished)) as connection:
        (finding,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if finding != "ok":
        raise DamagedCopy(str(finding).splitlines()[0])


def _sync_folder(folder: Path) -> None:
    """So that the name, too, outlives a power cut. Where a folder cannot be opened (Windows), the system sees
    to it."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
