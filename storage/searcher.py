"""Threads that search SQLite.

A search is several statements, and through aiosqlite each of them is several hops to a thread and back: on a
busy machine they take longer than the search. Here all of one run in one hop, on a connection that cannot
write. Knows how work gets there and back, and how much may wait. Does not know what the work is.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Concatenate, Final, ParamSpec, TypeVar

from sqlalchemy import Connection, exc

from storage.engine import SQLITE_SEARCHERS, sqlite_searcher, store_error
from storage.store import Unavailable

P = ParamSpec("P")
T = TypeVar("T")

# People who type ask a few times a second each; more than this is a pile-up, and they should hear of it.
WAITING_MAX: Final = 500


class Searcher:
    """Runs reading statements, so many at a time as there are threads."""

    def __init__(self, database: Path, waiting_max: int = WAITING_MAX) -> None:
        self._engine = sqlite_searcher(database)
        self._places = threading.BoundedSemaphore(waiting_max)
        self._threads = ThreadPoolExecutor(SQLITE_SEARCHERS, thread_name_prefix="tutti-searcher")

    async def run(
        self, statements: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """What `statements` return, in one consistent view. Raises Unavailable, also when too much waits."""
        if not self._places.acquire(blocking=False):
            raise Unavailable("Too many searches wait for the database.")
        future = self._threads.submit(self._look, statements, *args, **kwargs)
        future.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(future)

    def _look(
        self, statements: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        try:
            with self._engine.begin() as connection:
                return statements(connection, *args, **kwargs)
        except exc.SQLAlchemyError as error:
            raise store_error(error, sent=False) from error

    def close(self) -> None:
        """Ends the threads after what was submitted is done."""
        self._threads.shutdown()
        self._engine.dispose()
