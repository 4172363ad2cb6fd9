"""A server of the world.

Does with sessions and rooms what `collab.connection` and `collab.hub` do, in virtual time. Whatever reaches
it comes through `happen`, so it can crash (what was under way is forgotten, sockets break) and be paused
(everything waits, as under SIGSTOP). Decides nothing by itself: the cores do.
"""

from collections.abc import Callable
from random import Random
from typing import Any, assert_never

from collab.closing import CloseCode
from collab.effects import (
    Authenticate,
    Close,
    Enter,
    Exit,
    Pass,
    PassPresence,
    PauseReading,
    Publish,
    Reply,
    SessionEffect,
)
from collab.errors import Refusal
from collab.ids import ID_BYTES, encode_id
from collab.messages import Body, ClientMessage, Goodbye, Hello, ServerMessage, Welcome
from collab.session import Rates, Session
from storage.rows import Commit
from storage.store import StoreError
from tests.lookups import owner
from tests.sim.coverage import Coverage
from tests.sim.draining import Draining
from tests.sim.errand import Done, SimErrand
from tests.sim.events import Event, Events
from tests.sim.machine import Machine
from tests.sim.minors import Minor
from tests.sim.network import Link
from tests.sim.oracle import Oracle, expect
from tests.sim.room_task import RoomTask
from tests.sim.store import Answer, Question, SimStore
from tests.sim.store_line import StoreLine

HEADS_EVERY_US = 1_000_000
TOKEN_LIFE_MS = 15 * 60 * 1000

_WELCOME = Welcome("", "", "", {}, 20_000, 0, 100, 5_000, 0)


class Peer:
    """One connection at the server's end: a listener of rooms."""

    def __init__(self, node: "SimNode", session: Session, link: Link) -> None:
        self.session = session
        self.link = link
        self.timer: Event | None = None
        self._node = node

    @property
    def id(self) -> str:
        return self.session.connection

    @property
    def client(self) -> str:
        return self.session.client

    def tell(self, message: ServerMessage) -> None:
        self._node.tell(self, message)

    def evicted(self, document: str) -> None:
        self.session.evicted(document)


