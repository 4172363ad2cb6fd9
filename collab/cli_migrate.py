"""`tutti migrate`: creates a database's tables, or brings them up to date."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from collab.cli_options import Data, DatabaseUrl
from collab.config import Settings
from collab.database import migrate_database


def migrate(
    data: Data = Path("data"),
    database_url: DatabaseUrl = None,
    grant_to: Annotated[
        str | None,
        typer.Option(
            envvar="TUTTI_GRANT_TO",
            help="A PostgreSQL role that servers use: it may change rows, not tables.",
        ),
    ] = None,
) -> None:
    """Create the database's tables, or bring them up to date.

    A server on its own data folder does this by itself when it starts; several nodes on one PostgreSQL
    database need it once before an upgrade.
    """
    asyncio.run(migrate_database(Settings(data=data, database_url=database_url), grant_to))
    print("The database is up to date.")
