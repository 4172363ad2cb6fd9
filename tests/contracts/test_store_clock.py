"""What a store says about the time: a database of many nodes has one clock for all of them."""

import time

from tests.contracts.backends import Backend, FullStore


async def test_many_nodes_read_one_clock(postgres_backend: Backend) -> None:
    here, there = await postgres_backend.open(), await postgres_backend.open()
    shown = [await store.clock_us() for store in (here, there, here, there)]
    times = [us for us in shown if us is not None]
    assert len(times) == 4
    assert times == sorted(times)
    assert abs(times[-1] / 1e6 - time.time()) < 600, "microseconds since 1970"


async def test_a_store_of_one_process_has_none(memory_backend: Backend, sqlite_backend: Backend) -> None:
    stores: list[FullStore] = [await memory_backend.open(), await sqlite_backend.open()]
    assert [await store.clock_us() for store in stores] == [None, None]