class SimNode:
    """`publish` gives a hint to the bus. It tells the time of its `machine`."""

    def __init__(
        self,
        name: str,
        events: Events,
        random: Random,
        store: SimStore,
        oracle: Oracle[Any, Any],
        coverage: Coverage,
        publish: Callable[[Publish], None],
        machine: Machine,
    ) -> None:
        self.name = name
        self.machine = machine
        self.events = events
        self.random = random
        self.store = store
        self.line = StoreLine(events, store, coverage)
        self.oracle = oracle
        self.coverage = coverage
        self.publish = publish
        self.is_up = True
        # Whether clients reach it.
        self.is_reachable = True
        self.minor = Minor.NOW
        # How often its rooms were woken by their timers.
        self.timers = 0
        self.peers: dict[str, Peer] = {}
        self.rooms: dict[str, RoomTask] = {}
        self._life = 0
        self._held: list[tuple[Callable[..., None], tuple[Any, ...]]] | None = None
        self._connections = 0
        self._draining: Draining | None = None
        self._watch()

    @property
    def now_ms(self) -> int:
        return self.machine.now_ms

    # -- what happens to it ----------------------------------------------------------------------------------

    def happen(self, action: Callable[..., None]) -> Callable[..., None]:
        """`action` as the outside may call it: at once, after a pause, or never if the node died since."""
        life = self._life

        def deliver(*arguments: Any) -> None:
            if life != self._life:
                return
            if self._held is not None:
                self._held.append((deliver, arguments))
            else:
                action(*arguments)

        return deliver

    def crash(self) -> None:
        """All memory is gone, and every socket breaks."""
        self._life += 1
        self._held = None
        self._draining = None
        self.is_up = False
        for peer in self.peers.values():
            self.oracle.forget(peer.id)
            if peer.timer is not None:
                peer.timer.cancel()
            peer.link.cut(self.random.randint(0, 20_000), 0)
        self.peers.clear()
        self.rooms.clear()

    def start(self) -> None:
        self.is_up = True
        self.machine.boot()
        self._watch()

    def drain(self, stopped: Callable[[], None]) -> None:
        """It is told to stop; `stopped` is called when it has, unless it dies before."""
        if self.is_up and self._draining is None:
            self._draining = Draining(self, stopped)

    @property
    def is_draining(self) -> bool:
        return self._draining is not None

    def lose_clients(self, learns_us: int) -> None:
        """No client reaches it until `is_reachable` again; so long it does not know about those it has."""
        self.is_reachable = False
        for peer in self.peers.values():
            peer.link.cut(self.random.randint(0, 600_000), learns_us)

    def pause(self) -> None:
        if self._held is None:
            self._held = []

    def resume(self) -> None:
        held, self._held = self._held or [], None
        for deliver, arguments in held:
            deliver(*arguments)

    def ask(self, question: Question, answer: Answer) -> None:
        """Of the store; the answer comes unless this node dies."""
        self.line.ask(question, self.happen(answer))

    def commit(self, commit: Commit, answer: Answer) -> None:
        self.line.commit(commit, self.happen(answer))

    def later(self, delay_us: int, action: Callable[..., None], *arguments: Any) -> Event:
        return self.events.after(delay_us, self.happen(action), *arguments)

    def hear(self, hint: Publish) -> None:
        """Something from the bus."""
        room = self.rooms.get(hint.document)
        if room is not None:
            room.follow(hint)

    # -- sockets ---------------------------------------------------------------------------------------------

    def accept(self, link: Link) -> None:
        if self._draining is not None:
            link.send_down(Goodbye("drain", "This node stops; come back to another."))
            link.close_by_server()
            return
        self._connections += 1
        connection = f"{self.name}.{self._life}.{self._connections}"
        session = Session(connection, _WELCOME, Rates(), self.now_ms)
        peer = Peer(self, session, link)
        self.peers[connection] = peer
        link.to_server = self.happen(lambda message: self._receive(peer, message))
        link.server_cut = self.happen(lambda: self._gone(peer))
        self._arm(peer)

    def _receive(self, peer: Peer, message: ClientMessage) -> None:
        self._perform(peer, peer.session.receive(message, self.now_ms))
        if isinstance(message, Hello):
            self._arm(peer)

    def _perform(self, peer: Peer, effects: list[SessionEffect]) -> None:
        for effect in effects:
            match effect:
                case Pass():
                    self.room(effect.submission.room).submit(peer, effect.submission)
                case Reply():
                    self.tell(peer, effect.message)
                case PassPresence():
                    self.room(effect.presence.room).set_presence(peer.id, effect.presence)
                case Enter():
                    self.room(effect.request.room).enter(peer, effect.request)
                case Exit():
                    self.leave(effect.room, peer.id)
                case Authenticate():
                    self._authenticate(peer, effect)
                case PauseReading():
                    raise AssertionError("nobody in this world types that fast")
                case Close():
                    expect(effect.code is not CloseCode.TOKEN_EXPIRED, "a token ended after some seconds")
                    self.tell(peer, Goodbye(effect.code, effect.message, effect.retry_after_ms))
                    peer.link.close_by_server()
                    self._gone(peer)
                case _:
                    assert_never(effect)

    def _authenticate(self, peer: Peer, request: Authenticate) -> None:
        self.ask(
            lambda memory: owner(memory, request.client),
            lambda owner: self._authenticated(peer, request.token, owner),
        )

    def _authenticated(self, peer: Peer, user: str, owner: str | StoreError | None) -> None:
        """A token is the user's name here."""
        if peer.id not in self.peers:
            return
        now_ms = self.now_ms
        if isinstance(owner, StoreError):
            effects = peer.session.rejected(Refusal("unavailable", retry_after_ms=200))
        elif owner not in (None, user):
            effects = peer.session.rejected(Refusal("client_taken"))
        else:
            effects = peer.session.authenticated(user, user, now_ms + TOKEN_LIFE_MS, now_ms)
        self._perform(peer, effects)
        self._arm(peer)

    def _arm(self, peer: Peer) -> None:
        if peer.timer is not None:
            peer.timer.cancel()
        due_ms = peer.session.get_timer()
        if due_ms is not None and peer.id in self.peers:
            peer.timer = self.later(max(0, due_ms - self.now_ms) * 1000, self._timer_due, peer)

    def _timer_due(self, peer: Peer) -> None:
        self._perform(peer, peer.session.handle_timer(self.now_ms))
        self._arm(peer)

    def _gone(self, peer: Peer) -> None:
        if self.peers.pop(peer.id, None) is None:
            return
        peer.session.closed()
        if peer.timer is not None:
            peer.timer.cancel()
        for room in list(self.rooms.values()):
            room.leave(peer.id)
        self.oracle.forget(peer.id)

    def close(self, peer: Peer, code: CloseCode) -> None:
        """A room's wish: the client must come back."""
        self.tell(peer, Goodbye(code.name.lower(), "Come back."))
        peer.link.close_by_server()
        self._gone(peer)

    def tell(self, peer: Peer, message: ServerMessage) -> None:
        if peer.id in self.peers:
            self.oracle.told(peer.id, peer.session.client, message)
            peer.link.send_down(message)

    # -- rooms -----------------------------------------------------------------------------------------------

    def room(self, document: str) -> RoomTask:
        """The room of a document, in memory or about to be."""
        room = self.rooms.get(document)
        if room is None:
            room = self.rooms[document] = RoomTask(document, self)
        return room

    def leave(self, document: str, connection: str) -> None:
        room = self.rooms.get(document)
        if room is not None:
            room.leave(connection)

    def send_errand(self, document: str, user: str, body: Body, done: Done) -> None:
        """A change that the server makes for somebody; `done` is called unless this node dies."""
        SimErrand(self, encode_id(self.random.randbytes(ID_BYTES)), document, user, body, self.happen(done))

    def forget(self, room: RoomTask) -> None:
        """The room is unloaded."""
        del self.rooms[room.document]

    def _watch(self) -> None:
        """Compares the heads of rooms in which something may happen with the store's."""
        watched = [room.document for room in self.rooms.values() if room.is_followed]
        if watched:
            self.ask(lambda memory: memory.heads(watched), lambda heads: self._compare(watched, heads))
        self.events.after(HEADS_EVERY_US, self.happen(self._watch), patient=True)

    def _compare(self, watched: list[str], heads: Any) -> None:
        if isinstance(heads, StoreError):
            return
        for document in watched:
            room, head = self.rooms.get(document), heads.get(document)
            if room is not None and head is not None:
                room.hint(head.epoch, head.version, head.changes)
            elif room is not None:
                room.hint_absence()
