"""Who reads slowly, and who is gone without a word.

Slow readers and a full room are a process of their own, which reads as bytes come, or not at all; people who
edit measure what they feel. Knows crowds. Does not know what a node holds for whom.
"""

import asyncio
from time import monotonic

from ot.op import Keep, Op
from ot.value import Edits
from tests.faults.clients import PATIENCE_S, Load
from tests.faults.cluster import Node, running
from tests.faults.crowd import crowd
from tests.faults.figures import percentile
from tests.faults.row import MEMORY, MEMORY_GROWTH_MAX, Row, Size, Stage
from tests.faults.storm import ack_times_s
from tests.valve import Valve
from tutti_client import Playlist, connect

GONE_S = 30.0
OTHERS_P99_TIMES = 1.2
HELD_BYTES_EACH = 1024 * 1024
ROOM_OF = 200
SLOW = 100
# Some 24 KiB an edit: what slow readers do not take is soon more than any kernel holds for them.
ENTRIES_EACH = 12
TITLE_CHARS, NOTE_CHARS = 1500, 500
TEXTS = "abcdefg"
LARGE_EDITS_S = 5


async def vanish(stage: Stage) -> None:
    """A client's network is gone: nothing passes, and nobody says so."""
    async with running(stage.folder) as cluster, stage.load(cluster) as load:
        here = load.writers[0].playlist
        node = cluster.nodes[0]
        async with Valve(node.url) as valve:
            silent = connect(valve.url, token=load.token, timeout_s=PATIENCE_S)
            tutti = await silent.__aenter__()
            await tutti.open_playlist(here.id)
            await _members(here, tutti.member_id, present=True)
            valve.stall()
            stalled_s = monotonic()
            await _members(here, tutti.member_id, present=False)
            stage.figure("gone after", monotonic() - stalled_s, GONE_S, "s")
            valve.cut()
            valve.mend()
            await silent.__aexit__(None, None, None)


async def vanish_with_a_node(stage: Stage) -> None:
    """The node that a client was on dies, and tells nobody; the client does not come back."""
    async with running(stage.folder) as cluster, stage.load(cluster) as load:
        dying, living = cluster.nodes
        async with (
            connect(dying.url, token=load.token, timeout_s=PATIENCE_S) as gone,
            connect(living.url, token=load.token, timeout_s=PATIENCE_S) as watching,
        ):
            await gone.open_playlist(load.documents[0])
            here = await watching.open_playlist(load.documents[0])
            await _members(here, gone.member_id, present=True)
            member = gone.member_id
            await dying.kill()
            killed_s = monotonic()
            await _members(here, member, present=False)
            stage.figure("gone after", monotonic() - killed_s, GONE_S, "s")
        await dying.start()
        await load.edit_now()


async def _members(playlist: Playlist, member: str, *, present: bool) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while any(each.id == member for each in playlist.members) != present:
            await playlist.members_changed()


async def read_slowly(stage: Stage) -> None:
    """One reader in a full room stops to read; how long others wait for their acks, with it and without, in
    turns."""
    way_in = running(stage.folder, nodes=1, database="sqlite")
    # The room fills only now: memory is compared from here on.
    async with (
        way_in as cluster,
        crowd() as readers,
        stage.load(cluster, is_memory_watched=False) as load,
    ):
        await readers.come(cluster, load.user, load.documents, ROOM_OF, cluster.nodes)
        await _paced(load, stage.size.seconds)
        before = cluster.nodes[0].rss_bytes
        alone: list[float] = []
        beside: list[float] = []
        for _ in range(stage.size.rounds):
            alone += await _paced(load, stage.size.seconds)
            async with crowd() as slow:
                await slow.come(cluster, load.user, load.documents, 1, cluster.nodes, is_slow=True)
                beside += await _paced(load, stage.size.seconds)
        stage.figure(MEMORY, cluster.nodes[0].rss_bytes / before, MEMORY_GROWTH_MAX)
        stage.figure("edits beside a slow reader", len(beside), 1, at_least=True)
        times = percentile(beside, 0.99) / percentile(alone, 0.99)
        stage.figure("others' ack p99, beside without the slow reader", times, OTHERS_P99_TIMES)
        stage.note(f"without: p99 {percentile(alone, 0.99) * 1000:.1f} ms")


async def _paced(load: Load, seconds: float) -> list[float]:
    """What acks took while people edited, and much was said, for a while."""
    from_s = monotonic()
    while monotonic() < from_s + seconds:
        await _large_edit(load)
        await asyncio.sleep(1 / LARGE_EDITS_S)  # what every reader can follow
    return ack_times_s(load, from_s)


async def _large_edit(load: Load) -> None:
    """The first of the people writes long texts into some entries."""
    playlist = load.writers[0].playlist
    count = min(len(playlist.entries), ENTRIES_EACH)
    letter = TEXTS[playlist.version % len(TEXTS)]
    edits: Edits = {"title": letter * TITLE_CHARS, "note": letter * NOTE_CHARS}
    other: Edits = {**edits, "album": letter}
    rest = len(playlist.entries) - count
    # Runs of the same edits would be one component.
    kept = [Keep(1, edits if place % 2 else other) for place in range(count)]
    playlist.edit(Op((*kept, Keep(rest)) if rest else tuple(kept)))
    await playlist.saved()


async def hold_for_many(stage: Stage) -> None:
    """A hundred read nothing while much is said; what the node's memory grows by, for each."""
    way_in = running(stage.folder, nodes=1, database="sqlite")
    # What is said stays in the room's memory; it is the readers' that has to go.
    async with way_in as cluster, stage.load(cluster, is_memory_watched=False) as load:
        node = cluster.nodes[0]
        # What the same talk costs without them is not theirs.
        await _talk(load, node, stage.size.seconds)
        before = node.rss_bytes
        async with crowd() as slow:
            await slow.come(cluster, load.user, load.documents, SLOW, cluster.nodes, is_slow=True)
            most = await _talk(load, node, stage.size.seconds)
        stage.figure("slow readers", SLOW, SLOW, at_least=True)
        stage.figure("held for each", (most - before) / SLOW / 1024, HELD_BYTES_EACH / 1024, "KiB")
        closes = await node.metric("tutti_slow_closes_total")
        stage.note(f"slow readers that were told to come back meanwhile: {closes:g}")
        await load.edit_now()
        stage.figure(MEMORY, node.rss_bytes / before, MEMORY_GROWTH_MAX)


async def _talk(load: Load, node: Node, seconds: float) -> int:
    """The most bytes that the node has while much is said."""
    most, until_s = 0, monotonic() + seconds
    while monotonic() < until_s:
        await _large_edit(load)
        most = max(most, node.rss_bytes)
    return most


_ONE_ROOM = Size(clients=4, documents=1, ops_s=20, rounds=4, seconds=8)

ROWS = (
    Row(
        "half-open-client",
        "half-open client",
        "gone ≤ 30 s",
        vanish,
        Size(clients=10, documents=1, ops_s=10),
    ),
    Row(
        "member-of-a-killed-node",
        "kill −9 of the node that a client was on, seen from the other node",
        "gone ≤ 30 s",
        vanish_with_a_node,
        Size(clients=10, documents=1, ops_s=10),
    ),
    Row("slow-reader", "slow reader in a room of 200", "others' p99 ≤ 1.2×", read_slowly, _ONE_ROOM),
    Row(
        "slow-readers",
        "100 slow readers",
        "≤ 1 MiB each",
        hold_for_many,
        Size(clients=4, documents=1, ops_s=10, seconds=20),
    ),
)
