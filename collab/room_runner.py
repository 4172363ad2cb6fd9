"""A room's life at the edge.

One task loads a document, then does for its room whatever the room asks: commit, fetch, save; one thing at a
time, so a state change is never split by an await. What people do reaches the room directly, between two of
those awaits. The room lives while somebody is in it or something is under way, and dies in the same task.
"""

import asyncio
from typing import Any, assert_never

import structlog

from collab.ack_times import AckTimes
from collab.arrivals import Arrivals
from collab.batch import refused
from collab.breakers import NotNow
from collab.broadcast import Broadcaster
from collab.connection import Connection
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
from collab.house import House
from collab.listener import Listener, as_observer
from collab.load import Load
from collab.messages import Open, Opened, Ops, Refused, Row, SetPresence, Submit
from collab.patience import Patience
from collab.presence_relay import PresenceRelay
from collab.rivals import Rivals
from collab.room import Room
from collab.saver import Saver
from collab.seating import Seat
from storage.rows import Commit
from storage.store import OutcomeUnknown, StoreError

log = structlog.get_logger("tutti.room")

# A room outlives its last member by this, so that a page reload does not read the document again.
LINGER_S = 5.0
# Between two looks at what the room has to do: edits do not wait until a crowd is in.
ADMITTED_AT_ONCE = 8


