"""Declares that a database was put back to what it was.

Clients have seen what came after the backup: versions that are gone, and that will be given again to other
ops. So every document gets a new epoch, which tells them that its history is not the one that they know, and
every key to it ends, because somebody may have been thrown out in what is lost. May be repeated, and must be
when it broke off. Knows documents and epochs. Does not know how the database came back.
"""

from collections.abc import Callable
from dataclasses import dataclass

from storage.store import Restorable


@dataclass(frozen=True, slots=True)
class Restored:
    """How many documents began anew, and how many join codes and invite links ended."""

    documents: int = 0
    codes: int = 0
    invites: int = 0


class Restoration:
    """`new_id` draws an epoch."""

    def __init__(self, store: Restorable, new_id: Callable[[], str]) -> None:
        self._store = store
        self._new_id = new_id

    async def run(self) -> Restored:
        """Raises StoreError; then some documents may have begun anew, and it is to be run again."""
        restored = Restored()
        after = ""
        while heads := await self._store.all_documents(after):
            ended = await self._store.begin_anew([(head.document, self._new_id()) for head in heads])
            restored = Restored(
                restored.documents + len(heads),
                restored.codes + ended.codes,
                restored.invites + ended.invites,
            )
            after = heads[-1].document
        return restored
