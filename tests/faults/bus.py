"""What befalls Redis, and what it costs: time at most.

People on two nodes edit the same documents; how late each sees what the others did is the figure. Knows what
breaks the bus. Does not know how nodes do without it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

from tests.faults.clients import PATIENCE_S, Load
from tests.faults.cluster import Cluster, Node, running
from tests.faults.figures import percentile
from tests.faults.resp import RedisProxy
from tests.faults.row import Row, Size, Stage
from tests.servers import Program
from tests.valve import Valve

LAG_S = 2.0
NOTICED_S = 3.0
SPOILED_SHARE = 0.1
LOOK_EVERY_S = 0.02


def redis_of(cluster: Cluster) -> Program:
    assert cluster.redis is not None, "these rows have one"
    return cluster.redis


async def connected(node: Node, wanted: float) -> None:
    """Returns when the node says that it hears others (1), or does not (0)."""
    async with asyncio.timeout(PATIENCE_S):
        while await node.metric("tutti_bus_connected") != wanted:  # noqa: ASYNC110  (it tells nobody)
            await asyncio.sleep(LOOK_EVERY_S)


async def all_connected(cluster: Cluster) -> None:
    for node in cluster.nodes:
        await connected(node, 1)


def lag_figures(stage: Stage, load: Load, when: str, from_s: float, until_s: float) -> None:
    lags = load.lags_s(from_s, until_s)
    stage.figure(f"changes seen by others {when}", len(lags), 1, at_least=True)
    stage.figure(f"lag {when}, p99", percentile(lags, 0.99), LAG_S, "s")
    stage.note(f"lag {when}: median {percentile(lags, 0.5):.4f} s, largest {max(lags, default=0.0):.3f} s")


async def kill_redis(stage: Stage) -> None:
    """Killed, and started again after a while; nobody is told."""
    async with running(stage.folder) as cluster, stage.load(cluster) as load:
        await all_connected(cluster)
        sessions = load.sessions
        async with heard(stage, load, "with Redis"):
            await load.acks(2 * len(load.writers))
        async with heard(stage, load, "without Redis"):
            await asyncio.to_thread(redis_of(cluster).kill)
            await asyncio.sleep(stage.size.seconds)  # the fault itself
            for node in cluster.nodes:
                stage.figure("nodes not ready without Redis", not await node.is_ready(), 0)
        await asyncio.to_thread(redis_of(cluster).start)
        await all_connected(cluster)
        async with heard(stage, load, "with Redis again"):
            await load.acks(2 * len(load.writers))
        stage.figure("sockets closed", load.sessions - sessions, 0)


@asynccontextmanager
async def heard(stage: Stage, load: Load, when: str) -> AsyncIterator[None]:
    """Figures of the lag of what is acknowledged inside the block."""
    from_s = monotonic()
    yield
    until_s = monotonic()
    # The last of it is heard, or the common conditions will say so.
    await load.edit_now()
    await asyncio.sleep(LAG_S)  # what is later than this is late
    lag_figures(stage, load, when, from_s, until_s)


async def halve_open(stage: Stage) -> None:
    """One node's connections to Redis stay, and nothing passes."""
    async with running(stage.folder, redis_way=Valve) as cluster, stage.load(cluster) as load:
        for number in range(stage.size.rounds):
            await all_connected(cluster)
            place = number % len(cluster.nodes)
            valve = cluster.redis_ways[place]
            assert isinstance(valve, Valve)
            async with heard(stage, load, "half open"):
                stalled_s = monotonic()
                valve.stall()
                await connected(cluster.nodes[place], 0)
                stage.figure("noticed after", monotonic() - stalled_s, NOTICED_S, "s")
            valve.mend()
        await all_connected(cluster)


async def spoil_messages(stage: Stage) -> None:
    """A tenth of all messages is lost, a tenth comes twice, a tenth comes late."""

    def way(url: str) -> RedisProxy:
        return RedisProxy(url, stage.random, SPOILED_SHARE)

    async with running(stage.folder, redis_way=way) as cluster, stage.load(cluster) as load:
        await all_connected(cluster)
        sessions = load.sessions
        async with heard(stage, load, "spoiled"):
            await asyncio.sleep(stage.size.seconds)  # the fault itself
        spoiled = [way.spoiled for way in cluster.redis_ways if isinstance(way, RedisProxy)]
        stage.figure("messages spoiled", sum(spoiled), 1, at_least=True)
        stage.figure("sockets closed", load.sessions - sessions, 0)
        stage.figure("clients that had to resync", sum(len(writer.resyncs) for writer in load.writers), 0)


async def drop_subscription(stage: Stage) -> None:
    """One node hears no documents any more, and then nothing at all, while its connections look well."""

    def way(url: str) -> RedisProxy:
        return RedisProxy(url, stage.random)

    async with running(stage.folder, redis_way=way) as cluster, stage.load(cluster) as load:
        await all_connected(cluster)
        proxy = cluster.redis_ways[0]
        assert isinstance(proxy, RedisProxy)
        async with heard(stage, load, "with documents' subscriptions dropped"):
            proxy.deafen(to_all=False)
            await asyncio.sleep(stage.size.seconds)  # the fault itself
        async with heard(stage, load, "with all subscriptions dropped"):
            dropped_s = monotonic()
            proxy.deafen(to_all=True)
            await connected(cluster.nodes[0], 0)
            stage.figure("noticed after", monotonic() - dropped_s, NOTICED_S, "s")
        await all_connected(cluster)
        stage.figure("messages dropped", proxy.spoiled, 1, at_least=True)


async def do_without(stage: Stage) -> None:
    """Two nodes that never hear each other, and one document that everybody edits."""
    async with running(stage.folder, redis=False) as cluster, stage.load(cluster) as load:
        async with heard(stage, load, "without Redis"):
            await asyncio.sleep(stage.size.seconds)  # long enough to see it often
        for node in cluster.nodes:
            sockets = await node.metric("tutti_connections")
            stage.figure("clients of each node", sockets, 1, at_least=True)


_PEOPLE = Size(clients=40, documents=8, ops_s=40, seconds=20)
_FEW = Size(clients=8, documents=2, ops_s=20, seconds=3)

ROWS = (
    Row(
        "redis-killed",
        "Redis killed for 60 s",
        "lag ≤ 2 s",
        kill_redis,
        Size(clients=40, documents=8, ops_s=40, seconds=60),
        _FEW,
    ),
    Row(
        "redis-half-open",
        "Redis half open",
        "noticed ≤ 3 s",
        halve_open,
        Size(clients=40, documents=8, ops_s=40, rounds=6),
    ),
    Row(
        "redis-spoiled",
        "Redis loses, repeats and reorders 10 % each",
        "invisible",
        spoil_messages,
        _PEOPLE,
    ),
    Row("redis-subscription-dropped", "Redis drops our subscription", "≤ 3 s", drop_subscription, _PEOPLE),
    Row(
        "no-redis",
        "two nodes, no Redis, one document",
        "one history, ≤ 2 s",
        do_without,
        Size(clients=20, documents=1, ops_s=20, seconds=30),
    ),
)
