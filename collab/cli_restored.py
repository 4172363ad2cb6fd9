"""`tutti restored`: to be run once after a backup was put back."""

import asyncio
from pathlib import Path

from collab.ambient import real_ambient
from collab.cli_options import Data, DatabaseUrl
from collab.clock import Clock
from collab.config import Settings
from collab.database import restoring_database
from collab.restoration import Restoration, Restored


def restored(data: Data = Path("data"), database_url: DatabaseUrl = None) -> None:
    """Declare that a backup was put back. To be run before a server works on the database; may be repeated.

    Every document gets a new epoch: clients that saw what came after the backup begin again from what there
    is, and send what they had not saved. All join codes and invite links end.
    """
    done = asyncio.run(_restored(Settings(data=data, database_url=database_url)))
    print(
        f"restored {done.documents} documents, ended {done.codes} join codes and {done.invites} invite links"
    )
    print("Tokens that were revoked after the backup are good again: look at `tutti token --list`.")


async def _restored(settings: Settings) -> Restored:
    async with restoring_database(settings) as store:
        return await Restoration(store, real_ambient(Clock()).new_id).run()
