"""`tutti compact`: forgets old history."""

import asyncio
from pathlib import Path

from collab.cli_options import Data, DatabaseUrl, KeepDays, KeepVersions
from collab.clock import Clock
from collab.compaction import Compacted, Compaction
from collab.config import Retention, Settings
from collab.database import visit_database
from collab.errors import CannotStart


def compact(
    keep_versions: KeepVersions = None,
    keep_days: KeepDays = None,
    data: Data = Path("data"),
    database_url: DatabaseUrl = None,
) -> None:
    """Forget versions that are neither among the last ones nor younger than some days. Works beside a running
    server, and costs nobody an edit; what is forgotten cannot be looked at or restored any more."""
    retention = Retention(keep_versions, keep_days)
    if retention.keeps_everything:
        raise CannotStart("Say how much to keep: --keep-versions, --keep-days, or both.")
    compacted = asyncio.run(_compact(Settings(data=data, database_url=database_url), retention))
    print(f"forgot {compacted.versions} versions of {compacted.documents} documents")


async def _compact(settings: Settings, retention: Retention) -> Compacted:
    store = await visit_database(settings)
    try:
        return await Compaction(store, retention, Clock().now_ms).run()
    finally:
        await store.close()
