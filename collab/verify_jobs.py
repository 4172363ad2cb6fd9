"""Looks through a database with several processes.

What verification costs is reading histories and playing them again, and documents share nothing: they are
dealt out in shares, each to the next process that is free, and what only the whole database shows is looked
at in the end by the one that deals. A share is a list of ids, and few are under way, so that memory does not
grow with the database. Knows processes and shares. Does not know what is verified.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Final

from collab.config import Settings
from collab.database import visit_database
from collab.errors import CannotStart
from collab.kinds import all_kinds
from collab.progress import Begin
from collab.verify import Verification, Verified
from storage.administered import Administered

# A share opens the database anew: many documents make that cheap, but with too many the last process works
# alone for long, and progress is seldom heard of.
SHARE_MAX: Final = 500
_SHARES_EACH: Final = 8
# Without processes a share is only how often progress is told.
_SHARE_HERE: Final = 10
# So that no process waits for the one that deals.
_UNDER_WAY_EACH: Final = 2


@dataclass(frozen=True, slots=True)
class _Share:
    """What became of a share: how many documents it had, how many were still there, and what was found."""

    dealt: int
    verified: Verified
    lines: list[str]


async def verify(settings: Settings, jobs: int, report: Callable[[str], None], begin: Begin) -> Verified:
    """Verifies the database with so many processes. `report` gets a line for each finding. Raises StoreError
    when the database cannot be read, CannotStart when a process died."""
    store = await visit_database(settings)
    try:
        total = await store.document_count()
        advance = begin(total)
        look = Verification(store, all_kinds(), report)
        documents = findings = 0
        if jobs == 1:
            async for share in _shares(store, _SHARE_HERE):
                documents += await look.look_into(share)
                advance(len(share))
        else:
            size = max(1, min(SHARE_MAX, total // (jobs * _SHARES_EACH)))
            async for done in _verified(settings, jobs, _shares(store, size)):
                documents += done.verified.documents
                findings += done.verified.findings
                for line in done.lines:
                    report(line)
                advance(done.dealt)
        await look.look_between()
        return Verified(documents, findings + look.findings)
    finally:
        await store.close()


async def _shares(store: Administered, size: int) -> AsyncIterator[list[str]]:
    after = ""
    while heads := await store.all_documents(after, size):
        yield [head.document for head in heads]
        after = heads[-1].document


async def _verified(settings: Settings, jobs: int, shares: AsyncIterator[list[str]]) -> AsyncIterator[_Share]:
    """What became of the shares, in the order in which they are done."""
    loop = asyncio.get_running_loop()
    processes = ProcessPoolExecutor(jobs, get_context("spawn"), _leave_interrupts_to_the_parent)
    under_way: set[asyncio.Future[_Share]] = set()
    try:
        async for share in shares:
            under_way.add(loop.run_in_executor(processes, _verify_share, settings, share))
            if len(under_way) < jobs * _UNDER_WAY_EACH:
                continue
            done, _ = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            for future in done:
                under_way.discard(future)
                yield await future
        for ended in asyncio.as_completed(under_way):
            yield await ended
    except BrokenProcessPool:
        raise CannotStart(
            "A process that verified was ended from outside, perhaps for want of memory; try fewer --jobs."
        ) from None
    finally:
        # Those that run end first, or what they would still say has nobody to say it to.
        processes.shutdown(cancel_futures=True)
        await asyncio.gather(*under_way, return_exceptions=True)


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _verify_share(settings: Settings, documents: list[str]) -> _Share:
    """Runs in a process of its own. Raises StoreError."""

    async def look() -> _Share:
        lines: list[str] = []
        store = await visit_database(settings)
        try:
            verification = Verification(store, all_kinds(), lines.append)
            there = await verification.look_into(documents)
        finally:
            await store.close()
        return _Share(len(documents), Verified(there, verification.findings), lines)

    return asyncio.run(look())
