"""`tutti verify`: checks a database against the promises."""

import asyncio
import time
from pathlib import Path
from typing import Annotated

import typer

from collab.cli_options import Data, DatabaseUrl
from collab.config import Settings
from collab.progress import shown_progress
from collab.verify_jobs import verify as verify_with


def verify(
    jobs: Annotated[
        int,
        typer.Option(envvar="TUTTI_JOBS", min=1, max=256, help="Processes that share the documents."),
    ] = 1,
    progress: Annotated[
        bool | None,
        typer.Option(
            envvar="TUTTI_PROGRESS",
            help="Say on stderr how far it is.",
            show_default="where stderr is a terminal",
        ),
    ] = None,
    data: Data = Path("data"),
    database_url: DatabaseUrl = None,
) -> None:
    """Check every document's history: contiguous versions, snapshots, digests, outcomes of submissions.

    Only reads; works beside a running server. A line for each finding; exit code 1 if there is any.
    """
    settings = Settings(data=data, database_url=database_url)
    with shown_progress("documents", progress, time.monotonic) as begin:
        verified = asyncio.run(verify_with(settings, jobs, print, begin))
    print(f"verified {verified.documents} documents, {verified.findings} findings")
    if verified.findings:
        raise typer.Exit(1)
