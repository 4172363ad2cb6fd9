"""A room and the people at it, joined by lists.

The real pure room over the store in memory, and real replicas; messages pass the real codec and wait in
lists until a script delivers them. Type, delay, deliver, converge.
"""

from collections.abc import Coroutine
from typing import Any, TypeVar

from collab.codec import Encoding, decode_client, decode_server, encode_message, join, pack_body
from collab.effects import Broadcast, Evict, FetchHistory, FetchNews, Reload, Send
from collab.messages import Open, Submit
from collab.playlist import Playlist, empty_playlist
from collab.room import Room
from collab.seating import Seat
from ot.build import insert_at, move_range, remove_range, set_attribute, set_field
from ot.op import Op
from ot.value import Entry
from storage.memory import MemoryStore
from storage.rows import Commit
from storage.store import StoreError
from tests.lookups import outcome
from tutti_client.events import Event
from tutti_client.playlist_replica import PlaylistReplica
from tutti_client.store import Journal, Stored, Write
from tutti_client.uids import Uids

T = TypeVar("T")

ROOM = "P" * 22
NOW_MS = 1_800_000_000_000


def done(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of a method of the store in memory, which never really awaits."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    raise AssertionError("the store in memory does not await")


def client_id(letter: str) -> str:
    return letter * 22


class Desk:
    """One node with one room. `people` are those who ever connected."""

    def __init__(self, store: MemoryStore | None = None) -> None:
        self.now_ms = NOW_MS
        self.people: list[Person] = []
        if store is None:
            store = MemoryStore()
            body = pack_body(empty_playlist({"name": "Friday"}))
            done(store.create_document(ROOM, "playlist", "epoch-1", "owner", body, NOW_MS))
        self.store = store
        self._connections: dict[str, Person] = {}
        self._serial = 0
        self.load()

    def load(self) -> None:
        loaded = done(self.store.load(ROOM))
        assert loaded is not None, "the script did not delete it"
        self.room: Room[Op] = Room(Playlist(), loaded)

    def restart(self) -> None:
        """The node dies with all that was not stored; another one takes over."""
        for person in self.people:
            person.lose_connection()
        self.load()

    # -- people ----------------------------------------------------------------------------------------------

    def person(self, letter: str, *, role: str = "editor") -> "Person":
        """Somebody new, connected, with the playlist open."""
        done(self.store.set_member(ROOM, letter, role))
        self.room.ask_for_news()
        self.serve()
        person = Person(self, letter)
        self.people.append(person)
        person.connect()
        person.sync()
        return person

    def connect(self, person: "Person") -> str:
        self._serial += 1
        connection = f"connection-{self._serial}"
        self._connections[connection] = person
        return connection

    def receive(self, connection: str, person: "Person", message: Open | Submit) -> None:
        payload = join([encode_message(message, Encoding.MSGPACK)], Encoding.MSGPACK)
        [message] = decode_client(payload, Encoding.MSGPACK, assembled=True).messages
        if isinstance(message, Open):
            seat = Seat(connection, person.letter, person.letter, person.replica.client)
            settled = done(outcome(self.store, ROOM, seat.client))
            self._perform(self.room.enter(seat, message, settled))
        else:
            self._perform(self.room.submit(connection, message))

    def disconnect(self, connection: str) -> None:
        self._connections.pop(connection, None)
        self._perform(self.room.leave(connection))

    # -- the room's edge -------------------------------------------------------------------------------------

    def serve(self) -> None:
        """Does what the room wants until it wants nothing."""
        for _ in range(1000):
            task, effects = self.room.next_task(self.now_ms)
            self._perform(effects)
            match task:
                case None:
                    return
                case Commit():
                    try:
                        won = done(self.store.commit([task]))[0]
                    except StoreError:
                        self._perform(self.room.lost(raced=False))
                    else:
                        self._perform(self.room.committed() if won else self.room.lost(raced=True))
                case FetchNews():
                    news = done(self.store.news(ROOM, task.version, task.changes, task.epoch))
                    self._perform(self.room.receive_news(news))
                case FetchHistory():
                    self._perform(
                        self.room.receive_history(done(self.store.ops(ROOM, task.after, task.through)))
                    )
                case Reload():
                    self._perform(self.room.receive_load(done(self.store.load(ROOM))))
            self.room.check()
        raise AssertionError("the room never comes to rest")

    def compare(self) -> None:
        """The room fell idle: it sends its digest."""
        self.now_ms += 10_000
        self._perform(self.room.handle_timer(self.now_ms))

    def set_role(self, letter: str, role: str | None) -> None:
        done(self.store.set_member(ROOM, letter, role))
        self.room.ask_for_news()
        self.serve()

    def _perform(self, effects: list[Any]) -> None:
        for effect in effects:
            if isinstance(effect, Send):
                self._tell(effect.connection, effect.message)
            elif isinstance(effect, Broadcast):
                for connection in list(self.room.seats):
                    self._tell(connection, effect.message)
            elif isinstance(effect, Evict):
                pass  # what was said before still arrives, and nothing after

    def _tell(self, connection: str, message: Any) -> None:
        person = self._connections.get(connection)
        if person is not None:
            payload = join([encode_message(message, Encoding.MSGPACK)], Encoding.MSGPACK)
            person.inbox += decode_server(payload, Encoding.MSGPACK).messages


class Shelf:
    """A disk of one room."""

    def __init__(self) -> None:
        self.stored: Stored | None = None
        self._client = ""
        self._uids_taken = 0
        self.is_unsaved = False
        self.wholes = 0

    def put(self, write: Write, uids: Uids) -> None:
        if write.whole is not None:
            self.wholes += 1
            self.stored = Stored(write.room, write.whole, ())
        assert self.stored is not None, "a whole comes first"
        records = (*self.stored.records, *write.records)
        self.stored = Stored(write.room, self.stored.whole, records)
        self.is_unsaved = write.is_unsaved
        self._client, self._uids_taken = uids.client, uids.taken

    def uids(self) -> Uids:
        """As they were when something was put here last."""
        return Uids(self._client, self._uids_taken)


class Person:
    """A replica with a connection made of two lists."""

    def __init__(self, desk: Desk, letter: str) -> None:
        self.desk = desk
        self.letter = letter
        self.uids = Uids(client_id(letter))
        self.replica = PlaylistReplica(ROOM, letter, self.uids, journal=Journal())
        self.shelf = Shelf()
        self.connection: str | None = None
        self.inbox: list[Any] = []
        self.outbox: list[Open | Submit] = []
        self.sent: list[Open | Submit] = []
        self.events: list[Event] = []
        self.hurry = False

    # -- the connection --------------------------------------------------------------------------------------

    def connect(self) -> None:
        self.connection = self.desk.connect(self)
        self.replica.connected()

    def lose_connection(self) -> None:
        """All that is under way in either direction is lost."""
        if self.connection is not None:
            self.desk.disconnect(self.connection)
        self.connection = None
        self.inbox.clear()
        self.outbox.clear()
        self.replica.disconnected()

    def write(self) -> None:
        """What the replica wants to send goes on its way."""
        if self.connection is not None:
            messages = self.replica.outgoing(self.desk.now_ms)
            self.keep()
            self.events += self.replica.take_events()
            self.outbox += messages
            self.sent += messages

    def arrive(self) -> None:
        """What is on its way to the server arrives there; nothing is decided yet."""
        messages, self.outbox = self.outbox, []
        for message in messages:
            assert self.connection is not None
            self.desk.receive(self.connection, self, message)

    def read(self, count: int | None = None) -> list[Event]:
        """Takes in what came, or the first `count` messages of it."""
        taken, self.inbox = self.inbox[:count], self.inbox[len(self.inbox[:count]) :]
        events: list[Event] = []
        for message in taken:
            events += self.replica.receive(message, self.desk.now_ms)
            self.replica.check()
        self.events += events
        return events

    def sync(self) -> list[Event]:
        """To and fro until this person has nothing more to say or to hear; waits where the replica does."""
        events: list[Event] = []
        for _ in range(100):
            self.write()
            if not self.outbox and not self.inbox:
                due_ms = self.replica.get_timer()
                if due_ms is None or self.connection is None:
                    return events
                self.desk.now_ms = max(self.desk.now_ms, due_ms)
            self.arrive()
            self.desk.serve()
            events += self.read()
        raise AssertionError("this person never comes to rest")

    def renew(self, letter: str) -> list[Event]:
        """Goes on under the client id that is made of this letter."""
        self.lose_connection()
        self.uids = Uids(client_id(letter))
        events = self.replica.renew(self.uids)
        self.events += events
        self.replica.check()
        self.connect()
        return events

    # -- the disk --------------------------------------------------------------------------------------------

    def keep(self, *, final: bool = False) -> None:
        """What has to be on the disk is."""
        write = self.replica.take_write(final=final)
        if write is not None:
            self.shelf.put(write, self.uids)

    def crash(self) -> None:
        """The program is killed and started again: only what is on the disk is left."""
        self.lose_connection()
        if self.shelf.stored is not None:
            self.uids = self.shelf.uids()
        self.replica = PlaylistReplica(ROOM, self.letter, self.uids, journal=Journal())
        if self.shelf.stored is not None:
            self.replica.resume(self.shelf.stored)
            self.replica.check()

    # -- typing ----------------------------------------------------------------------------------------------

    def edit(self, op: Op) -> None:
        """One step for `undo`, unless `hurry` says that it belongs to the one before."""
        self.events += self.replica.edit(op, self.desk.now_ms if self.hurry else None)
        self.replica.check()

    def insert(self, index: int, *titles: str) -> None:
        entries: list[Entry] = [
            {
                "uid": self.replica.take_uid(),
                "track": f"tutti:track:{title}",
                "title": title,
                "added_by": self.letter,
                "added_at": NOW_MS,
            }
            for title in titles
        ]
        self.edit(insert_at(self.length, index, entries))

    def append(self, *titles: str) -> None:
        self.insert(self.length, *titles)

    def remove(self, start: int, n: int = 1) -> None:
        self.edit(remove_range(self.length, start, n))

    def move(self, start: int, n: int, before: int) -> None:
        self.edit(move_range(self.length, start, n, before))

    def undo(self) -> bool:
        return self._taken_back(self.replica.take_back("undo"))

    def redo(self) -> bool:
        return self._taken_back(self.replica.take_back("redo"))

    @property
    def can_undo(self) -> bool:
        return self.replica.can_take_back("undo")

    @property
    def can_redo(self) -> bool:
        return self.replica.can_take_back("redo")

    def _taken_back(self, events: list[Event]) -> bool:
        self.events += events
        self.replica.check()
        return bool(events)

    def set_field(self, index: int, field: str, value: Any) -> None:
        self.edit(set_field(self.length, index, field, value))

    def edit_badly(self) -> None:
        """What the server refuses."""
        self.edit(set_attribute("colour", "red"))

    def rename(self, name: Any) -> None:
        self.edit(set_attribute("name", name))

    @property
    def length(self) -> int:
        return len(self.replica.document.entries)

    @property
    def titles(self) -> str:
        """What this person sees, a title after the other."""
        return "".join(str(entry.get("title")) for entry in self.replica.document.entries)

    def happened(self, kind: type[T]) -> list[T]:
        return [event for event in self.events if isinstance(event, kind)]

    def submits(self) -> list[Submit]:
        return [message for message in self.sent if isinstance(message, Submit)]


def settle(desk: Desk) -> None:
    """Everybody connects and talks until all are quiet."""
    for person in desk.people:
        if person.connection is None and person.replica.closed is None:
            person.connect()
    for _ in range(20):
        for person in desk.people:
            person.sync()
        if not any(person.inbox or person.outbox for person in desk.people):
            return
    raise AssertionError("these people never come to rest")


def assert_converged(desk: Desk) -> None:
    """Everybody sees what is stored, and nothing is unsaved."""
    settle(desk)
    state = desk.room.state.view()
    for person in desk.people:
        if person.replica.closed is None:
            assert person.replica.is_synced, f"{person.letter} has unsaved edits"
            assert person.replica.version == desk.room.head.version
            assert person.replica.document.entries == state["entries"]
            assert person.replica.document.attributes == state["attributes"]
