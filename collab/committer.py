"""Group commit.

One transaction is under way at a time. Whatever arrives for whatever documents while it runs goes into the
next one together, so under load the price of a durable write is shared by all who wait for it, and a lone
writer waits for nothing but its own.
"""

import asyncio
from collections import deque

from collab.metrics import Metrics
from storage.rows import Commit
from storage.store import Store

# Documents in one transaction: enough to amortise it, short enough to stay under a few milliseconds.
GROUP_MAX = 256


class Committer:
    """Commits for many rooms. Each room has at most one commit here, so a group never holds two of one."""

    def __init__(self, store: Store, metrics: Metrics) -> None:
        self._store = store
        self._metrics = metrics
        self._waiting: deque[tuple[Commit, asyncio.Future[bool]]] = deque()
        self._running: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Documents whose commit has not begun."""
        return len(self._waiting)

    async def commit(self, commit: Commit) -> bool:
        """True: durable. False: someone was faster. Raises OutcomeUnknown or Unavailable."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((commit, future))
        if self._running is None:
            self._running = asyncio.create_task(self._run(), name="committer")
        return await future

    async def _run(self) -> None:
        try:
            while self._waiting:
                group = [self._waiting.popleft() for _ in range(min(GROUP_MAX, len(self._waiting)))]
                await self._commit_group(group)
        finally:
            self._running = None

    async def _commit_group(self, group: list[tuple[Commit, asyncio.Future[bool]]]) -> None:
        self._metrics.commit_documents.observe(len(group))
        try:
            with self._metrics.commit_seconds.time():
                answers = await self._store.commit([commit for commit, _ in group])
        except Exception as error:
            # Also what is no StoreError: a room that is not answered would wait for ever.
            for _, future in group:
                if not future.cancelled():
                    future.set_exception(error)
            return
        for (_, future), won in zip(group, answers, strict=True):
            if not future.cancelled():
                future.set_result(won)
