"""One room's life in a simulated node.

Does in virtual time what `collab.room_runner` does with asyncio: load, let in, do the next thing that the
room wants, one at a time; unload when nobody is left. Also keeps the audience of the room, and with it a
reader who is too slow to take a broadcast and is caught up later.
"""

from collections import deque
from typing import TYPE_CHECKING, Any, Protocol, assert_never

from collab.batch import refused
from collab.closing import CloseCode
from collab.effects import (
    Broadcast,
    Evict,
    FetchHistory,
    FetchNews,
    FetchSongs,
    Publish,
    Reload,
    RoomEffect,
    SaveSnapshot,
    Send,
)
from collab.errors import Refusal
from collab.kinds import all_kinds
from collab.messages import Open, Opened, Ops, Refused, ServerMessage, SetPresence, Submit
from collab.rivals import HINTS_MAX
from collab.room import Room
from collab.seating import Seat
from storage.rows import Commit, Loaded, News, OpRow, Settled
from storage.store import OutcomeUnknown, StoreError
from tests.lookups import outcome
from tests.sim.events import Event
from tests.sim.store import Answer, Question

if TYPE_CHECKING:
    from tests.sim.node import Peer, SimNode

LINGER_US = 500_000
PRESENCE_EVERY_US = 100_000
RETRY_FIRST_US = 50_000
RETRY_LAST_US = 2_000_000
KINDS = all_kinds()


class Listener(Protocol):
    """Whoever is in a room, or wants to be."""

    @property
    def id(self) -> str: ...

    @property
    def client(self) -> str: ...

    def tell(self, message: ServerMessage) -> None: ...

    def evicted(self, document: str) -> None: ...


