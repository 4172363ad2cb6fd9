"""A read that is given up takes no connection along: whoever asks next is answered."""

import asyncio

import pytest

from collab.breakers import Breaker, BreakerTimes
from collab.metrics import Metrics
from storage.rows import Loaded
from storage.store import Unavailable
from tests.contracts.backends import FullStore

DOCUMENT = "D" * 22
# More than any pool has connections.
TIMES = 30


@pytest.fixture
async def document(store: FullStore) -> str:
    await store.create_document(DOCUMENT, "playlist", "E" * 22, "A" * 22, b"state", 1)
    return DOCUMENT


async def test_loads_that_take_too_long(store: FullStore, document: str) -> None:
    """Given up at whatever they await first, in pairs, so that some are given up in the middle."""
    for number in range(TIMES):
        impatient = Breaker("loads", Metrics(), lambda: 1, times=BreakerTimes(answer_s=number / 10_000))
        asked = [impatient.ask(lambda: store.load(document)) for _ in range(2)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        # The memory's answers come before anybody can give up.
        assert {type(answer) for answer in answers} <= {Loaded, Unavailable}, answers
    patient = Breaker("loads", Metrics(), lambda: 1)
    loads = await asyncio.gather(*(patient.ask(lambda: store.load(document)) for _ in range(TIMES)))
    assert {load.snapshot.body for load in loads if load is not None} == {b"state"}


async def test_loads_that_are_cancelled(store: FullStore, document: str) -> None:
    for turns in range(TIMES):
        load = asyncio.create_task(store.load(document))
        for _ in range(turns):
            await asyncio.sleep(0)
        load.cancel()
        await asyncio.gather(load, return_exceptions=True)
    loads = await asyncio.gather(*(store.load(document) for _ in range(TIMES)))
    assert {load.snapshot.body for load in loads if load is not None} == {b"state"}
