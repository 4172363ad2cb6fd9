"""Which database the settings mean, opened.

The one choice between SQLite in the data folder and PostgreSQL at a URL; the commands that need no server
(`tutti migrate`, `tutti token`) choose here too. Knows the two stores' openers. Does not know rows.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from collab.config import Settings
from collab.errors import CannotStart
from storage.postgres import migrate_postgres, open_postgres
from storage.sql import SqlStore
from storage.sqlite import open_sqlite, restoring_sqlite
from storage.sqlite_file import DATABASE_NAME, back_up


async def open_database(settings: Settings) -> SqlStore:
    """For a server. SQLite is created and migrated as needed; PostgreSQL, which others may be using, only
    checked. Raises StoreError with a sentence for the operator."""
    if settings.database_url is not None:
        return await open_postgres(settings.database_url)
    return await open_sqlite(settings.data)


async def migrate_database(settings: Settings, grant_to: str | None = None) -> None:
    """Creates the tables or brings them up to date; the PostgreSQL role `grant_to` may work on their rows.
    Raises CannotStart, StoreError."""
    if settings.database_url is not None:
        await migrate_postgres(settings.database_url, grant_to=grant_to)
        store: SqlStore = await open_postgres(settings.database_url)
    elif grant_to is not None:
        raise CannotStart("Only PostgreSQL has roles: give --grant-to together with --database-url.")
    else:
        store = await open_sqlite(settings.data)
    await store.close()


async def visit_database(settings: Settings) -> SqlStore:
    """Beside a running server: nothing is created or migrated. Raises StoreError."""
    if settings.database_url is not None:
        return await open_postgres(settings.database_url)
    return await open_sqlite(settings.data, visitor=True)


@asynccontextmanager
async def restoring_database(settings: Settings) -> AsyncIterator[SqlStore]:
    """After a backup was put back, while no server runs; in the data folder none can. A block that ends with
    an error must be repeated. Raises StoreError."""
    if settings.database_url is None:
        async with restoring_sqlite(settings.data) as store:
            yield store
        return
    nodes = await open_postgres(settings.database_url)
    try:
        yield nodes
    finally:
        await nodes.close()


def back_up_database(settings: Settings, file: Path) -> None:
    """Raises CannotStart for PostgreSQL, StoreError."""
    if settings.database_url is not None:
        raise CannotStart(
            "PostgreSQL is backed up with its own tools: pg_dump for a copy, pg_basebackup and archived logs "
            "for any moment; docs/OPERATIONS.md says how."
        )
    back_up(settings.data / DATABASE_NAME, file)
