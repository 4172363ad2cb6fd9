"""Nodes whose machines' clocks are minutes apart, on one PostgreSQL: people on both hear the same beat."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from collab.bus_memory import MemoryBus, MemoryExchange
from collab.clock import Clock
from collab.cluster_clock import ClusterClock
from collab.config import Settings
from collab.metrics import Metrics
from collab.protocol import SocketProtocol
from collab.server import build_server
from storage.postgres import open_postgres
from tests.collab.serving import HUNG_S, serving
from tutti_client import Jam, connect, guest

SECRET = b"a secret that only these tests know and believe"
APART_MS = 20


@dataclass
class Node:
    clock: Clock
    url: str


@asynccontextmanager
async def node(folder: Path, url: str, exchange: MemoryExchange, skew_s: int) -> AsyncIterator[Node]:
    clock, metrics = Clock(lambda: time.time_ns() + skew_s * 1_000_000_000), Metrics()
    store = await open_postgres(url)
    try:
        cluster_clock = ClusterClock(store.clock_us, clock, metrics)
        await cluster_clock.begin()
        bus, settings = MemoryBus(exchange), Settings(data=folder)
        async with build_server(settings, store, store, bus, SECRET, clock, metrics, cluster_clock) as server:
            server.readiness.started()
            async with serving(server.app, ws=SocketProtocol) as served:
                yield Node(clock, f"http://127.0.0.1:{served.port}")
    finally:
        await store.close()


@pytest.fixture
async def nodes(tmp_path: Path, postgres_url: str) -> AsyncIterator[list[Node]]:
    exchange = MemoryExchange()
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(node(tmp_path, postgres_url, exchange, skew_s))
            for skew_s in (-300, 300)
        ]


async def until_playing_from(jam: Jam, position_ms: int) -> None:
    changes = jam.changes()
    while jam.now_playing is None or jam.position() < position_ms:
        await anext(changes)


async def test_people_on_two_nodes_hear_the_same_beat(nodes: list[Node]) -> None:
    here, there = nodes
    assert abs(here.clock.now_us() - there.clock.now_us()) < APART_MS * 1000
    assert abs(here.clock.now_us() / 1e6 - time.time()) < 60, "and not by taking each other's time"
    async with (
        asyncio.timeout(2 * HUNG_S),
        connect(here.url, token=await guest(here.url, "Ada")) as one,
        connect(there.url, token=await guest(there.url, "Ben")) as two,
    ):
        hers = await one.start_jam("Friday")
        his = await two.join_jam((await hers.code()).code)
        await hers.add({"track": "demo:one", "title": "One", "duration_ms": 180_000})
        await hers.play()
        await hers.seek(60_000)
        for jam in (hers, his):
            await until_playing_from(jam, 59_000)
        assert abs(hers.position() - his.position()) < APART_MS
        # What happens on the one is not from the other's future or past.
        await his.add({"track": "demo:two", "title": "Two", "duration_ms": 180_000})
        assert abs(here.clock.now_ms() - his.state.at) < 5_000
        assert his.now_playing is not None
        assert not his.now_playing.is_paused
