import asyncio

import pytest

from collab.breakers import Breaker, BreakerTimes, NotNow
from collab.errors import Refusal
from collab.metrics import Metrics
from storage.store import StoreRefused, Unavailable


class World:
    """A dependency, and a breaker before it that is open for 5 s: the draw is in the middle."""

    def __init__(self, draw: float = 0.5, times: BreakerTimes | None = None) -> None:
        self.now_ms = 1_800_000_000_000
        self.asked = 0
        self.metrics = Metrics()
        self.breaker = Breaker("loads", self.metrics, lambda: self.now_ms, draw, times)

    async def ask(self, error: BaseException | None = None) -> str:
        async def question() -> str:
            self.asked += 1
            if error is not None:
                raise error
            return "here"

        return await self.breaker.ask(question)

    async def fail(self, times: int) -> None:
        for _ in range(times):
            with pytest.raises(Unavailable):
                await self.ask(Unavailable("away"))

    @property
    def state(self) -> str:
        [state] = [
            state
            for state in ("closed", "open", "half_open")
            if self.metrics.registry.get_sample_value(
                "tutti_breaker_state", {"breaker": "loads", "tutti_breaker_state": state}
            )
        ]
        return state


@pytest.fixture
def world() -> World:
    return World()


async def test_half_of_twenty_open_it_and_then_nothing_is_asked(world: World) -> None:
    await world.fail(10)
    for _ in range(9):
        assert await world.ask() == "here"
    assert world.state == "closed"
    await world.ask()
    assert world.state == "open"
    with pytest.raises(NotNow) as caught:
        await world.ask()
    assert caught.value.retry_after_ms == 5001
    assert world.asked == 20
    rejected = world.metrics.registry.get_sample_value("tutti_breaker_rejected_total", {"breaker": "loads"})
    assert rejected == 1


async def test_nineteen_failures_say_nothing_yet(world: World) -> None:
    await world.fail(19)
    assert world.state == "closed"
    await world.fail(1)
    assert world.state == "open"


async def test_what_failed_long_ago_is_forgotten(world: World) -> None:
    await world.fail(15)
    world.now_ms += 10_000
    for _ in range(15):
        await world.ask()
    assert world.state == "closed"


async def test_one_question_decides(world: World) -> None:
    await world.fail(20)
    world.now_ms += 4_999
    with pytest.raises(NotNow):
        await world.ask()
    world.now_ms += 1
    under_way, answer = asyncio.Event(), asyncio.Event()

    async def slow() -> str:
        under_way.set()
        await answer.wait()
        return "here"

    probe = asyncio.create_task(world.breaker.ask(slow))
    await under_way.wait()
    assert world.state == "half_open"
    with pytest.raises(NotNow):
        await world.ask()
    answer.set()
    assert await probe == "here"
    assert world.state == "closed"
    await world.ask()


async def test_a_failed_one_opens_it_again(world: World) -> None:
    await world.fail(20)
    world.now_ms += 5_000
    await world.fail(1)
    assert world.state == "open"
    with pytest.raises(NotNow):
        await world.ask()


async def test_one_that_was_given_up_decides_nothing(world: World) -> None:
    await world.fail(20)
    world.now_ms += 5_000
    under_way = asyncio.Event()

    async def endless() -> None:
        under_way.set()
        await asyncio.Event().wait()

    probe = asyncio.create_task(world.breaker.ask(endless))
    await under_way.wait()
    probe.cancel()
    await asyncio.gather(probe, return_exceptions=True)
    assert await world.ask() == "here"
    assert world.state == "closed"


@pytest.mark.parametrize("error", [Refusal("not_found"), ValueError("a bug")])
async def test_mistakes_of_others_do_not_count(world: World, error: Exception) -> None:
    for _ in range(40):
        with pytest.raises(type(error)):
            await world.ask(error)
    assert world.state == "closed"


async def test_a_damaged_database_counts(world: World) -> None:
    for _ in range(20):
        with pytest.raises(StoreRefused):
            await world.ask(StoreRefused("damaged"))
    assert world.state == "open"


async def test_silence_is_a_failure_and_the_question_is_cancelled() -> None:
    world = World(times=BreakerTimes(answer_s=0.0, questions_min=2))
    cancelled = 0

    async def endless() -> None:
        nonlocal cancelled
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled += 1
            raise

    for _ in range(2):
        with pytest.raises(Unavailable, match="within 0 s"):
            await world.breaker.ask(endless)
    assert cancelled == 2
    assert world.state == "open"


@pytest.mark.parametrize(("draw", "open_ms"), [(0.0, 4_000), (1.0, 6_000)])
async def test_nodes_do_not_come_back_together(draw: float, open_ms: int) -> None:
    world = World(draw)
    await world.fail(20)
    world.now_ms += open_ms - 1
    with pytest.raises(NotNow):
        await world.ask()
    world.now_ms += 1
    await world.ask()


async def test_more_than_it_asks_at_once_wait_and_their_wait_is_no_silence() -> None:
    world = World(times=BreakerTimes(answer_s=0.05, at_once=2))
    asked, both_asked, answers = 0, asyncio.Event(), asyncio.Event()

    async def question() -> str:
        nonlocal asked
        asked += 1
        if asked == 2:
            both_asked.set()
        if asked <= 2:
            await answers.wait()
        return "here"

    first = [asyncio.create_task(world.breaker.ask(question)) for _ in range(2)]
    later = [asyncio.create_task(world.breaker.ask(question)) for _ in range(40)]
    await both_asked.wait()
    assert not any(task.done() for task in later)
    # These two are never answered in time; the others, which waited for them, are.
    for task in first:
        with pytest.raises(Unavailable):
            await task
    assert await asyncio.gather(*later) == ["here"] * 40
    assert world.state == "closed"
