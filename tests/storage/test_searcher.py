"""The threads that search SQLite."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, literal, select

from storage.searcher import Searcher
from storage.store import StoreError, Unavailable


@pytest.fixture
def searcher(tmp_path: Path) -> Iterator[Searcher]:
    searcher = Searcher(tmp_path / "tutti.db", waiting_max=3)
    yield searcher
    searcher.close()


async def test_a_search_runs_in_another_thread_and_cannot_write(searcher: Searcher) -> None:
    def look(connection: Connection, number: int, *, plus: int) -> tuple[int, int]:
        return connection.scalar(select(literal(number + plus))) or 0, threading.get_ident()

    found, thread = await searcher.run(look, 1, plus=2)
    assert found == 3
    assert thread != threading.get_ident()

    def write(connection: Connection) -> None:
        connection.exec_driver_sql("CREATE TABLE t (x)")

    with pytest.raises(StoreError):
        await searcher.run(write)


async def test_what_waits_is_bounded_and_leaves_again(searcher: Searcher) -> None:
    free = threading.Event()

    def wait(_: Connection) -> bool:
        return free.wait()

    waiting = [asyncio.ensure_future(searcher.run(wait)) for _ in range(3)]
    await asyncio.sleep(0)  # each has asked for its place
    with pytest.raises(Unavailable, match="Too many searches"):
        await searcher.run(wait)
    free.set()
    assert await asyncio.gather(*waiting) == [True] * 3
    assert await searcher.run(wait)
