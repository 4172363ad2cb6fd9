"""A node's clock that follows a database's, in a time of its own: pauses pass at once."""

import asyncio
from random import Random

import pytest

from collab.clock import Clock
from collab.cluster_clock import ClusterClock
from collab.metrics import Metrics
from storage.store import Unavailable

S = 1_000_000_000
START_S = 1_700_000_000


class Over(Exception):
    """The time of a test is over."""


class World:
    """A node and a database. The node's wall clock is wrong by `skew_s`, its crystal by `ppm`; questions take
    half a millisecond and then some."""

    def __init__(self, skew_s: float, ppm: float = 0.0, seed: int = 1) -> None:
        self.now_ns = 0
        self.database_off_us = 0
        self.is_away = False
        self.ppm = ppm
        self.random = Random(seed)
        self.until_ns = 0
        self.worst_us = 0
        self.clock = Clock(lambda: round((START_S + skew_s) * S) + self.now_ns, self.monotonic_ns)
        self.metrics = Metrics()
        self.cluster = ClusterClock(self.ask, self.clock, self.metrics, self.pause)

    def monotonic_ns(self) -> int:
        return 5 * S + round(self.now_ns * (1 + self.ppm / 1e6))

    @property
    def database_us(self) -> int:
        return START_S * 1_000_000 + self.now_ns // 1000 + self.database_off_us

    @property
    def off_us(self) -> int:
        return self.clock.now_us() - self.database_us

    async def ask(self) -> int | None:
        self._travel()
        if self.is_away:
            raise Unavailable("The database is away.")
        shown = self.database_us
        self._travel()
        return shown

    def _travel(self) -> None:
        self.now_ns += 250_000 + round(self.random.expovariate(1 / 200_000))

    async def pause(self, seconds: float) -> None:
        self.now_ns += round(seconds * S)
        self.worst_us = max(self.worst_us, abs(self.off_us))
        if self.now_ns >= self.until_ns > 0:
            raise Over
        await asyncio.sleep(0)

    async def passes(self, seconds: float) -> None:
        """Returns after that time; `worst_us` is how far off the clock was at worst meanwhile."""
        self.until_ns = self.now_ns + round(seconds * S)
        self.worst_us = 0
        with pytest.raises(Over):
            await self.cluster.keep_running()

    def metric(self, name: str) -> float:
        value = self.metrics.registry.get_sample_value(name)
        assert value is not None
        return value


@pytest.mark.parametrize("skew_s", [300.0, -300.0, 0.0])
async def test_it_is_set_before_anybody_is_told_the_time(skew_s: float) -> None:
    world = World(skew_s)
    await world.cluster.begin()
    assert abs(world.off_us) < 500
    assert world.metric("tutti_clock_machine_offset_seconds") == pytest.approx(-skew_s, abs=0.001)
    assert 0 < world.metric("tutti_clock_error_seconds") < 0.002


async def test_a_crystal_that_is_wrong_is_kept_right() -> None:
    world = World(300.0, ppm=80.0)
    await world.cluster.begin()
    await world.passes(60)
    await world.passes(600)
    assert world.worst_us < 1_000


async def test_a_database_s_clock_that_steps_is_followed_slowly() -> None:
    world = World(0.0)
    await world.cluster.begin()
    await world.passes(60)
    world.database_off_us = 40_000
    await world.passes(30)
    assert -40_000 < world.off_us < -20_000
    await world.passes(120)
    assert abs(world.off_us) < 500


async def test_while_the_database_is_away_the_clock_goes_on_at_its_rate() -> None:
    world = World(0.0, ppm=50.0)
    await world.cluster.begin()
    await world.passes(300)
    world.is_away = True
    await world.passes(600)
    assert world.worst_us < 2_000, "uncorrected it would be 30 ms"
    world.is_away = False
    await world.passes(60)
    assert abs(world.off_us) < 500


async def test_a_node_does_not_begin_without_its_database() -> None:
    world = World(0.0)
    world.is_away = True
    with pytest.raises(Unavailable):
        await world.cluster.begin()


async def test_a_database_without_a_clock_is_not_followed() -> None:
    async def nothing() -> int | None:
        return None

    world = World(300.0)
    cluster = ClusterClock(nothing, world.clock, world.metrics, world.pause)
    await cluster.begin()
    await cluster.keep_running()
    assert world.off_us == 300_000_000
    never_begun = ClusterClock(nothing, world.clock, world.metrics, world.pause)
    await never_begun.keep_running()
    assert world.clock.correction_left_us == 0
