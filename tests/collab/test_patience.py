"""How rooms read a store that fails. Pauses return at once here; the clock is the test's."""

import asyncio
from typing import cast

import pytest

from collab import patience
from collab.breakers import NotNow
from collab.clock import Clock
from collab.metrics import Metrics
from collab.patience import Patience, Perseverance
from storage.memory import MemoryStore
from storage.store import Unavailable


class StoppedClock:
    def now_ms(self) -> int:
        return 1_800_000_000_000


class Rooms:
    """Those of a node, and a store that fails until it is well."""

    def __init__(self) -> None:
        self.metrics = Metrics()
        self.shared = Perseverance(MemoryStore(), self.metrics, cast(Clock, StoppedClock()))
        self.is_over = False
        self.is_well = False
        self.asked = 0

    async def question(self) -> str:
        self.asked += 1
        if not self.is_well:
            raise Unavailable("away")
        return "news"

    async def read(self) -> str:
        return await self.shared.of("D" * 22, lambda: self.is_over).ask(self.question)

    async def load(self) -> str:
        return await self.shared.of("D" * 22, lambda: self.is_over).load(self.question)

    @property
    def held(self) -> float:
        return self.metrics.registry.get_sample_value("tutti_retries_held_total") or 0.0

    async def until_held(self, times: int) -> None:
        for _ in range(10_000):
            if self.held >= times:
                return
            await asyncio.sleep(0)
        raise AssertionError(self.held)


@pytest.fixture
def rooms(monkeypatch: pytest.MonkeyPatch) -> Rooms:
    async def at_once(self: Patience) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(Patience, "pause", at_once)
    # Nobody waits for this to pass.
    monkeypatch.setattr(patience, "LAST_S", 3600.0)
    return Rooms()


async def test_many_rooms_share_what_may_be_tried_again_and_one_answer_lets_all_go(rooms: Rooms) -> None:
    reading = [asyncio.create_task(rooms.read()) for _ in range(55)]
    await rooms.until_held(55 - 15)
    # Each asked once, then ten and a tenth of those more were tried again.
    assert rooms.asked == 55 + 10 + 5
    rooms.is_well = True
    assert await rooms.read() == "news"
    assert await asyncio.gather(*reading) == ["news"] * 55


async def test_a_read_ends_with_an_error_only_when_it_is_over(rooms: Rooms) -> None:
    rooms.is_over = True
    with pytest.raises(Unavailable, match="away"):
        await rooms.read()


async def test_nobody_waits_for_a_load_that_may_not_be_tried_again(rooms: Rooms) -> None:
    with pytest.raises(NotNow):
        await rooms.load()
    assert rooms.asked == 1 + 10
    with pytest.raises(NotNow):
        await rooms.load()
    assert rooms.asked == 12
    rooms.is_well = True
    assert await rooms.load() == "news"


async def test_an_open_breaker_answers_a_load_at_once_and_spares_the_store(rooms: Rooms) -> None:
    while rooms.asked < 20:
        with pytest.raises(NotNow):
            await rooms.load()
    rooms.is_well = True
    with pytest.raises(NotNow) as caught:
        await rooms.load()
    assert rooms.asked == 20
    assert 4_000 <= caught.value.retry_after_ms <= 6_001
    # What lives is read on: no breaker stands before it.
    assert await rooms.read() == "news"
