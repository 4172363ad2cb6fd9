"""What befalls nodes: killed, told to stop, paused."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from time import monotonic

from tests.faults.clients import PATIENCE_S, Load
from tests.faults.cluster import running
from tests.faults.figures import percentile
from tests.faults.row import MEMORY_EQUAL, MEMORY_GROWTH_MAX, MIB, Row, Size, Stage

AGAIN_P99_S = 5.0
DRAIN_S = 25.0
WAVE_SHARE = 0.2
PAUSE_S = 10.0
CLOSED_SHARE = 0.01
# How often it is looked who came back: a wave of a second is seen within this.
LOOK_EVERY_S = 0.02


async def kill_a_node(stage: Stage) -> None:
    """Kill −9 of one node after the other in the middle of a burst; everybody edits at that very moment."""
    async with running(stage.folder) as cluster, stage.load(cluster) as load:
        again: list[float] = []
        for number in range(stage.size.rounds):
            node = cluster.nodes[number % len(cluster.nodes)]
            # What is in flight goes twice, once more for each kill, and that is all: between two kills people
            # edit so often that this stays within what may be sent again, however soon they are back.
            await load.acks(3 * len(load.writers))
            editing = asyncio.create_task(load.edit_now())
            await node.kill()
            edits, _ = await asyncio.gather(editing, node.start())
            again += [each.seconds for each in edits if each.came_back]
        stage.figure("nodes killed", stage.size.rounds, stage.size.rounds, at_least=True)
        stage.figure("clients that came back", len(again), 1, at_least=True)
        stage.figure("editing again, p99", percentile(again, 0.99), AGAIN_P99_S, "s")


async def drain_a_node(stage: Stage) -> None:
    """SIGTERM while everybody is there; the other node takes those who move."""
    # The node that stays has twice the sockets afterwards: its memory is compared when they have left it, and
    # with that after as many edits without a drain, because rooms remember what was edited meanwhile.
    way_in = running(stage.folder)
    async with way_in as cluster, stage.load(cluster, is_memory_watched=False) as load:
        node, other = cluster.nodes
        sockets, others = [await each.metric("tutti_connections") for each in cluster.nodes]
        before = other.rss_bytes
        sessions = {writer: writer.tutti.sessions for writer in load.writers}
        async with _watched(load) as came_back_s:
            began_s = monotonic()
            code = await node.stop()
            stage.figure("drained within", monotonic() - began_s, DRAIN_S, "s")
            await load.edit_now()
        stage.figure("sockets moved", len(came_back_s), sockets, at_least=True)
        stage.figure("largest wave of a second", _wave(came_back_s) / sockets, WAVE_SHARE)
        stage.figure("exit code", code, 0)
        await load.stop()
        moved = [writer.tutti for writer in load.writers if writer.tutti.sessions > sessions[writer]]
        for tutti in moved:
            tutti.go_offline()
        async with asyncio.timeout(PATIENCE_S):
            while await other.metric("tutti_connections") > others:  # noqa: ASYNC110  (it tells nobody)
                await asyncio.sleep(LOOK_EVERY_S)
        after, calm = other.rss_bytes, await stage.equal_rss_bytes(cluster, load, running)
        stage.figure(MEMORY_EQUAL, after / calm, MEMORY_GROWTH_MAX)
        stage.note(
            f"memory of the node that stayed, MiB: {before / MIB:.0f} before, {after / MIB:.0f} when those "
            f"who came had left again; {calm / MIB:.0f} after an equal load"
        )
        for tutti in moved:
            tutti.go_online()
        await load.edit_now()


async def pause_a_node(stage: Stage) -> None:
    """SIGSTOP for ten seconds, while people go on."""
    async with running(stage.folder) as cluster, stage.load(cluster) as load:
        sessions = load.sessions
        node = cluster.nodes[0]
        node.pause()
        await asyncio.sleep(PAUSE_S)  # the fault itself
        node.resume()
        await load.edit_now()
        stage.figure("sockets closed", (load.sessions - sessions) / len(load.writers), CLOSED_SHARE)


@asynccontextmanager
async def _watched(load: Load) -> AsyncIterator[list[float]]:
    """When somebody connected anew, in seconds; grows inside the block."""
    came_back_s: list[float] = []

    async def look() -> None:
        before = load.sessions
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            now = load.sessions
            came_back_s.extend([monotonic()] * (now - before))
            before = now

    looking = asyncio.create_task(look())
    try:
        yield came_back_s
        await asyncio.sleep(2 * LOOK_EVERY_S)  # the last look
    finally:
        looking.cancel()


def _wave(times_s: Sequence[float]) -> int:
    """The most that fall into any one second. The times are in order."""
    first, most = 0, 0
    for last, at_s in enumerate(times_s):
        while times_s[first] <= at_s - 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most


ROWS = (
    Row(
        "node-killed",
        "kill −9 of a node mid-burst (2 nodes, 200 clients, 20 documents, 100 op/s)",
        "0 lost; editing again p99 ≤ 5 s",
        kill_a_node,
        Size(clients=200, documents=20, ops_s=100, rounds=4),
        Size(clients=12, documents=3, ops_s=30, rounds=2),
    ),
    Row(
        "node-killed-100-times",
        "kill −9 of a node mid-burst, 100 times",
        "nothing lost, nothing doubled",
        kill_a_node,
        Size(clients=24, documents=24, ops_s=40, rounds=100),
    ),
    Row(
        "node-drained",
        "SIGTERM drain, 1,000 sockets",
        "≤ 25 s; no second of reconnects above 20 %",
        drain_a_node,
        Size(clients=2000, documents=100, ops_s=50),
    ),
    Row(
        "node-paused",
        "SIGSTOP 10 s",
        "≤ 1 % sockets closed",
        pause_a_node,
        Size(clients=200, documents=20, ops_s=50),
    ),
)
