"""Clients that stand in another past than the server: before the history that is kept, in another epoch, in
a future that the server never had.

One client is away with an edit that nobody has; the operator's own commands make its past another one; it
comes back. Knows the commands `compact`, `backup` and `restored`. Does not know how a client resyncs.
"""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from random import Random
from time import monotonic

from tests.faults.clients import PATIENCE_S, Load, Writer
from tests.faults.cluster import Cluster, running
from tests.faults.history import History
from tests.faults.row import Row, Size, Stage
from tests.faults.truth import read_truths
from tutti_client import connect
from tutti_client.events import Delayed, Event

KEPT = 4
# A snapshot must be newer than what the client has, or there is nothing to forget.
SNAPSHOT_EVERY = 512


class Place:
    """One document, somebody who is away, and somebody who goes on."""

    def __init__(self, stage: Stage, cluster: Cluster, load: Load, people: list[Writer]) -> None:
        self.stage = stage
        self.cluster = cluster
        self.load = load
        self.away, self.other = people
        self.delays: list[str] = []
        self.away.playlist.listen(self._note)

    def _note(self, event: Event) -> None:
        if isinstance(event, Delayed):
            self.delays.append(event.code)

    async def run(self, command: str, *arguments: object) -> None:
        """One of the operator's."""
        line = [sys.executable, "-m", "collab.main", command, *map(str, arguments), *self.cluster.database]
        done = await asyncio.to_thread(subprocess.run, line, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    async def go_on(self, edits: int) -> None:
        for _ in range(edits):
            self.other.edit(self.stage.random)
            await self.other.playlist.saved()

    async def until_delayed(self, code: str) -> None:
        """The one who was away is told to wait, for this reason."""
        async with asyncio.timeout(PATIENCE_S):
            while code not in self.delays:
                await self.away.happens()


async def meet_a_forgotten_past(place: Place) -> str:
    await place.go_on(SNAPSHOT_EVERY + KEPT)
    await place.run("compact", "--keep-versions", KEPT)
    [node] = place.cluster.nodes
    # A room may remember what the database forgot.
    await node.kill()
    await node.start()
    return "gone"


async def meet_another_epoch(place: Place) -> str:
    [node] = place.cluster.nodes
    await node.stop()
    await place.run("restored")
    await node.start()
    return "epoch"


async def come_from_the_future(place: Place) -> str:
    """A copy of the data folder is put back, and the operator forgets to say so until a client complains. (A
    copy that `tutti backup` made is not even started on.)"""
    [node] = place.cluster.nodes
    [document] = place.load.documents
    copy, data = place.stage.folder / "nightly", place.cluster.data
    await node.stop()
    shutil.copytree(data, copy)
    await node.start()
    await place.go_on(KEPT)
    # What is away has seen what the backup does not have.
    place.away.tutti.go_online()
    await place.away.playlist.saved()
    await place.away.reaches(place.other.playlist.version)
    place.away.tutti.go_offline()
    place.away.edit(place.stage.random)
    place.other.tutti.go_offline()
    await node.stop()
    shutil.rmtree(data)
    shutil.copytree(copy, data)
    await node.start()
    before = (await read_truths(data, None, [document]))[document].version
    place.away.tutti.go_online()
    await place.until_delayed("version_ahead")
    after = (await read_truths(data, None, [document]))[document].version
    place.stage.figure("written by who is ahead", after - before, 0)
    await node.stop()
    await place.run("restored")
    await node.start()
    place.other.tutti.go_online()
    return "epoch"


async def meet_other_pasts(stage: Stage) -> None:
    """One fault after the other, each with its own server: a past is not got back."""
    faults: dict[str, Callable[[Place], Awaitable[str]]] = {
        "before the kept window": meet_a_forgotten_past,
        "wrong epoch": meet_another_epoch,
        "version from the future": come_from_the_future,
    }
    for number, (name, fault) in enumerate(faults.items()):
        folder = stage.folder / str(number)
        async with running(folder, nodes=1, database="sqlite") as cluster, AsyncExitStack() as stack:
            load = Load(cluster, History(), None, Random(stage.random.randrange(2**32)))
            await load.make_documents(1)
            people = [await _person(stack, cluster, load, number) for number in range(2)]
            await asyncio.gather(*(person.edit_now(stage.random) for person in people))
            place = Place(stage, cluster, load, people)
            place.away.tutti.go_offline()
            place.away.edit(stage.random)
            reason = await fault(place)
            began_s = monotonic()
            place.away.tutti.go_online()
            await place.away.playlist.saved()
            stage.note(f"{name}: saved again after {monotonic() - began_s:.2f} s")
            await _judge(stage, place, name, reason)


async def _judge(stage: Stage, place: Place, name: str, reason: str) -> None:
    [document] = place.load.documents
    stage.note(f"{name}: resynced because of {', '.join(place.away.resyncs) or 'nothing'}")
    stage.figure(f"{name}: resynced", place.away.resyncs.count(reason), 1, at_least=True)
    await asyncio.gather(*(each.playlist.saved() for each in (place.away, place.other)))
    truth = (await read_truths(place.cluster.data, None, [document]))[document]
    kept = place.away.newest_marker in truth.markers
    stage.figure(f"{name}: pending edits kept", kept, 1, at_least=True)
    doubled = len(truth.markers) - len(set(truth.markers))
    stage.figure(f"{name}: entries twice", doubled, 0)
    unequal = 0
    for person in (place.away, place.other):
        async with asyncio.timeout(PATIENCE_S):
            await person.reaches(truth.version)
        unequal += person.replica().digest != truth.digest
    stage.figure("replicas unequal", unequal, 0)
    await stage.judge_cluster(place.cluster)


async def _person(stack: AsyncExitStack, cluster: Cluster, load: Load, number: int) -> Writer:
    tutti = await stack.enter_async_context(connect(cluster.url, token=load.token, timeout_s=PATIENCE_S))
    playlist = await tutti.open_playlist(load.documents[0])
    return Writer(number, tutti, playlist, load.history, lambda: None)


ROWS = (
    Row(
        "other-pasts",
        "version from the future, before the kept window, wrong epoch",
        "refused and resynced; pending kept",
        meet_other_pasts,
        Size(rounds=3),
    ),
)
