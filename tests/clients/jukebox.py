"""A Jam so small that a test can foresee it, and the people at it, joined by lists.

The rules know entries and who likes them; a toy server decides commands anew on its newest state, counts seqs
and answers resends as `docs/PROTOCOL.md` says. The replicas are the real ones. Messages wait in lists until a
script delivers them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeVar

from collab.messages import Ack, Body, Digest, Open, Opened, Ops, Outcome, Refused, Row, Snapshot, Submit
from tests.clients.desk import client_id
from tutti_client.events import Accepted, Event, Rejected
from tutti_client.fold import By, Unfit
from tutti_client.jam_replica import JamReplica
from tutti_client.uids import Uids

T = TypeVar("T")
ROOM = "J" * 22


@dataclass(frozen=True)
class Box:
    """The entries, each with those who like it, in the order in which they were added."""

    at: int = 0
    likes: tuple[tuple[str, frozenset[str]], ...] = ()

    @property
    def order(self) -> list[str]:
        return [entry for entry, _ in sorted(self.likes, key=lambda liked: -len(liked[1]))]


class No(Exception):
    """The command is refused with this code."""


class BoxRules:
    """A `Fold`. `lies` makes it fold otherwise than the server does, as a program with a mistake would."""

    def __init__(self) -> None:
        self.lies = False
        self.predictions = 0

    def load(self, snapshot: Body) -> Box:
        try:
            likes = [(entry, frozenset(users)) for entry, users in snapshot["likes"]]
            return Box(snapshot["at"], tuple(likes))
        except KeyError as error:
            raise Unfit(str(error)) from error

    def dump(self, box: Box) -> Body:
        return {"at": box.at, "likes": [[entry, sorted(users)] for entry, users in box.likes]}

    def decide(self, box: Box, command: Body, user: str, at_ms: int) -> Body | None:
        """What the command becomes, without `order`. Raises No."""
        likes, entry = dict(box.likes), command["entry"]
        if command["do"] == "add":
            if entry in likes:
                raise No("entry_taken")
            happened = "added"
        elif entry not in likes:
            raise No("entry_gone")
        elif command["do"] == "remove":
            happened = "removed"
        elif user in likes[entry]:
            return None
        else:
            happened = "liked"
        return {"event": happened, "at": max(at_ms, box.at), "by": user, "entry": entry}

    def reduce(self, state: Box, event: Body) -> Box:
        likes, entry, by = dict(state.likes), event["entry"], event["by"]
        match event["event"]:
            case "added":
                likes[entry] = frozenset((by,))
            case "removed":
                del likes[entry]
            case "liked":
                likes[entry] |= {by}
            case unknown:
                raise Unfit(f"{unknown} is no event.")
        if self.lies:
            likes = dict(reversed(likes.items()))
        return Box(event["at"], tuple(likes.items()))

    def predict(self, state: Box, command: Body, by: By, at_ms: int) -> Box:
        self.predictions += 1
        try:
            event = self.decide(state, command, by.user, at_ms)
        except No:
            return state
        return state if event is None else self.reduce(state, event)

    def digest(self, state: Box) -> str:
        return sha256(repr(self.dump(state)).encode()).hexdigest()[:16]

    def order_digest(self, state: Box) -> str:
        return sha256(repr(state.order).encode()).hexdigest()[:16]

    def adds(self, command: Body) -> Sequence[str]:
        return [command["entry"]] if command["do"] == "add" else []

    def renamed(self, command: Body, names: Mapping[str, str]) -> Body:
        return {**command, "entry": names.get(command["entry"], command["entry"])}


class Jukebox:
    """The server. `history_from`: rows up to this version are no longer kept. `busy`: says "not now"."""

    def __init__(self) -> None:
        self.rules = BoxRules()
        self.epoch = "epoch-1"
        self.box = Box()
        self.log: list[Row] = []
        self.settled: dict[str, tuple[int, Body, int | str]] = {}
        self.history_from = 0
        self.busy = False
        self.now_ms = 1_000
        self.people: list[Guest] = []

    @property
    def version(self) -> int:
        return len(self.log)

    def person(self, letter: str) -> "Guest":
        """Somebody new, with the Jam open."""
        person = Guest(self, letter)
        self.people.append(person)
        person.connect()
        person.sync()
        return person

    def receive(self, person: "Guest", message: Open | Submit) -> None:
        if isinstance(message, Open):
            person.inbox.append(self._opened(person, message))
        elif self.busy:
            person.inbox.append(Refused(ROOM, message.seq, "busy", "Not now.", True, 50))
        else:
            self._submit(person, message)

    def _opened(self, person: "Guest", request: Open) -> Opened:
        person.is_in = True
        seq, _, how = self.settled.get(person.replica.client, (0, {}, ""))
        settled = Outcome(seq, how) if isinstance(how, int) else Outcome(seq, None, how)
        known = {"settled": settled if seq else None, "members": ()}
        if request.epoch == self.epoch and self.history_from <= request.version <= self.version:
            rows = tuple(self.log[request.version :])
            return Opened(ROOM, "jam", self.epoch, self.version, "guest", "resumed", rows, **known)
        state = Snapshot(self.rules.dump(self.box))
        reason = "epoch" if request.epoch not in ("", self.epoch) else "fresh"
        return Opened(ROOM, "jam", self.epoch, self.version, "guest", reason, snapshot=state, **known)

    def _submit(self, person: "Guest", submit: Submit) -> None:
        client = person.replica.client
        last, body, how = self.settled.get(client, (0, {}, ""))
        if submit.seq == last:
            if body != submit.op:
                answer: Any = Refused(ROOM, submit.seq, "seq_reused", "Another body.")
            elif isinstance(how, int):
                answer = Ack(ROOM, submit.seq, how)
            else:
                answer = Refused(ROOM, submit.seq, how, "No.")
            person.inbox.append(answer)
            return
        if submit.seq != last + 1:
            person.inbox.append(Refused(ROOM, submit.seq, "seq_gap", "A gap."))
            return
        try:
            event = self.rules.decide(self.box, submit.op, person.letter, self.now_ms)
        except No as no:
            self.settled[client] = (submit.seq, submit.op, str(no))
            person.inbox.append(Refused(ROOM, submit.seq, str(no), "No.", False, 700))
            return
        if event is None:
            self.settled[client] = (submit.seq, submit.op, self.version)
            person.inbox.append(Ack(ROOM, submit.seq, self.version))
            return
        self.settled[client] = (submit.seq, submit.op, self.version + 1)
        self.commit(event, client, submit.seq, person.letter)

    def commit(self, event: Body, client: str = "server:room", seq: int = 0, author: str = "") -> None:
        self.now_ms += 10
        self.box = self.rules.reduce(self.box, event)
        event = {**event, "order": self.rules.order_digest(self.box)}
        self.log.append(Row(self.version + 1, client, seq or self.version + 1, author, event))
        self.tell(Ops(ROOM, (self.log[-1],)))

    def tell(self, message: Any) -> None:
        for person in self.people:
            if person.is_in:
                person.inbox.append(message)

    def compare(self) -> None:
        self.tell(Digest(ROOM, self.version, self.rules.digest(self.box)))

    def restore(self, version: int) -> None:
        """A backup takes the place of everything since `version`."""
        self.epoch += "+"
        del self.log[version:]
        self.box = Box()
        for row in self.log:
            self.box = self.rules.reduce(self.box, row.op)
        for client, (_, _, how) in list(self.settled.items()):
            if isinstance(how, int) and how > version:
                del self.settled[client]


class Guest:
    """A replica with a connection made of two lists."""

    def __init__(self, box: Jukebox, letter: str) -> None:
        self.box = box
        self.letter = letter
        self.uids = Uids(client_id(letter))
        self.rules = BoxRules()
        self.replica = JamReplica(ROOM, letter, self.uids, self.rules)
        self.is_in = False
        self.is_connected = False
        self.inbox: list[Any] = []
        self.outbox: list[Open | Submit] = []
        self.sent: list[Open | Submit] = []
        self.events: list[Event] = []
        self.added = 0

    def connect(self) -> None:
        self.is_connected = True
        self.replica.connected()

    def lose_connection(self) -> None:
        """All that is under way in either direction is lost."""
        self.is_in = self.is_connected = False
        self.inbox.clear()
        self.outbox.clear()
        self.replica.disconnected()

    def write(self) -> None:
        if self.is_connected:
            messages = self.replica.outgoing(self.box.now_ms)
            self.outbox += messages
            self.sent += messages

    def arrive(self) -> None:
        messages, self.outbox = self.outbox, []
        for message in messages:
            self.box.receive(self, message)

    def read(self) -> None:
        messages, self.inbox = self.inbox, []
        for message in messages:
            self.events += self.replica.receive(message, self.box.now_ms)
            self.replica.check()

    def sync(self) -> None:
        """To and fro until this person has nothing more to say or to hear; waits where the replica does."""
        for _ in range(2_000):
            self.write()
            if not self.outbox and not self.inbox:
                due_ms = self.replica.get_timer()
                if due_ms is None or not self.is_connected:
                    return
                self.box.now_ms = max(self.box.now_ms, due_ms)
            self.arrive()
            self.read()
        raise AssertionError("this person never comes to rest")

    def renew(self, letter: str) -> None:
        """Goes on under the client id that is made of this letter."""
        self.lose_connection()
        self.uids = Uids(client_id(letter))
        self.events += self.replica.renew(self.uids)
        self.replica.check()
        self.connect()

    # -- what a person does ----------------------------------------------------------------------------------

    def give(self, do: str, entry: str) -> int:
        number = self.replica.give({"do": do, "entry": entry}, self.box.now_ms)
        self.replica.check()
        return number

    def add(self) -> str:
        uid = self.replica.take_uid()
        self.give("add", uid)
        self.added += 1
        return uid

    @property
    def order(self) -> list[str]:
        """What this person sees."""
        assert self.replica.state is not None, "it is loaded"
        return self.replica.state.order

    def happened(self, kind: type[T]) -> list[T]:
        return [event for event in self.events if isinstance(event, kind)]

    def submits(self) -> list[Submit]:
        return [message for message in self.sent if isinstance(message, Submit)]


def assert_converged(box: Jukebox) -> None:
    """Everybody comes back, talks until all are quiet, and holds what the server holds."""
    for person in box.people:
        if not person.is_connected:
            person.connect()
    for _ in range(20):
        for person in box.people:
            person.sync()
        if not any(person.inbox or person.outbox for person in box.people):
            break
    for person in box.people:
        assert person.replica.is_synced
        assert person.replica.version == box.version
        assert person.replica.state == person.replica.committed == box.box


def two(box: Jukebox) -> tuple[Guest, Guest]:
    return box.person("A"), box.person("B")


def outcomes(person: Guest) -> list[tuple[int, bool | str | None]]:
    """How each command ended, in the order in which it was heard."""
    return [
        (event.number, event.is_event if isinstance(event, Accepted) else event.code)
        for event in person.events
        if isinstance(event, Accepted | Rejected)
    ]
