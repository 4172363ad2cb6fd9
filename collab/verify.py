"""Looks through a database for whatever contradicts the promises (P19).

Reads every document's rows in pages and hands them to its `DocumentCheck`; then what only the whole database
shows: rows without a document, client ids with two users. Needs no server and disturbs none: it only reads,
and what a server writes meanwhile is not mistaken for damage. Knows the order of reading. Does not know what
a document's rows must say, nor who else looks through a part of the same database (`collab.verify_jobs`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from collab.kinds import Kinds
from collab.verify_document import FINDINGS_KEPT, DocumentCheck
from storage.administered import Administered
from storage.rows import Head

# An op may have 4 MiB, and a page is held in memory.
OPS_PAGE: Final = 64
ROWS_PAGE: Final = 1000
# A document whose horizon moves while it is read is read again, this often.
READINGS_MAX: Final = 3


@dataclass(frozen=True, slots=True)
class Verified:
    """How much was looked through, and how much was found."""

    documents: int
    findings: int


class Verification:
    """One look through `store`. `report` gets a line for each of the `findings`, as it is found."""

    def __init__(self, store: Administered, kinds: Kinds, report: Callable[[str], None]) -> None:
        self._store = store
        self._kinds = kinds
        self._report = report
        self.findings = 0

    async def run(self) -> Verified:
        """Everything. Raises StoreError when the database cannot be read."""
        documents = 0
        after = ""
        while heads := await self._store.all_documents(after):
            documents += await self.look_into([head.document for head in heads])
            after = heads[-1].document
        await self.look_between()
        return Verified(documents, self.findings)

    async def look_into(self, documents: Sequence[str]) -> int:
        """Verifies these, one after the other; how many of them there are. Raises as `run`."""
        return sum([await self._verify(document) for document in documents])

    async def look_between(self) -> None:
        """Verifies what no document shows by itself. Raises as `run`."""
        await self._find_orphans()
        await self._find_shared_clients()

    # -- one document --------------------------------------------------------------------------------------

    async def _verify(self, document: str) -> bool:
        """False if it was deleted meanwhile."""
        for _ in range(READINGS_MAX):
            head = await self._head(document)
            if head is None:
                return False
            check = DocumentCheck(self._kinds.get(head.kind), head)
            await self._read_history(check, head)
            await self._read_settled(check, document)
            last_op_version = await self._store.last_op_version(document)
            members = (await self._store.listed_members([document]))[document]
            head_now = await self._head(document)
            if head_now is None:
                return False
            check.finish(head_now, last_op_version, members)
            if not check.count or (head_now.epoch, head_now.horizon) == (head.epoch, head.horizon):
                break
        self._tell(document, check)
        return True

    def _tell(self, document: str, check: DocumentCheck) -> None:
        for finding in check.findings:
            self._report(f"{document}: {finding}")
        if check.count > FINDINGS_KEPT:
            self._report(f"{document}: and {check.count - FINDINGS_KEPT} more")
        self.findings += check.count

    async def _head(self, document: str) -> Head | None:
        return (await self._store.heads([document])).get(document)

    async def _read_history(self, check: DocumentCheck, head: Head) -> None:
        snapshots = await self._store.snapshots(head.document, head.horizon - 1, 1)
        check.history_begins(snapshots[0] if snapshots else None)
        after = head.horizon
        while after < head.version:
            snapshots = await self._store.snapshots(head.document, after, 1)
            stop = min([head.version, *(snapshot.version for snapshot in snapshots)])
            while after < stop:
                page_end = min(after + OPS_PAGE, stop)
                for row in await self._store.ops(head.document, after, page_end):
                    check.op(row)
                after = page_end
            if snapshots:
                check.snapshot(snapshots[0])
        check.history_ends()
        for snapshot in await self._store.snapshots(head.document, head.version, 1):
            check.snapshot(snapshot)

    async def _read_settled(self, check: DocumentCheck, document: str) -> None:
        after = ""
        while rows := await self._store.all_settled(document, after, ROWS_PAGE):
            for row in rows:
                check.settled(row)
            after = rows[-1].client_id

    # -- the whole database --------------------------------------------------------------------------------

    async def _find_orphans(self) -> None:
        after: str | None = ""
        while after is not None and (document := await self._store.next_document_with_rows(after)):
            # Deleted just now, its rows go with its head: looked at again, they are gone too.
            if await self._head(document) is None and (
                await self._store.next_document_with_rows(after) == document
            ):
                self._find(f"{document}: there are ops or settled rows, but no head")
            after = document

    async def _find_shared_clients(self) -> None:
        after = ""
        while clients := await self._store.client_users(after, ROWS_PAGE):
            for client, first, last in clients:
                if first != last:
                    self._find(f"client {client}: it belongs to user {first} and to user {last}")
            after = clients[-1][0]

    def _find(self, line: str) -> None:
        self.findings += 1
        self._report(line)
