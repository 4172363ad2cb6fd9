"""The node: its connections, and its rooms by document.

Starts a room when somebody opens a document and forgets it when its task has ended; passes what connections
say to the right room; compares the heads of its rooms with the store every second, and when the bus may have
missed something, so that nothing stays unseen even if the bus loses everything.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

from collab.batch import refused
from collab.bus import Bus
from collab.clock import Clock
from collab.closing import CloseCode
from collab.committer import Committer
from collab.connection import Connection
from collab.errors import Refusal
from collab.house import House, SongSource, no_songs
from collab.ids import is_id
from collab.kinds import Kinds
from collab.listener import Listener, Reading
from collab.load import Load
from collab.messages import Drain, Open, SetPresence, Submit
from collab.metrics import Metrics
from collab.patience import Perseverance
from collab.playlist import PlaylistState
from collab.room_runner import RoomRunner
from collab.seating import Seat
from ot.document import Document
from storage.rows import Head
from storage.store import Store, StoreError

log = structlog.get_logger("tutti.hub")

COMPARE_EVERY_S = 1.0
# Clients of a node that stops move within this time, so that those they move to feel no wave.
DRAIN_WINDOW_S = 10.0
DRAIN_BATCHES = 50
# Whose turn it is has so long to be at home elsewhere, and is served here meanwhile.
DRAIN_GRACE_S = 5.0


class Hub:
    """Keeps `connection.Rooms` and `http_ports.RoomsToRead`. Use `running` around everything."""

    def __init__(
        self,
        kinds: Kinds,
        store: Store,
        bus: Bus,
        clock: Clock,
        metrics: Metrics,
        songs: SongSource = no_songs,
    ) -> None:
        self.store = store
        self.clock = clock
        self.connections: dict[str, Connection] = {}
        # Those who read along over HTTP: counted as sockets, and moved like them when the node stops.
        self.readers: dict[str, Reading] = {}
        self._metrics = metrics
        self._committer = Committer(store, metrics)
        perseverance = Perseverance(store, metrics, clock)
        self._house = House(kinds, store, songs, self._committer, bus, clock, metrics, perseverance)
        self._runners: dict[str, RoomRunner] = {}
        self._sockets_from: Counter[str] = Counter()
        self._tasks: asyncio.TaskGroup | None = None
        self._is_draining = False
        self._is_closing = False
        self._all_gone = asyncio.Event()
        self._compare_soon = asyncio.Event()
        bus.watch(self._compare_soon.set)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.TaskGroup]:
        """Rooms live inside; leaving ends them after what is under way is settled."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            compare = tasks.create_task(self._compare_heads(), name="compare heads")
            try:
                yield tasks
            finally:
                self._is_draining = self._is_closing = True
                compare.cancel()
                for one in self.everybody():
                    one.close(CloseCode.DRAIN, "drain", "This node stops; come back to another.")
                for runner in self._runners.values():
                    runner.drain()

    # -- connections ------------------------------------------------------------------------------------

    def came(self, connection: Connection) -> None:
        """A socket was accepted."""
        self.connections[connection.id] = connection
        self._count(connection.address, 1)

    def gone(self, connection: Connection) -> None:
        """A connection ended."""
        if self.connections.pop(connection.id, None) is None:
            return
        self._count(connection.address, -1)
        for document in connection.session.rooms:
            self.exit(connection, document)
        if not self.connections:
            self._all_gone.set()

    def reader_came(self, reader: Reading) -> None:
        self.readers[reader.id] = reader
        self._count(reader.address, 1)

    def reader_gone(self, reader: Reading) -> None:
        if self.readers.pop(reader.id, None) is not None:
            self._count(reader.address, -1)

    def _count(self, address: str, more: int) -> None:
        self._sockets_from[address] += more
        if not self._sockets_from[address]:
            del self._sockets_from[address]
        self._metrics.connections.set(self.socket_count)

    def sockets_from(self, address: str) -> int:
        return self._sockets_from[address]

    def everybody(self) -> list[Connection | Reading]:
        """Who listens here, by whatever way."""
        return [*self.connections.values(), *self.readers.values()]

    @property
    def socket_count(self) -> int:
        return len(self.connections) + len(self.readers)

    def enter(self, connection: Connection, request: Open) -> None:
        seat = Seat(connection.id, connection.session.user, connection.session.name, connection.client)
        self.enter_as(connection, seat, request)

    def enter_as(self, listener: Listener, seat: Seat, request: Open) -> None:
        """Opens a document for anyone who listens; the answer is `Opened`, or `Refused` with seq 0."""
        if not is_id(request.room):
            listener.tell(refused(request.room, 0, Refusal("not_found")))
            listener.evicted(request.room)
            return
        runner = self._runners.get(request.room)
        if runner is None:
            if self._is_closing or self._tasks is None:
                listener.tell(refused(request.room, 0, Refusal("unavailable", retry_after_ms=1000)))
                listener.evicted(request.room)
                return
            runner = RoomRunner(request.room, self._house)
            self._runners[request.room] = runner
            self._tasks.create_task(self._run(runner), name=f"room {request.room}")
            self._metrics.rooms.set(len(self._runners))
        runner.enter(listener, seat, request)

    async def _run(self, runner: RoomRunner) -> None:
        try:
            await runner.run()
            while runner.has_arrivals and not self._is_closing:
                await runner.run()
            runner.turn_away()
        except Exception:
            # One room's end, the bus's for example, is not the node's: its tasks are one group.
            log.exception("room_lost", room=runner.document)
        finally:
            del self._runners[runner.document]
            self._metrics.rooms.set(len(self._runners))

    def exit(self, connection: Connection, room: str) -> None:
        self.exit_as(connection, room)

    def exit_as(self, listener: Listener, document: str) -> None:
        runner = self._runners.get(document)
        if runner is not None:
            runner.leave(listener.id)

    def submit(self, connection: Listener, request: Submit, load: Load | None = None) -> None:
        runner = self._runners.get(request.room)
        if runner is None:
            connection.tell(refused(request.room, request.seq, Refusal("not_open", retry_after_ms=100)))
        else:
            runner.submit(connection, request, load)

    def set_presence(self, connection: Connection, request: SetPresence) -> None:
        runner = self._runners.get(request.room)
        if runner is not None:
            runner.set_presence(connection.id, request)

    def catch_up(self, connection: Connection) -> None:
        for document in tuple(connection.session.rooms):
            runner = self._runners.get(document)
            if runner is not None:
                runner.catch_up(connection)

    @property
    def waiting_commits(self) -> int:
        """Documents whose commit has not begun."""
        return self._committer.waiting

    @property
    def is_draining(self) -> bool:
        """Whether nobody new is let in."""
        return self._is_draining

    def runner(self, document: str) -> RoomRunner | None:
        """The room of a document, if it is in memory."""
        return self._runners.get(document)

    def playlist(self, document: str) -> tuple[Head, Document] | None:
        """A playlist as it was committed last, if its room is in memory."""
        runner = self._runners.get(document)
        room = None if runner is None else runner.room
        if room is None or not isinstance(room.state, PlaylistState):
            return None
        return room.head, room.state.document

    # -- the store and the rest of the world ---------------------------------------------------------------

    async def compare_heads(self) -> None:
        """Tells every room in which something may happen where its document stands in the store."""
        documents = [document for document, runner in self._runners.items() if runner.is_followed]
        if not documents:
            return
        heads = await self.store.heads(documents)
        for document in documents:
            runner = self._runners.get(document)
            if runner is None:
                continue
            head = heads.get(document)
            if head is None:
                runner.distrust()
            else:
                runner.hint(head.epoch, head.version, head.changes)

    async def _compare_heads(self) -> None:
        while True:
            before_s = asyncio.get_running_loop().time()
            try:
                async with asyncio.timeout(COMPARE_EVERY_S):
                    await self._compare_soon.wait()
            except TimeoutError:
                lag_s = asyncio.get_running_loop().time() - before_s - COMPARE_EVERY_S
                self._metrics.loop_lag_seconds.observe(max(0.0, lag_s))
            self._compare_soon.clear()
            for connection in self.connections.values():
                self._metrics.outbox_bytes.observe(connection.outbox.buffered_bytes)
            try:
                await self.compare_heads()
            except StoreError as error:
                log.warning("heads_not_compared", error=str(error))
            except Exception:
                log.exception("heads_not_compared")

    async def drain(self, window_s: float = DRAIN_WINDOW_S, grace_s: float = DRAIN_GRACE_S) -> None:
        """Lets nobody new in, asks every client to move, a few at a time, and ends what is left of them
        `grace_s` after their turn. Rooms go on until then, for all who are still here."""
        self._is_draining = True
        waiting = list(self.connections.values())
        random.shuffle(waiting)
        window_s = min(window_s, window_s * self.socket_count / DRAIN_BATCHES)
        for index, reader in enumerate(readers := list(self.readers.values())):
            # Nothing of theirs is undecided: they go at once, and each comes back at a time of its own.
            reader.tell(Drain(int(1000 * window_s * index / len(readers))))
        if not waiting:
            return
        self._all_gone.clear()
        for index, connection in enumerate(waiting):
            connection.tell(Drain(int(1000 * window_s * index / len(waiting))))
        log.info("draining", connections=len(waiting), window_s=round(window_s, 1))
        began_s = asyncio.get_running_loop().time()
        step = max(1, len(waiting) // DRAIN_BATCHES)
        for start in range(0, len(waiting), step):
            with suppress(TimeoutError):
                async with asyncio.timeout_at(began_s + grace_s + window_s * start / len(waiting)):
                    await self._all_gone.wait()
                    return
            for connection in waiting[start : start + step]:
                connection.close(CloseCode.DRAIN, "drain", "This node stops; come back to another.")
