"""The same submission, said again and again, to whoever listens."""

from tests.faults.cluster import running
from tests.faults.postgres_resends import Resender
from tests.faults.row import Row, Size, Stage

TIMES = 100


async def say_it_a_hundred_times(stage: Stage) -> None:
    """A hundred sockets of one client, half of them on each node, send the same bytes at the same time."""
    async with running(stage.folder) as cluster, stage.load(cluster) as load:
        for number in range(stage.size.rounds):
            resender = Resender(cluster, load, load.documents[number % len(load.documents)])
            nodes = cluster.nodes
            answers = await resender.submit_at_once([nodes[place % len(nodes)] for place in range(TIMES)])
            stage.figure("answers", len(answers), TIMES, at_least=True)
            stage.figure("different answers", len(set(answers)), 1)


ROWS = (
    Row(
        "same-submission",
        "the same submission 100 times over 2 nodes",
        "one effect, identical answers",
        say_it_a_hundred_times,
        Size(clients=12, documents=3, ops_s=30, rounds=20),
    ),
)