class RoomRunner:
    """Runs one document's room."""

    def __init__(self, document: str, house: House) -> None:
        # No part holds this one, or a method of it: Python looks for cycles so seldom that thousands of rooms
        # which are over would wait in memory.
        self.document = document
        self._kinds = house.kinds
        self._store = house.store
        self._songs = house.songs
        self._committer = house.committer
        self._bus = bus = house.bus
        self._clock = clock = house.clock
        self._metrics = metrics = house.metrics
        self._room: Room[Any] | None = None
        self._listeners: dict[str, Listener] = {}
        self._arrivals = Arrivals()
        self._rivals = Rivals(clock)
        self._broadcaster = Broadcaster(document)
        self._ack_times = AckTimes(metrics.ack_seconds)
        self._wake = asyncio.Event()
        self._presence = PresenceRelay(document, bus, clock, self._broadcaster, metrics, self._wake.set)
        self._draining = asyncio.Event()
        self._saver = Saver(document, house.store)
        self._reads = house.perseverance.of(document, self._draining.is_set)
        self._commit_patience = Patience()
        self._asked: list[asyncio.Event] = []

    # -- what people do ---------------------------------------------------------------------------------

    @property
    def room(self) -> Room[Any] | None:
        """The room, once it is loaded."""
        return self._room

    def enter(self, listener: Listener, seat: Seat, request: Open) -> None:
        """Somebody opens the document; the answer follows once it is loaded."""
        room = self._room
        self._listeners[listener.id] = listener
        if room is not None and not _is_stranger(room, seat):
            self._perform(room.enter(seat, request, None))
        else:
            self._arrivals.add(listener, seat, request)
        self._wake.set()

    def leave(self, listener_id: str) -> None:
        self._listeners.pop(listener_id, None)
        self._broadcaster.remove(listener_id)
        self._arrivals.drop(listener_id)
        if self._room is not None:
            self._perform(self._room.leave(listener_id))
            self._presence.soon()
        self._wake.set()

    def submit(self, listener: Listener, request: Submit, load: Load | None = None) -> None:
        seat = None if self._room is None else self._room.seats.get(listener.id)
        if self._room is None or seat is None:
            listener.tell(refused(self.document, request.seq, Refusal("not_open", retry_after_ms=100)))
            return
        self._ack_times.received(seat.client, request.seq, self._clock.now_us())
        self._perform(self._room.submit(listener.id, request, load))
        self._wake.set()

    def withdraw(self, listener_id: str) -> bool:
        """Somebody does not want any more what they submitted. False: it may be written by now."""
        return self._room is not None and self._room.withdraw(listener_id)

    def set_presence(self, listener_id: str, request: SetPresence) -> None:
        room = self._room
        if room is not None:
            timer_ms = room.get_timer()
            self._perform(room.set_presence(listener_id, request))
            self._presence.soon()
            if room.get_timer() != timer_ms:
                self._wake.set()

    def catch_up(self, connection: Connection) -> None:
        self._broadcaster.catch_up(connection, self._missed)

    def hint(self, epoch: str, version: int, changes: int) -> None:
        """Somebody says where the document stands."""
        if self._room is not None:
            self._room.receive_hint(epoch, version, changes)
            self._wake.set()

    def distrust(self) -> None:
        """The document changed behind the room's back, or is gone: ask the store."""
        if self._room is not None:
            self._room.ask_for_news()
            self._wake.set()

    async def refreshed(self) -> None:
        """Returns when the room has asked the store anew and everyone in it was told."""
        if self._room is not None:
            self._asked.append(answered := asyncio.Event())
            self.distrust()
            await answered.wait()

    def drain(self) -> None:
        """Finish what is under way and end, members or not."""
        self._draining.set()
        self._wake.set()

    @property
    def is_followed(self) -> bool:
        """Whether its head must be compared with the store's."""
        return self._room is not None and (bool(self._room.seats) or self._room.lives)

    # -- the task ---------------------------------------------------------------------------------------

    @property
    def has_arrivals(self) -> bool:
        """Somebody came while the room was ending: run it again."""
        return bool(self._arrivals)

    async def run(self) -> None:
        """The room's whole life, from load to unload. May be run again afterwards, not before."""
        # Subscribed before loading: what is committed in between is hinted at, and the hint waits.
        await self._bus.subscribe(self.document, self._hinted)
        try:
            room = await self._load()
            if room is not None:
                await self._live(room)
        except Exception as error:
            # The one guard: a broken invariant closes this room, its members come back to a fresh one, and
            # the node lives.
            if isinstance(error, StoreError):
                # A node that drains gives up; what is undecided was not acknowledged and will come again.
                log.warning("room_given_up", room=self.document, error=str(error))
            else:
                log.exception("room_failed", room=self.document)
                self._metrics.room_failures.inc()
            for listener in list(self._listeners.values()):
                listener.failed(self.document)
            self._arrivals.clear()
        finally:
            self._room = None
            for answered in self._asked:
                answered.set()
            self._presence.end()
            await self._bus.unsubscribe(self.document)
            await self._saver.finish()

    async def _load(self) -> Room[Any] | None:
        try:
            loaded = await self._reads.load(lambda: self._store.load(self.document))
        except NotNow as later:
            self._refuse_arrivals(Refusal("unavailable", retry_after_ms=later.retry_after_ms))
            return None
        if loaded is None:
            self._refuse_arrivals(Refusal("not_found"))
            return None
        kind = self._kinds.get(loaded.head.kind)
        if kind is None:
            # Made by a newer program, beside this one during an upgrade.
            log.error("kind_unknown", room=self.document, kind=loaded.head.kind)
            self._refuse_arrivals(Refusal("unavailable", retry_after_ms=5000))
            return None
        self._room = Room(kind, loaded)
        if not self._clock.reach(self._room.state.at_ms):
            log.error("log_ahead_of_clock", room=self.document, hint="Is this machine's clock right?")
        self._presence.begin(self._room.company)
        log.info("room_loaded", room=self.document, version=loaded.head.version)
        return self._room

    def turn_away(self) -> None:
        """The node stops and this room has ended: whoever came meanwhile is told to go elsewhere."""
        self._refuse_arrivals(Refusal("unavailable", retry_after_ms=1000))

    def _refuse_arrivals(self, refusal: Refusal) -> None:
        for listener_id in self._arrivals.refuse(refusal):
            self._listeners.pop(listener_id, None)

    async def _live(self, room: Room[Any]) -> None:
        while True:
            self._wake.clear()
            if self._arrivals:
                await self._admit(room)
            if await self._work(room) or self._arrivals:
                continue
            if self._draining.is_set() or (room.is_idle and not await self._is_missed(room)):
                break
            await self._wait(room)
        # From here on whoever comes waits among the arrivals, for the next life.
        self._room = None
        self._broadcaster.flush()
        if (snapshot := room.last_snapshot()) is not None:
            self._saver.begin(snapshot)
            await self._saver.finish()
        log.info("room_unloaded", room=self.document, version=room.head.version)

    async def _admit(self, room: Room[Any]) -> None:
        """Lets in some of those who wait, each with the last outcome of their client id, and in a turn of the
        loop of their own: what they are told can be large."""
        arrivals = self._arrivals.first(ADMITTED_AT_ONCE)
        strangers = {seat.client for _, seat, _ in arrivals if _is_stranger(room, seat)}
        outcomes = await self._reads.outcomes(strangers)
        for arrival in arrivals:
            if self._arrivals.take(arrival):
                _, seat, request = arrival
                self._perform(room.enter(seat, request, outcomes.get(seat.client)))
                await asyncio.sleep(0)

    async def _work(self, room: Room[Any]) -> bool:
        """Does the next thing that the room wants. False: nothing."""
        await self._rivals.take_turn(room, self._perform)
        task, effects = room.next_task(self._clock.now_ms())
        for code in room.refused_proposals:
            self._metrics.refused_proposals.labels(code=code).inc()
        self._perform(effects)
        match task:
            case None:
                return False
            case Commit():
                await self._commit(room, task)
            case FetchNews():
                # Whoever asks from here on wants a later answer than this one.
                count = len(self._asked)
                news = await self._reads.ask(
                    lambda: self._store.news(self.document, task.version, task.changes, task.epoch)
                )
                if news is not None and news.ops:
                    self._rivals.learnt()
                self._perform(room.receive_news(news))
                for answered in self._asked[:count]:
                    answered.set()
                del self._asked[:count]
            case FetchHistory():
                rows = await self._reads.ask(lambda: self._store.ops(self.document, task.after, task.through))
                self._perform(room.receive_history(rows))
            case FetchSongs():
                songs = await self._reads.ask(lambda: self._songs(task.tracks))
                room.receive_songs(task, songs)
            case Reload():
                loaded = await self._reads.ask(lambda: self._store.load(self.document))
                self._perform(room.receive_load(loaded))
            case _:
                assert_never(task)
        return True

    async def _commit(self, room: Room[Any], commit: Commit) -> None:
        try:
            won = await self._committer.commit(commit)
        except StoreError as error:
            reason = "unknown" if isinstance(error, OutcomeUnknown) else "unavailable"
            log.warning("commit_unsettled", room=self.document, reason=reason)
            self._metrics.commit_retries.labels(reason=reason).inc()
            self._perform(room.lost(raced=False))
            if self._draining.is_set():
                raise
            # A disk that is full fails at once: without a pause the room would ask as fast as it can.
            await self._commit_patience.pause()
            return
        self._commit_patience.reset()
        if won:
            self._rivals.won()
            self._metrics.ops.inc(len(commit.ops))
            self._perform(room.committed())
            for versions in room.rebased_over:
                self._metrics.transforms_per_op.observe(versions)
        else:
            self._rivals.lost()
            self._metrics.commit_retries.labels(reason="lost").inc()
            self._perform(room.lost(raced=True))

    async def _wait(self, room: Room[Any], at_most_s: float | None = None) -> None:
        """Until something happens or the room's timer is due."""
        due_ms = room.get_timer()
        if due_ms is not None:
            due_s = max(0.0, (due_ms - self._clock.now_ms()) / 1000)
            at_most_s = due_s if at_most_s is None else min(at_most_s, due_s)
        try:
            async with asyncio.timeout(at_most_s):
                await self._wake.wait()
        except TimeoutError:
            self._perform(room.handle_timer(self._clock.now_ms()))

    async def _is_missed(self, room: Room[Any]) -> bool:
        """Waits a while for somebody to come back to an empty room. False: nobody did."""
        loop = asyncio.get_running_loop()
        until_s = loop.time() + LINGER_S
        while room.is_idle and not self._arrivals and not self._draining.is_set():
            left_s = until_s - loop.time()
            if left_s <= 0:
                return False
            self._wake.clear()
            await self._wait(room, left_s)
        return True

    # -- effects ----------------------------------------------------------------------------------------

    def _perform(self, effects: list[RoomEffect]) -> None:
        for effect in effects:
            match effect:
                case Broadcast():
                    if isinstance(effect.message, Ops):
                        self._ack_times.told(effect.message.ops, self._clock.now_us())
                    self._broadcaster.say(effect.message)
                case Send():
                    self._tell(effect)
                case Publish():
                    self._bus.publish(effect)
                case Evict():
                    self._broadcaster.remove(effect.connection)
                    if (listener := self._listeners.pop(effect.connection, None)) is not None:
                        listener.evicted(self.document)
                case SaveSnapshot():
                    self._saver.begin(effect)
                case _:
                    assert_never(effect)

    def _tell(self, effect: Send) -> None:
        listener = self._listeners.get(effect.connection)
        if listener is None:
            return
        # Whoever is told something has been told everything that came before it.
        self._broadcaster.flush()
        message = effect.message
        if isinstance(message, Opened):
            # What it missed before is in the answer, and not wanted again when its buffer drains.
            self._broadcaster.remove(listener.id)
        listener.tell(message)
        if isinstance(message, Opened):
            self._metrics.resyncs.labels(reason=message.reason).inc()
            if isinstance(listener, Connection):
                self._broadcaster.add(listener, message.version)
            else:
                self._broadcaster.observe(as_observer(listener))
            self._presence.soon()
        elif isinstance(message, Refused):
            self._metrics.refusals.labels(code=message.code).inc()
            if self._room is not None and (seat := self._room.seats.get(effect.connection)) is not None:
                self._ack_times.refused(seat.client, message.seq)
            if message.seq == 0:
                # Also if it was in the room before it asked again.
                self.leave(effect.connection)
                listener.evicted(self.document)

    def _missed(self, after: int, client: str) -> tuple[Row, ...] | None:
        return None if self._room is None else self._room.missed(after, client)

    def _hinted(self, hint: Publish | None) -> None:
        if hint is None:
            self.distrust()
        else:
            self._rivals.hear(hint)
            self._wake.set()


def _is_stranger(room: Room[Any], seat: Seat) -> bool:
    """Whether the store has to be asked for the last outcome of its client id."""
    return not (seat.is_new or room.knows(seat.client))
