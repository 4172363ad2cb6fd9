import asyncio
import threading

import pytest

from storage.store import Unavailable
from storage.writer import Writer


async def test_work_runs_in_the_order_of_calls_on_one_thread() -> None:
    writer = Writer()
    seen: list[tuple[int, int]] = []

    def work(n: int) -> None:
        seen.append((n, threading.get_ident()))

    await asyncio.gather(*(writer.run(work, n) for n in range(20)))
    assert [n for n, _ in seen] == list(range(20))
    assert len({thread for _, thread in seen}) == 1
    assert seen[0][1] != threading.get_ident()
    writer.close()


async def test_results_and_errors_come_back() -> None:
    writer = Writer()
    assert await writer.run(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        await writer.run(divmod, 7, 0)
    writer.close()


async def test_too_much_waiting_is_refused_at_once() -> None:
    writer = Writer(waiting_max=2)
    disk = threading.Event()
    waiting = [asyncio.create_task(writer.run(disk.wait)) for _ in range(2)]
    await asyncio.sleep(0)  # lets both tasks take their places
    with pytest.raises(Unavailable):
        await writer.run(disk.wait)
    disk.set()
    assert await asyncio.gather(*waiting) == [True, True]
    assert await writer.run(disk.wait) is True
    writer.close()


async def test_begun_work_ends_though_its_caller_is_cancelled() -> None:
    writer = Writer()
    begun, go_on, done = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        go_on.wait()
        done.set()

    caller = asyncio.create_task(writer.run(work))
    await asyncio.to_thread(begun.wait)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    go_on.set()
    await writer.run(lambda: None)
    assert done.is_set()
    writer.close()
