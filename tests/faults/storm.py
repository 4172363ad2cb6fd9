"""Thousands come back at once, because their node died.

They are listeners in a process of their own; people who edit on the other node feel them arrive. Knows
crowds. Does not know how a node decides whom to let in.
"""

import asyncio
from time import monotonic

from tests.faults.clients import Load
from tests.faults.cluster import running
from tests.faults.crowd import crowd
from tests.faults.figures import percentile
from tests.faults.names import named_loop
from tests.faults.row import Row, Size, Stage

BACK_S = 30.0
OTHERS_P99_TIMES = 2.0
ROOMS_OF = 20
FEW = 5


def ack_times_s(load: Load, from_s: float, until_s: float = float("inf")) -> list[float]:
    """Of what was sent in a time, from its leaving to its ack."""
    return [
        each.answered_s - each.sent_s
        for each in load.history
        if each.answered_s is not None and from_s <= each.sent_s <= until_s
    ]


async def return_at_once(stage: Stage) -> None:
    """The node that everybody listens on is killed; the others edit on the node that they all come to."""
    people, listeners = stage.size.clients, stage.size.listeners
    async with running(stage.folder) as cluster, crowd() as listening:
        lost, kept = cluster.nodes
        named_loop().addresses = [kept.url.removeprefix("http://").partition(":")[0]]
        # Its memory grows by thousands of sockets, which is not what this row is about.
        async with stage.load(cluster, is_memory_watched=False) as load:
            rooms = [*load.documents]
            await load.make_documents(listeners // ROOMS_OF)
            rooms = load.documents[len(rooms) :]
            await listening.come(cluster, load.user, rooms, listeners, [lost])
            calm_s = monotonic()
            await asyncio.sleep(stage.size.seconds)  # to see how it is without the storm
            before = ack_times_s(load, calm_s)
            await listening.may_go_to([lost, kept])
            killed_s = monotonic()
            await lost.kill()
            last_s, attempts = await listening.all_back(listeners)
            during = ack_times_s(load, killed_s, last_s)
            await load.edit_now()
            stage.figure("clients back", listeners, listeners, at_least=True)
            stage.figure("all back within", last_s - killed_s, BACK_S, "s")
            stage.figure("edits of others meanwhile", len(during), people // FEW, at_least=True)
            times = percentile(during, 0.99) / percentile(before, 0.99)
            stage.figure("others' ack p99 meanwhile, beside before", times, OTHERS_P99_TIMES)
            stage.note(
                f"others' ack: median {percentile(before, 0.5) * 1000:.1f} ms before, "
                f"{percentile(during, 0.5) * 1000:.1f} ms meanwhile; p99 "
                f"{percentile(before, 0.99) * 1000:.1f} and {percentile(during, 0.99) * 1000:.1f} ms"
            )
            stage.note(f"attempts to connect for each client that came back: {attempts / listeners:.2f}")


ROWS = (
    Row(
        "clients-return",
        "5,000 clients return at once",
        "≤ 30 s; others' p99 ≤ 2×",
        return_at_once,
        Size(clients=20, documents=5, ops_s=100, seconds=10, listeners=5000),
    ),
)