class RoomTask:
    """`room` is the real core, or None while it is not loaded."""

    def __init__(self, document: str, node: "SimNode") -> None:
        self.document = document
        self.node = node
        self.room: Room[Any] | None = None
        self.unknown: set[tuple[str, int]] = set()
        self._listeners: dict[str, Listener] = {}
        self._audience: dict[str, Listener] = {}
        self._behind: dict[str, int] = {}
        self._arrivals: deque[tuple[Listener, Seat, Open]] = deque()
        self._hints: deque[Publish] = deque(maxlen=HINTS_MAX)
        self._is_busy = False
        self._timer: Event | None = None
        self._presence_due = False
        self._lingers = False
        self._submitted: dict[tuple[str, int], str] = {}

    # -- what people do --------------------------------------------------------------------------------------

    def enter(self, peer: "Peer", request: Open) -> None:
        session = peer.session
        self.enter_as(peer, Seat(peer.id, session.user, session.name, session.client), request)

    def enter_as(self, listener: Listener, seat: Seat, request: Open) -> None:
        self._listeners[listener.id] = listener
        if self.room is not None and self.room.knows(seat.client):
            self._perform(self.room.enter(seat, request, None))
        else:
            self._arrivals.append((listener, seat, request))
        self._turn()

    def leave(self, connection: str) -> None:
        self._listeners.pop(connection, None)
        self._dismiss(connection)
        self._arrivals = deque(arrival for arrival in self._arrivals if arrival[0].id != connection)
        if self.room is not None:
            self._perform(self.room.leave(connection))
        self._turn()

    def submit(self, listener: Listener, request: Submit) -> None:
        if self.room is None or listener.id not in self.room.seats:
            refusal = Refusal("not_open", retry_after_ms=100)
            listener.tell(refused(self.document, request.seq, refusal))
            return
        if self._submitted.setdefault((listener.client, request.seq), listener.id) != listener.id:
            self.node.coverage.hit("a duplicate came over another connection")
        self._perform(self.room.submit(listener.id, request))
        self._turn()

    def set_presence(self, connection: str, request: SetPresence) -> None:
        if self.room is not None:
            self._perform(self.room.set_presence(connection, request))
            self._turn()

    def follow(self, hint: Publish) -> None:
        """Something from the bus. While the room loads or waits for the store it waits, too."""
        self._hints.append(hint)
        self._turn()

    def hint(self, epoch: str, version: int, changes: int) -> None:
        """Where the document stands in the store."""
        if self.room is not None:
            self.room.receive_hint(epoch, version, changes)
            self._turn()

    def hint_absence(self) -> None:
        if self.room is not None:
            self.room.ask_for_news()
            self._turn()

    @property
    def is_followed(self) -> bool:
        """Whether its head must be compared with the store's."""
        return self.room is not None and (bool(self.room.seats) or self.room.lives)

    @property
    def owes(self) -> bool:
        """Whether something was accepted and is not decided yet."""
        is_deciding = self.room is not None and (self.room._waiting or self.room._flight)
        return bool(self._is_busy or self._arrivals or is_deciding)

    # -- slow readers ----------------------------------------------------------------------------------------

    def stall(self, connection: str) -> None:
        """This member takes no broadcast for a while."""
        if self.room is not None and connection in self._audience:
            self._behind.setdefault(connection, self.room.head.version)

    def catch_up(self, connection: str) -> None:
        """It takes them again: one merged update brings it to where the room is."""
        after, listener = self._behind.pop(connection, None), self._audience.get(connection)
        if after is None or listener is None or self.room is None:
            return
        rows = self.room.missed(after, listener.client)
        if rows is None:
            self.node.close(self.node.peers[connection], CloseCode.SLOW_CONSUMER)
        elif rows:
            self.node.coverage.hit("a slow reader was caught up")
            listener.tell(Ops(self.document, rows))

    # -- the task --------------------------------------------------------------------------------------------

    def _turn(self) -> None:
        """Does the next thing, unless something is under way."""
        if self._is_busy:
            return
        if self.room is None:
            if self._arrivals:
                self._ask(lambda memory: memory.load(self.document), self._loaded)
            else:
                self.node.forget(self)
            return
        room = self.room
        while self._arrivals:
            _, seat, request = self._arrivals[0]
            if not room.knows(seat.client):
                self._look_up(seat)
                return
            self._arrivals.popleft()
            self._perform(room.enter(seat, request, None))
        while self._hints:
            before = room.head.version
            self._perform(room.follow(self._hints.popleft()))
            if room.head.version > before:
                self.node.coverage.hit("a hint was as good as the store")
        task, effects = room.next_task(self.node.now_ms)
        self._perform(effects)
        self.node.oracle.check_room(room)
        match task:
            case None:
                self._rest(room)
            case Commit():
                self._is_busy = True
                self._observe_batch(task)
                self.node.commit(task, lambda answer: self._committed(room, task, answer))
            case FetchNews():
                self._ask(
                    lambda memory: memory.news(self.document, task.version, task.changes, task.epoch),
                    self._news,
                )
            case FetchHistory():
                self._ask(
                    lambda memory: memory.ops(self.document, task.after, task.through),
                    self._history,
                )
            case FetchSongs():
                raise AssertionError("the kinds of this world admit any track")
            case Reload():
                self._ask(lambda memory: memory.load(self.document), self._reloaded)
            case _:
                assert_never(task)

    def _look_up(self, seat: Seat) -> None:
        self._ask(
            lambda memory: outcome(memory, self.document, seat.client),
            lambda settled: self._found(seat, settled),
        )

    def _ask(self, question: Question, answer: Answer, delay_us: int = RETRY_FIRST_US) -> None:
        """Asks the store until it answers."""
        self._is_busy = True

        def answered(result: Any) -> None:
            if isinstance(result, StoreError):
                self.node.later(delay_us, self._ask, question, answer, min(2 * delay_us, RETRY_LAST_US))
                return
            self._is_busy = False
            answer(result)
            self._turn()

        self.node.ask(question, answered)

    def _loaded(self, loaded: Loaded | None) -> None:
        assert loaded is not None, "nobody deletes the document of this world"
        self.room = Room(KINDS[loaded.head.kind], loaded)

    def _found(self, seat: Seat, settled: Settled | None) -> None:
        assert self.room is not None, "a room is unloaded only when nobody waits"
        if self._arrivals and self._arrivals[0][1] is seat:
            _, _, request = self._arrivals.popleft()
            self._perform(self.room.enter(seat, request, settled))

    def _committed(self, room: Room[Any], commit: Commit, answer: bool | StoreError) -> None:
        self._is_busy = False
        coverage = self.node.coverage
        if answer is True:
            self._perform(room.committed())
        elif answer is False:
            coverage.hit("a commit lost its race")
            self.node.oracle.observe_lost(commit)
            self._perform(room.lost(raced=True))
        else:
            if isinstance(answer, OutcomeUnknown):
                self.unknown = {(row.client_id, row.seq) for row in commit.settled}
            else:
                coverage.hit("the store was away for a commit")
            self._perform(room.lost(raced=False))
        self._turn()

    def _news(self, news: News | None) -> None:
        assert self.room is not None, "one thing at a time"
        if news is not None and self.unknown:
            found = {(row.client_id, row.seq) for row in news.settled} & self.unknown
            self.node.coverage.hit(
                "unknown, and it was committed" if found else "unknown, and it was not there"
            )
            self.unknown.clear()
        if news is not None and news.ops:
            self.node.coverage.hit("a gap was filled from the store")
        self._perform(self.room.receive_news(news))

    def _history(self, rows: list[OpRow]) -> None:
        assert self.room is not None, "one thing at a time"
        if rows:
            self.node.coverage.hit("older ops were read back")
        self._perform(self.room.receive_history(rows))

    def _reloaded(self, loaded: Loaded | None) -> None:
        assert self.room is not None, "one thing at a time"
        self.node.coverage.hit("a room was reloaded")
        self._perform(self.room.receive_load(loaded))

    def _rest(self, room: Room[Any]) -> None:
        """Nothing to do: wait for the room's timer, or for somebody to come back to an empty room."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due_ms = room.get_timer()
        if due_ms is not None:
            delay_us = max(0, due_ms - self.node.now_ms) * 1000
            self._timer = self.node.later(delay_us, self._timer_due, room)
        if room.is_idle and not self._lingers:
            self._lingers = True
            self.node.later(LINGER_US, self._linger_over, room)

    def _timer_due(self, room: Room[Any]) -> None:
        self.node.timers += 1
        if self.room is room:
            self._perform(room.handle_timer(self.node.now_ms))
            self._turn()

    def _linger_over(self, room: Room[Any]) -> None:
        self._lingers = False
        if self.room is not room or self._is_busy or self._arrivals:
            return
        if not room.is_idle:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        # From here on whoever comes waits among the arrivals, for the next life.
        self.room = None
        self.node.coverage.hit("an empty room was unloaded")
        effect = room.last_snapshot()
        if effect is None:
            self._turn()
        else:
            self._ask(self._saving(effect), lambda _: None)

    # -- effects ---------------------------------------------------------------------------------------------

    def _perform(self, effects: list[RoomEffect]) -> None:
        for effect in effects:
            match effect:
                case Broadcast():
                    for connection, listener in self._audience.items():
                        if connection not in self._behind:
                            listener.tell(effect.message)
                case Send():
                    self._send(effect)
                case Publish():
                    self.node.publish(effect)
                case Evict():
                    self._evict(effect.connection)
                case SaveSnapshot():
                    self.node.ask(self._saving(effect), lambda _: None)
                case _:
                    assert_never(effect)
        self._presence_soon()

    def _saving(self, effect: SaveSnapshot) -> Question:
        return lambda memory: memory.add_snapshot(self.document, effect.epoch, effect.snapshot)

    def _send(self, effect: Send) -> None:
        listener = self._listeners.get(effect.connection)
        if listener is None:
            return
        message = effect.message
        listener.tell(message)
        if isinstance(message, Opened):
            self._audience[listener.id] = listener
            self._behind.pop(listener.id, None)
        elif isinstance(message, Refused) and message.seq == 0:
            # Also if it was in the room before it asked again.
            if self.room is not None:
                self.room.leave(listener.id)
            self._evict(listener.id)

    def _evict(self, connection: str) -> None:
        listener = self._listeners.pop(connection, None)
        self._dismiss(connection)
        if listener is not None:
            listener.evicted(self.document)

    def _dismiss(self, connection: str) -> None:
        self._audience.pop(connection, None)
        self._behind.pop(connection, None)

    def _presence_soon(self) -> None:
        if not self._presence_due and self.room is not None and self.room.company.presences.has_news:
            self._presence_due = True
            self.node.later(PRESENCE_EVERY_US, self._send_presence)

    def _send_presence(self) -> None:
        self._presence_due = False
        message = self.room.company.presences.take() if self.room is not None else None
        if message is not None:
            for listener in self._audience.values():
                listener.tell(message)

    def _observe_batch(self, commit: Commit) -> None:
        coverage = self.node.coverage
        if len(commit.ops) > 1:
            coverage.hit("a batch of several ops")
        codes = [row.code for row in commit.settled]
        if any(codes) and len(codes) > 1:
            coverage.hit("a refusal stood in the middle of a batch")
        if "base_gone" in codes:
            coverage.hit("a compaction took the base of a submission")
        if "forbidden" in codes:
            coverage.hit("a role was revoked with an op in flight")
        if any(not row.code and row.version is not None for row in commit.settled) and len(commit.ops) < len(
            [row for row in commit.settled if not row.code]
        ):
            coverage.hit("a submission changed nothing")
