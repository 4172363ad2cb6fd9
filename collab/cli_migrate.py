"""`tutti migrate`: creates a database's tables, or brings them up to date."""

import asyncio
from pathlib import Path

from collab.cli_options import Data, DatabaseUrl
from collab.config import Settings
from collab.database import migrate_database


def migrate(data: Data = Path("data"), database_url: DatabaseUrl = None) -> None:
    """Create the database's tables, or bring them up to date.

    A server on its own data folder does this by itself when it starts; several nodes on one PostgreSQL
    database need it once before an upgrade.
    """
    asyncio.run(migrate_database(Settings(data=data, database_url=database_url)))
    print("The database is up to date.")
