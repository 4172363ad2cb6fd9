"""One room under a test's hands.

The real room over the store in memory. Nothing happens by itself: a test submits, lets the room work, and
looks at what each connection was told. Between a question to the store and its answer a test may do anything.
"""

from collections import defaultdict
from collections.abc import Coroutine
from typing import Any, Self

import pytest

from collab import door, ledger
from collab.codec import pack_body
from collab.effects import (
    Broadcast,
    Evict,
    FetchHistory,
    FetchNews,
    Publish,
    Reload,
    RoomEffect,
    RoomTask,
    SaveSnapshot,
    Send,
)
from collab.kind import Kind
from collab.messages import Open, Opened, Ops, Refused, ServerMessage, Submit
from collab.playlist import Playlist
from collab.room import Room
from collab.seating import Seat
from ot.build import insert_at
from ot.op import Op, encode
from storage.memory import MemoryStore
from storage.rows import Commit, Settled
from tests.lookups import outcome

ROOM = "P" * 22
NOW_MS = 1_700_000_000_000


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """The result of a method of `MemoryStore`, which never waits."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("MemoryStore never waits")


def client_id(letter: str) -> str:
    return letter * 22


def entry(client: str, n: int, user: str = "ann", **fields: Any) -> dict[str, Any]:
    return {
        "uid": f"{client}.{n}",
        "track": "spotify:track:x",
        "added_by": user,
        "added_at": NOW_MS,
        **fields,
    }


def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that a short history meets."""
    monkeypatch.setattr(door, "CATCH_UP_MAX", 4)
    for name, limit in {
        "SINGLE_ROWS_MAX": 2,
        "DIGEST_EVERY": 3,
        "SNAPSHOT_EVERY": 3,
        "SNAPSHOT_EVERY_MAX": 0,
    }.items():
        monkeypatch.setattr(ledger, name, limit)


class Table:
    """A store with one document, and a room on it: a playlist of `length` entries, unless a subclass makes
    something else."""

    kind: Kind[Any] = Playlist()

    def __init__(self, length: int = 0, store: MemoryStore | None = None) -> None:
        self.store = store or MemoryStore()
        if store is None:
            self._create(length)
        self.now_ms = NOW_MS
        self.told: dict[str, list[ServerMessage]] = defaultdict(list)
        self.evicted: list[str] = []
        self.published: list[Publish] = []
        self.saved: list[SaveSnapshot] = []
        self.room: Room[Any] = Room(self.kind, run(self.store.load(ROOM)))

    def _create(self, length: int) -> None:
        entries = [entry("first", n) for n in range(length)]
        state = pack_body({"entries": entries, "attributes": {"name": "x"}, "removed": []})
        run(self.store.create_document(ROOM, "playlist", "e1", "ann", state, NOW_MS))
        run(self.store.set_member(ROOM, "bob", "editor"))
        run(self.store.set_member(ROOM, "eve", "viewer"))

    def another(self) -> Self:
        """A room of another node on the same document."""
        return type(self)(store=self.store)

    @property
    def uids(self) -> list[str]:
        return [str(entry["uid"]) for entry in self.room.state.view()["entries"]]

    # -- people ----------------------------------------------------------------------------------------------

    def enter(self, connection: str, client: str, user: str = "ann", **request: Any) -> None:
        """Opens the room, without waiting for what it wants to know first."""
        self.knock(connection, client, user, run(outcome(self.store, ROOM, client)), **request)

    def knock(
        self,
        connection: str,
        client: str,
        user: str,
        settled: Settled | None,
        is_vouched: bool = False,
        **request: Any,
    ) -> None:
        seat = Seat(connection, user, user.title(), client, not is_vouched, is_vouched)
        self.perform(self.room.enter(seat, Open(ROOM, **request), settled))

    def submit(self, connection: str, seq: int, base: int, op: Op | dict[str, Any]) -> None:
        body = encode(op) if isinstance(op, Op) else op
        self.perform(self.room.submit(connection, Submit(ROOM, seq, base, body)))

    def last(self, connection: str) -> ServerMessage:
        return self.told[connection][-1]

    def opened(self, connection: str) -> Opened:
        message = self.last(connection)
        assert isinstance(message, Opened)
        return message

    def versions(self, connection: str) -> list[int]:
        """Of the ops that were told one by one."""
        return [
            row.version
            for message in self.told[connection]
            if isinstance(message, Ops)
            for row in message.ops
        ]

    def refusal(self, connection: str) -> Refused:
        message = self.last(connection)
        assert isinstance(message, Refused)
        return message

    def grow(self, connection: str, client: str, n: int, user: str = "ann") -> None:
        """`n` inserts, one version each, under the client's next seqs."""
        for _ in range(n):
            settled = run(outcome(self.store, ROOM, client))
            seq = settled.seq + 1 if settled else 1
            op = insert_at(len(self.uids), 0, [entry(client, seq, user)])
            self.submit(connection, seq, self.room.head.version, op)
            self.work()

    # -- the edge's part -------------------------------------------------------------------------------------

    def next(self) -> RoomTask | None:
        task, effects = self.room.next_task(self.now_ms)
        self.perform(effects)
        self.room.check()
        return task

    def work(self) -> None:
        """Does whatever the room wants until it wants nothing."""
        while (task := self.next()) is not None:
            self.do(task)

    def do(self, task: RoomTask) -> None:
        match task:
            case Commit():
                [won] = run(self.store.commit([task]))
                self.perform(self.room.committed() if won else self.room.lost(raced=True))
            case FetchNews():
                news = run(self.store.news(ROOM, task.version, task.changes, task.epoch))
                self.perform(self.room.receive_news(news))
            case FetchHistory():
                rows = run(self.store.ops(ROOM, task.after, task.through))
                self.perform(self.room.receive_history(rows))
            case Reload():
                self.perform(self.room.receive_load(run(self.store.load(ROOM))))

    def perform(self, effects: list[RoomEffect]) -> None:
        for effect in effects:
            match effect:
                case Send():
                    self.told[effect.connection].append(effect.message)
                case Broadcast():
                    for connection in self.room.seats:
                        self.told[connection].append(effect.message)
                case Evict():
                    self.evicted.append(effect.connection)
                case Publish():
                    self.published.append(effect)
                case SaveSnapshot():
                    self.saved.append(effect)
        self.room.check()

    def keep_snapshot(self) -> None:
        """Stores the state, so that what came before can be forgotten."""
        saved = self.room.last_snapshot()
        if saved is not None:
            run(self.store.add_snapshot(ROOM, saved.epoch, saved.snapshot))
