"""People who edit while something breaks.

Each is a client of the Python SDK with one playlist open, who inserts marked entries at its own pace and
notes what became of each submission; who waits for nothing but the SDK. Also measures what they feel: how
long until an edit made right after a fault is saved, how late they see what others did. Knows the SDK. Does
not know faults.
"""

import asyncio
import json
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from random import Random
from time import monotonic
from typing import Any

from collab.messages import Submit
from ot.digest import digest
from ot.op import decode
from tests.faults.checker import Replica, Truth
from tests.faults.cluster import Cluster, new_id
from tests.faults.history import History
from tests.faults.truth import MARK, markers_of
from tutti_client import Playlist, connect
from tutti_client.events import Acknowledged, Change, Event, Refusal, Reloaded, Resynced
from tutti_client.tutti import Tutti

# Who is not there by then never will be.
PATIENCE_S = 90.0
# Thousands come one after the other before anything is measured, perhaps on a busy machine.
ARRIVAL_S = 300.0
CONNECTING_AT_ONCE = 40


Token = Callable[[], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Again:
    """How long one client took until an edit made at a moment was saved, and whether it had to connect
    anew for that."""

    seconds: float
    came_back: bool


class Writer:
    """One client in one playlist. `on_ack` is called whenever something of it is settled."""

    def __init__(
        self, number: int, tutti: Tutti, playlist: Playlist, history: History, on_ack: Callable[[], None]
    ) -> None:
        self.number = number
        self.tutti = tutti
        self.playlist = playlist
        self.resyncs: list[str] = []
        # When each version was here, for versions that others made.
        self.seen: list[tuple[int, float]] = []
        self._history = history
        self._on_ack = on_ack
        self._made = 0
        self._changed = asyncio.Event()
        self._version = playlist.version
        playlist.listen(self._receive)
        # What leaves is noted when it leaves; the SDK itself says only how it ended.
        setattr(playlist.replica, "outgoing", self._noting(playlist.replica.outgoing))  # noqa: B010

    def edit(self, random: Random) -> None:
        """Inserts one marked entry somewhere."""
        self._made += 1
        index = random.randint(0, len(self.playlist.entries))
        self.playlist.insert(index, {"track": f"{MARK}{self.newest_marker}"})

    def describe(self) -> None:
        """Changes one attribute: an edit by which the list does not grow."""
        self._made += 1
        self.playlist.set_attribute("description", f"{MARK}{self.newest_marker}")

    async def edit_now(self, random: Random) -> Again:
        """Made at once, connected or not, and saved when it can be."""
        began_s, sessions = monotonic(), self.tutti.sessions
        self.edit(random)
        await self.playlist.saved()
        return Again(monotonic() - began_s, self.tutti.sessions > sessions)

    @property
    def newest_marker(self) -> str:
        """Of the last edit that was made here."""
        return f"{self.number}.{self._made}"

    async def happens(self) -> None:
        """Returns at the next event."""
        self._changed.clear()
        await self._changed.wait()

    async def reaches(self, version: int) -> None:
        """Returns when the replica is there and nothing waits."""
        while self.playlist.version < version or not self.playlist.replica.is_synced:
            await self.happens()

    def replica(self) -> Replica:
        replica = self.playlist.replica
        return Replica(self.playlist.id, replica.version, digest(replica.document), replica.is_synced)

    def _noting(self, outgoing: Callable[..., Any]) -> Callable[..., Any]:
        def noted(now_ms: int, *, freeze: bool = True) -> Any:
            messages = outgoing(now_ms, freeze=freeze)
            for message in messages:
                if isinstance(message, Submit):
                    markers = markers_of(decode(message.op))
                    client = self.playlist.replica.client
                    self._history.sent(self.playlist.id, client, message.seq, markers, monotonic())
            return messages

        return noted

    def _receive(self, event: Event) -> None:
        now_s, document = monotonic(), self.playlist.id
        match event:
            case Acknowledged():
                self._history.acked(document, event.client, event.seq, event.version, now_s)
                self._on_ack()
            case Refusal():
                self._history.refused(document, event.client, event.seq, event.code, now_s)
            case Resynced():
                self.resyncs.append(event.reason)
                self._version = event.version
            case Reloaded():
                self._version = event.version
            case Change(own=False):
                self.seen += [(version, now_s) for version in range(self._version + 1, event.version + 1)]
        self._version = max(self._version, self.playlist.version)
        self._changed.set()


class Load:
    """The clients of a row; made by `editing`."""

    def __init__(
        self,
        cluster: Cluster,
        history: History,
        interval_s: float | None,
        random: Random,
        token: Token | None = None,
    ) -> None:
        """`interval_s`: of one client's edits, on average; None: nobody edits by itself. `token`: where they
        get theirs, if not from the cluster."""
        self.history = history
        self.user = new_id()
        self.documents: list[str] = []
        self.writers: list[Writer] = []
        self._cluster = cluster
        self._interval_s = interval_s
        self._random = random
        self._door = asyncio.Semaphore(CONNECTING_AT_ONCE)
        self._acked = asyncio.Event()
        self._begun = asyncio.Event()
        self._over = asyncio.Event()
        self._left = asyncio.Event()
        self._token = token

    async def token(self) -> str:
        return self._cluster.token(self.user) if self._token is None else await self._token()

    async def make_documents(self, count: int) -> None:
        node = next(node for node in self._cluster.nodes if node.is_running)
        for _ in range(count):
            made = await asyncio.to_thread(_post, f"{node.url}/v1/me/playlists", await self.token())
            self.documents.append(made["id"])

    async def live(self, number: int, arrived: asyncio.Semaphore) -> None:
        """One client's life, until everybody may go."""
        document = self.documents[number % len(self.documents)]
        async with AsyncExitStack() as stack:
            async with self._door:
                way_in = connect(self._cluster.url, token=self.token, timeout_s=PATIENCE_S)
                tutti = await stack.enter_async_context(way_in)
                playlist = await tutti.open_playlist(document, timeout_s=PATIENCE_S)
            writer = Writer(number, tutti, playlist, self.history, self._acked.set)
            self.writers.append(writer)
            arrived.release()
            await self._begun.wait()
            await self._edit(writer)
            await self._left.wait()

    async def _edit(self, writer: Writer) -> None:
        while self._interval_s is not None and not self._over.is_set():
            try:
                async with asyncio.timeout(self._random.expovariate(1 / self._interval_s)):
                    await self._over.wait()
            except TimeoutError:
                writer.edit(self._random)
                await writer.playlist.saved()

    # -- what a row asks ------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Everybody is there, and edits from now on."""
        self._begun.set()

    async def edit_now(self, writers: Sequence[Writer] | None = None) -> list[Again]:
        """Everybody edits at this moment; returns when all of it is saved."""
        chosen = self.writers if writers is None else writers
        async with asyncio.timeout(PATIENCE_S):
            return list(await asyncio.gather(*(writer.edit_now(self._random) for writer in chosen)))

    async def acks(self, count: int) -> None:
        """Returns when so many more submissions are acknowledged."""
        wanted = self.history.acks + count
        async with asyncio.timeout(PATIENCE_S):
            while self.history.acks < wanted:
                self._acked.clear()
                await self._acked.wait()

    async def stop(self) -> None:
        """Nobody edits any more; returns when all is saved."""
        self._over.set()
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*(writer.playlist.saved() for writer in self.writers))

    async def replicas(self, truths: dict[str, Truth]) -> list[Replica]:
        """What everybody holds once they had the time to hear everything; after `stop`."""
        reaching = (writer.reaches(truths[writer.playlist.id].version) for writer in self.writers)
        # Who does not get there is for the checker to say.
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                await asyncio.gather(*reaching)
        return [writer.replica() for writer in self.writers]

    def lags_s(self, from_s: float = 0.0, until_s: float = float("inf")) -> list[float]:
        """How late others saw what was acknowledged in a time, once for each who saw it."""
        acked = {
            (each.document, each.version): each.answered_s
            for each in self.history
            if each.answered_s is not None and from_s <= each.answered_s <= until_s
        }
        return [
            max(0.0, at_s - then)
            for writer in self.writers
            for version, at_s in writer.seen
            if (then := acked.get((writer.playlist.id, version))) is not None
        ]

    @property
    def sessions(self) -> int:
        """How often anybody connected."""
        return sum(writer.tutti.sessions for writer in self.writers)

    def leave(self) -> None:
        self._left.set()
        self._over.set()


@asynccontextmanager
async def editing(
    cluster: Cluster,
    *,
    clients: int,
    documents: int,
    ops_s: float,
    random: Random,
    history: History,
    token: Token | None = None,
) -> AsyncIterator[Load]:
    """`clients` over `documents` new playlists, making `ops_s` edits a second in all; everybody is there when
    the block begins. Ends with the block, or with the first client that cannot go on."""
    load = Load(cluster, history, clients / ops_s if ops_s else None, random, token)
    await load.make_documents(documents)
    arrived = asyncio.Semaphore(0)
    async with asyncio.TaskGroup() as tasks:
        for number in range(clients):
            tasks.create_task(load.live(number, arrived))
        async with asyncio.timeout(ARRIVAL_S):
            for _ in range(clients):
                await arrived.acquire()
        load.begin()
        yield load
        load.leave()


def _post(url: str, token: str) -> Any:
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    request = urllib.request.Request(url, b'{"name": "Friday"}', headers, method="POST")
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        return json.load(answer)
