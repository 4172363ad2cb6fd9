"""Which database the settings mean, opened.

The one choice between SQLite in the data folder and PostgreSQL at a URL; the commands that need no server
(`tutti migrate`, `tutti token`) choose here too. Knows the two stores' openers. Does not know rows.
"""

from collab.config import Settings
from storage.postgres import open_postgres
from storage.sql import SqlStore
from storage.sqlite import open_sqlite


async def open_database(settings: Settings) -> SqlStore:
    """For a server. SQLite is created and migrated as needed; PostgreSQL, which others may be using, only
    checked. Raises StoreError with a sentence for the operator."""
    if settings.database_url is not None:
        return await open_postgres(settings.database_url)
    return await open_sqlite(settings.data)


async def migrate_database(settings: Settings) -> None:
    """Creates the tables or brings them up to date. Raises StoreError."""
    if settings.database_url is not None:
        store: SqlStore = await open_postgres(settings.database_url, migrate=True)
    else:
        store = await open_sqlite(settings.data)
    await store.close()


async def visit_database(settings: Settings) -> SqlStore:
    """Beside a running server: nothing is created or migrated. Raises StoreError."""
    if settings.database_url is not None:
        return await open_postgres(settings.database_url)
    return await open_sqlite(settings.data, visitor=True)
