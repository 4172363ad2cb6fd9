"""`tutti backup`: a copy of the database, beside a running server."""

from pathlib import Path
from typing import Annotated

import typer

from collab.cli_options import Data, DatabaseUrl
from collab.config import Settings
from collab.database import back_up_database


def backup(
    file: Annotated[Path, typer.Argument(help="The copy to be made. It must not exist yet.")],
    data: Data = Path("data"),
    database_url: DatabaseUrl = None,
) -> None:
    """Copy the database in the data folder to FILE, as it is at one moment. Works beside a running server.

    To put it back, run `tutti restored` before the server. PostgreSQL has tools of its own for this.
    """
    back_up_database(Settings(data=data, database_url=database_url), file)
    print(f"{file} is a copy of the database; keep the file `secret` of the data folder with it.")
