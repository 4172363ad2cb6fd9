"""Who steers a Jam when its host vanishes, and when two believe to.

The host's way to their node goes silent; somebody else steers; then the host's commands arrive after all,
beside those of who acts for them. Knows the SDK's Jam and the log. Does not know how a host is replaced.
"""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from time import monotonic

from collab.codec import unpack_body
from collab.config import Settings
from collab.database import visit_database
from collab.kind import Author
from collab.kinds import all_kinds
from tests.faults.clients import PATIENCE_S
from tests.faults.cluster import Cluster, new_id, running
from tests.faults.row import Row, Size, Stage
from tests.valve import Valve
from tutti_client import CommandRefused, Jam, connect
from tutti_client.events import Event
from tutti_client.given import Given
from tutti_client.tutti import Tutti

# Absences count that much faster than in a real evening: a minute is three seconds.
TIMES_DIVIDED_BY = 20
COMMANDS = 5


@dataclass(frozen=True, slots=True)
class Reigns:
    """The log's story: who was host at each version, and what only the host's side may do, by whom."""

    hosts: list[str]
    usurped: int
    digest: str


class Screen:
    """One person's Jam, and whom it named as host at each version that it stood at."""

    def __init__(self, user: str, jam: Jam) -> None:
        self.user = user
        self.jam = jam
        self.hosts: dict[int, str] = {}
        jam.listen(self._note)
        self._note(None)

    def _note(self, event: Event | None) -> None:
        self.hosts[self.jam.replica.version] = self.jam.host

    async def until_host(self, *, is_this: bool, user: str) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while (self.jam.host == user) != is_this:
                await self.jam.changed()


async def lose_the_host(stage: Stage) -> None:
    options = ("--jam-times-divided-by", TIMES_DIVIDED_BY)
    async with running(stage.folder, options=options) as cluster, AsyncExitStack() as stack:
        valve = await stack.enter_async_context(Valve(cluster.nodes[0].url))
        ways = (valve.url, *(node.url for node in cluster.nodes))
        hers, his, theirs = [
            await _come(stack, cluster, url, name) for url, name in zip(ways, "abc", strict=True)
        ]
        jam = await hers.start_jam("Friday", timeout_s=PATIENCE_S)
        code = (await jam.code()).code
        host, *guests = [
            Screen(hers.user_id, jam),
            *[Screen(tutti.user_id, await tutti.join_jam(code)) for tutti in (his, theirs)],
        ]
        for _ in range(stage.size.rounds):
            accepted = await _vanish_and_return(stage, valve, host, guests)
            stage.figure("commands of an old reign accepted", accepted, 0)
        accepted = await _hand_over_twice(host, guests)
        stage.figure("of two that were made host at once", accepted, 1)
        await _judge(stage, cluster, [host, *guests])


async def _vanish_and_return(stage: Stage, valve: Valve, host: Screen, guests: list[Screen]) -> int:
    """How many commands of the vanished host were taken, though somebody else steered."""
    valve.stall()
    stalled_s = monotonic()
    # They leave the device and arrive nowhere; on it they are the host's.
    late = [host.jam.set(name=f"late {number}") for number in range(COMMANDS)]
    await guests[0].until_host(is_this=False, user=host.user)
    stage.note(f"somebody else steered {monotonic() - stalled_s:.1f} s after the host fell silent")
    acting = next(guest for guest in guests if guest.user == guests[0].jam.host)
    await acting.until_host(is_this=True, user=acting.user)
    mine = [acting.jam.set(name=f"acting {number}") for number in range(COMMANDS)]
    valve.mend()
    accepted = await _accepted(late)
    await _accepted(mine)
    await guests[0].until_host(is_this=True, user=host.user)
    await host.until_host(is_this=True, user=host.user)
    return accepted


async def _hand_over_twice(host: Screen, guests: list[Screen]) -> int:
    """The host names two at once; the second of the commands is of the first's reign."""
    return await _accepted([host.jam.hand_over(guest.user) for guest in guests])


async def _accepted(given: list[Given[None]]) -> int:
    taken = 0
    async with asyncio.timeout(PATIENCE_S):
        for each in given:
            try:
                await each
            except CommandRefused:
                continue
            taken += 1
    return taken


async def _judge(stage: Stage, cluster: Cluster, screens: list[Screen]) -> None:
    reigns = await _reigns(cluster, screens[0].jam.replica.room)
    last = len(reigns.hosts) - 1
    unlike = unequal = 0
    for screen in screens:
        async with asyncio.timeout(PATIENCE_S):
            while screen.jam.replica.version < last:
                await screen.jam.changed()
        unlike += sum(reigns.hosts[version] != host for version, host in screen.hosts.items() if version >= 0)
        unequal += screen.jam.host != reigns.hosts[last]
    changes = sum(one != other for one, other in zip(reigns.hosts, reigns.hosts[1:], strict=False))
    stage.figure("changes of host", changes, 2 * stage.size.rounds + 1, at_least=True)
    stage.figure("screens that named another host at a version", unlike, 0)
    stage.figure("replicas unequal", unequal, 0)
    stage.figure("settings set by somebody who did not steer", reigns.usurped, 0)
    await stage.judge_cluster(cluster)


async def _reigns(cluster: Cluster, document: str) -> Reigns:
    """From the log alone, from its first event on."""
    kind = all_kinds()["jam"]
    store = await visit_database(Settings(data=cluster.data, database_url=cluster.database_url))
    try:
        loaded = await store.load(document)
        rows = await store.ops(document, 0, 1 << 30)
    finally:
        await store.close()
    assert loaded is not None, "the Jam is there"
    assert loaded.snapshot.version == 0, "an evening this short needs no second snapshot"
    state = kind.load(unpack_body(loaded.snapshot.body))
    hosts, usurped = [str(state.view()["host"])], 0
    for row in rows:
        body = unpack_body(row.body)
        steers = (state.roles() or {}).get(row.author) in ("host", "cohost")
        usurped += body["event"] == "settings_set" and not steers
        draft = state.draft()
        draft.replay(kind.read(body), Author(row.author, row.client_id, row.at_ms))
        state.absorb(draft)
        hosts.append(str(state.view()["host"]))
    return Reigns(hosts, usurped, state.digest())


async def _come(stack: AsyncExitStack, cluster: Cluster, url: str, name: str) -> Tutti:
    user = new_id()

    async def token() -> str:
        return cluster.token(user, name)

    return await stack.enter_async_context(connect(url, token=token, timeout_s=PATIENCE_S))


ROWS = (
    Row(
        "host-vanishes",
        "host vanishes; two clients think they are host",
        "one host at any version",
        lose_the_host,
        Size(rounds=2),
    ),
)
