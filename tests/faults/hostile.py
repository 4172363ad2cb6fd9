"""Frames that mean no good, by the hundred thousand, while people edit beside them.

Attackers send mutated frames as fast as they are read; then bombs, each alone, to see what one can cost: of a
core's time, for on a shared machine the clock also counts what others do. Each is sent some times, and the
least counts, for the node also does other things. Knows frames and what a node's process holds. Does not know
what a node answers.
"""

import asyncio
import json
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from itertools import islice
from time import monotonic

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from collab.codec import Encoding, encode_message, join
from collab.messages import FRAME_BYTES_MAX, SUBMISSION_BYTES_MAX, Hello, PartFromClient, Probe, Time, Welcome
from tests.collab.test_codec_bombs import BOMBS
from tests.faults.clients import PATIENCE_S
from tests.faults.cluster import Cluster, new_id, running
from tests.faults.row import MIB, Row, Size, Stage
from tests.integration.mutations import Mutations
from tests.integration.world import Person, WireClient

GROWTH_MIB_MAX = 10.0
FRAME_MS_MAX = 10.0
ATTACKERS = 6
FRAMES_PER_ROUND = 1_000
# So many frames go out before the attacker waits until they are dealt with.
BURST = 20
# A playlist that is attacked for long grows to its limit, and every attacker that comes back gets all of it.
FRAMES_PER_PLAYLIST = 2_000
TRIES = 5
UNLIMITED = ("--submissions-per-s", 10**6, "--submissions-burst", 10**6)


class Attacker:
    """One user who means no good."""

    def __init__(self, cluster: Cluster, seed: int) -> None:
        self._cluster = cluster
        self._node = cluster.nodes[0]
        self._seed = seed
        self.person = Person(new_id(), "")
        self.ended = 0
        self.strange_codes: list[int] = []

    async def attack(self, count: int) -> None:
        """Sends so many frames; returns when all were dealt with."""
        for first in range(0, count, FRAMES_PER_PLAYLIST):
            await self._attack_one(await self._playlist(), min(FRAMES_PER_PLAYLIST, count - first))

    async def _attack_one(self, document: str, left: int) -> None:
        while left:
            async with self.client() as client:
                opened = await client.open(document)
                length = len(opened.snapshot.state["entries"]) if opened.snapshot is not None else 0
                self._seed += 1
                mutations = Mutations(
                    self._seed, document, client.id, self.person.id, opened.version, length
                ).forever()
                try:
                    while left:
                        burst = list(islice(mutations, min(BURST, left)))
                        left -= len(burst)
                        for payload in burst:
                            await client.socket.send(payload)
                        await dealt_with(client)
                except ConnectionClosed:
                    self._over(client.socket)

    def _over(self, socket: ClientConnection) -> None:
        self.ended += 1
        code = socket.close_code or 0
        if not 4000 <= code < 4100:
            self.strange_codes.append(code)

    async def cost_ms(self, payloads: list[bytes | str], encoding: Encoding) -> float:
        """For how long of a core's time a frame keeps the node from answering another socket; the least of
        some tries."""
        costs: list[float] = []
        for _ in range(TRIES):
            async with self.client() as watcher, self.client(encoding) as client:
                await dealt_with(watcher)
                try:
                    for payload in payloads[:-1]:
                        await client.socket.send(payload)
                    if len(payloads) > 1:
                        await dealt_with(client)
                    before_ms = self._node.core_ms
                    await client.socket.send(payloads[-1])
                    await dealt_with(watcher)
                    costs.append(self._node.core_ms - before_ms)
                except ConnectionClosed:
                    self._over(client.socket)
        return min(costs, default=0.0)

    @asynccontextmanager
    async def client(self, encoding: Encoding = Encoding.MSGPACK) -> AsyncIterator[WireClient]:
        """A socket that was welcomed."""
        self.person.token = self._cluster.token(self.person.id, "Eve")
        uri = f"{self._node.url.replace('http', 'ws', 1)}/v1/socket"
        async with connect(uri, subprotocols=[Subprotocol(encoding.value)], compression=None) as socket:
            client = WireClient(socket, encoding, new_id(), self.person)
            await client.send(Hello(self.person.token, client.id))
            await client.receive(Welcome)
            yield client

    async def _playlist(self) -> str:
        token = self._cluster.token(self.person.id, "Eve")
        headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
        request = urllib.request.Request(f"{self._node.url}/v1/me/playlists", b'{"name": "Friday"}', headers)

        def make() -> str:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                return str(json.load(answer)["id"])

        return await asyncio.to_thread(make)


