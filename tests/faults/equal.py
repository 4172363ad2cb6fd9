"""What the same load takes of a node's memory when nothing breaks.

A room remembers what was edited lately, and lists grow; so a node holds more after a row whose people wrote
much, fault or not. As many clients write as much into as many playlists of a new cluster, and what its nodes
then have is what a row's memory is compared with. Knows logs. Does not know faults.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tests.faults.checker import Truth
from tests.faults.clients import Writer, editing
from tests.faults.cluster import Cluster
from tests.faults.history import History


@dataclass(slots=True)
class _Share:
    """What is still to be written into one playlist."""

    inserts: int
    others: int

    def take(self, writer: Writer, random: Random) -> bool:
        """Makes one edit; False if there was none left to make."""
        if self.inserts > 0:
            self.inserts -= 1
            writer.edit(random)
        elif self.others > 0:
            self.others -= 1
            writer.describe()
        else:
            return False
        return True


async def written_rss_bytes(cluster: Cluster, clients: int, truths: Sequence[Truth], random: Random) -> int:
    """What the node with the least memory has after all that `truths` tell of was written on `cluster`."""
    shares = [
        _Share(inserts := sum(bool(row.markers) for row in truth.rows), len(truth.rows) - inserts)
        for truth in truths
    ]
    way_in = editing(
        cluster, clients=clients, documents=len(truths), ops_s=0.0, random=random, history=History()
    )
    async with way_in as load:
        places = {document: place for place, document in enumerate(load.documents)}

        async def write(writer: Writer) -> None:
            while shares[places[writer.playlist.id]].take(writer, random):
                await writer.playlist.saved()

        await asyncio.gather(*map(write, load.writers))
        return min(node.rss_bytes for node in cluster.nodes)
