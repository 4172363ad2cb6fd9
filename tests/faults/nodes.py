"""What befalls nodes: killed, told to stop, paused."""

import asyncio

from tests.faults.cluster import running
from tests.faults.figures import percentile
from tests.faults.row import Row, Size, Stage

AGAIN_P99_S = 5.0


async def kill_a_node(stage: Stage) -> None:
    """Kill −9 of one node after the other in the middle of a burst; everybody edits at that very moment."""
    async with running(stage.folder) as cluster, stage.load(cluster) as load:
        again: list[float] = []
        for number in range(stage.size.rounds):
            node = cluster.nodes[number % len(cluster.nodes)]
            await load.acks(len(load.writers))
            editing = asyncio.create_task(load.edit_now())
            await node.kill()
            edits, _ = await asyncio.gather(editing, node.start())
            again += [each.seconds for each in edits if each.came_back]
        stage.figure("nodes killed", stage.size.rounds, stage.size.rounds, at_least=True)
        stage.figure("clients that came back", len(again), 1, at_least=True)
        stage.figure("editing again, p99", percentile(again, 0.99), AGAIN_P99_S, "s")


ROWS = (
    Row(
        "node-killed",
        "kill −9 of a node mid-burst (2 nodes, 200 clients, 20 documents, 100 op/s)",
        "0 lost; editing again p99 ≤ 5 s",
        kill_a_node,
        Size(clients=200, documents=20, ops_s=100, rounds=2),
        Size(clients=12, documents=3, ops_s=30, rounds=2),
    ),
)
