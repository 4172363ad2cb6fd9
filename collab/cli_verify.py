"""`tutti verify`: checks a database against the promises."""

import asyncio
from pathlib import Path

import typer

from collab.cli_options import Data, DatabaseUrl
from collab.config import Settings
from collab.database import visit_database
from collab.kinds import all_kinds
from collab.verify import Verification, Verified


def verify(data: Data = Path("data"), database_url: DatabaseUrl = None) -> None:
    """Check every document's history: contiguous versions, snapshots, digests, outcomes of submissions.

    Only reads; works beside a running server. A line for each finding; exit code 1 if there is any.
    """
    verified = asyncio.run(_verify(Settings(data=data, database_url=database_url)))
    print(f"verified {verified.documents} documents, {verified.findings} findings")
    if verified.findings:
        raise typer.Exit(1)


async def _verify(settings: Settings) -> Verified:
    store = await visit_database(settings)
    try:
        return await Verification(store, all_kinds(), print).run()
    finally:
        await store.close()
