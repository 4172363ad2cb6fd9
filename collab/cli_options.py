"""Options that several commands have, said once."""

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    Path,
    typer.Option(
        envvar="TUTTI_DATA", help="Folder of the database and the secret.", show_default=True, file_okay=True
    ),
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        envvar="TUTTI_DATABASE_URL",
        help="PostgreSQL instead of the file in the data folder: postgresql://user:password@host/database.",
    ),
]
Secret = Annotated[
    str | None,
    typer.Option(
        envvar="TUTTI_SECRET",
        help="What signs tokens, 32 bytes or more, the same on every node; better given as TUTTI_SECRET than "
        "on a command line that others can read. Default: the file `secret` in the data folder, made at the "
        "first start.",
        show_default=False,
    ),
]
KeepVersions = Annotated[
    int | None,
    typer.Option(
        envvar="TUTTI_KEEP_VERSIONS",
        min=1,
        help="Keep at least a playlist's last versions, so many; older ones may be forgotten.",
        show_default="everything",
    ),
]
KeepDays = Annotated[
    int | None,
    typer.Option(
        envvar="TUTTI_KEEP_DAYS",
        min=1,
        help="Keep at least the versions of the last days, so many; with both, what either keeps.",
        show_default="everything",
    ),
]