async def dealt_with(client: WireClient) -> None:
    """Returns when all that was sent was looked at."""
    mark = int(monotonic() * 1e6)
    await client.send(Probe(mark))
    while (await client.receive(Time)).t0 != mark:
        pass


async def flood(stage: Stage) -> None:
    """Hostile frames in great number, then every bomb by itself."""
    equal = partial(running, nodes=1, database="sqlite", redis=False, options=UNLIMITED)
    async with equal(stage.folder) as cluster, stage.load(cluster, is_memory_watched=False) as load:
        node = cluster.nodes[0]
        attackers = [Attacker(cluster, number * 10**6) for number in range(ATTACKERS)]
        before = node.rss_bytes
        frames_each = stage.size.rounds * FRAMES_PER_ROUND // ATTACKERS + 1
        attacking = asyncio.gather(*(each.attack(frames_each) for each in attackers))
        while not attacking.done():
            await load.edit_now(load.writers[:1])
            await asyncio.wait((attacking,), timeout=1.0)
        await attacking
        stage.figure("hostile frames", frames_each * ATTACKERS, stage.size.rounds * 1000, at_least=True)
        await _bombs(stage, attackers[0])
        after = node.rss_bytes
        stage.figure("nodes that ended", float(not node.is_running), 0)
        strange = [code for each in attackers for code in each.strange_codes]
        stage.figure("closed for a reason that is none of ours", len(strange), 0)
        stage.note(f"connections ended for a frame: {sum(each.ended for each in attackers)}")
        await load.stop()
        # What people said meanwhile is remembered, and no attacker's doing.
        calm = await stage.equal_rss_bytes(cluster, load, equal) if stage.is_full else before
        stage.figure("memory grown", (after - calm) / MIB, GROWTH_MIB_MAX, "MiB")
        stage.note(
            f"memory of the node, MiB: {before / MIB:.1f} before and {after / MIB:.1f} after; "
            f"{calm / MIB:.1f} after the same edits without attackers"
        )


async def _bombs(stage: Stage, attacker: Attacker) -> None:
    for name, payloads, encoding in _all_bombs(FRAME_BYTES_MAX):
        cost_ms = await attacker.cost_ms(payloads, encoding)
        stage.figure("a frame of 64 KiB, of a core's time", cost_ms, FRAME_MS_MAX, "ms")
        if cost_ms > FRAME_MS_MAX:
            stage.note(f"{name}: {cost_ms:.1f} ms")
    longest: dict[str, float] = {}
    for name, payloads, encoding in _all_bombs(SUBMISSION_BYTES_MAX - 64):
        longest[name] = await attacker.cost_ms(payloads, encoding)
    worst = sorted(longest.items(), key=lambda each: -each[1])[:3]
    shown = ", ".join(f"{name} {cost_ms:.1f}" for name, cost_ms in worst)
    stage.note(f"4 MiB in parts, ms of a core's time for all of it: {shown}")


def _all_bombs(size: int) -> Iterator[tuple[str, list[bytes | str], Encoding]]:
    for name, make in BOMBS.items():
        bomb = make(size)
        encoding = Encoding.JSON if isinstance(bomb, str) else Encoding.MSGPACK
        data = bomb.encode() if isinstance(bomb, str) else bomb
        if len(data) <= FRAME_BYTES_MAX:
            yield name, [bomb], encoding
            continue
        step = 48 * 1024 if encoding is Encoding.MSGPACK else 36 * 1024
        parts = [
            PartFromClient(data[start : start + step], start + step >= len(data))
            for start in range(0, len(data), step)
        ]
        packed = [join([encode_message(part, encoding)], encoding) for part in parts]
        yield name, [each.decode() if encoding is Encoding.JSON else each for each in packed], encoding


ROWS = (
    Row(
        "hostile-frames",
        "hostile ops and frames, 10⁶",
        "+10 MiB, ≤ 10 ms each, 0 crashes",
        flood,
        Size(clients=6, documents=2, ops_s=2, rounds=1_000),
        Size(clients=4, documents=2, ops_s=10, rounds=3),
    ),
)
