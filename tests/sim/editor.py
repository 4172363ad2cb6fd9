"""A person who edits a playlist.

The SDK's link with the real replica, and a hand that edits at random with so few names and places that people
keep meeting. Knows what was edited, so it can tell at the end whether every edit was applied or handed back.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from random import Random
from typing import Protocol

from collab.messages import Ack, Digest, Opened, Ops, Refused, ServerMessage, Submit
from collab.playlist import ADDED_AT_LEEWAY_MS
from ot.apply import inserted, removed
from ot.build import insert_at, move_range, remove_range, set_attribute, set_field
from ot.op import Op
from ot.undo import Direction
from ot.value import Entry
from tests.clients.desk import Shelf
from tests.sim.device import Device, Surroundings
from tests.sim.oracle import expect
from tests.sim.playlist_oracle import PlaylistOracle
from tutti_client import events as sdk
from tutti_client.errors import ReadOnly
from tutti_client.link import Link as Engine
from tutti_client.playlist_replica import PlaylistReplica
from tutti_client.store import Stored
from tutti_client.uids import Uids

# An editor stops inserting here: on a short list everybody touches the same entries.
LENGTH_MAX = 8


class MakeEngine(Protocol):
    """A link's constructor, in some language."""

    def __call__(
        self, client: str, user: str, uids_taken: int = 0, *, clock_offset_ms: int = 0, is_kept: bool = False
    ) -> Engine: ...


class Editor(Device):
    """One life of one device: a client id and a replica."""

    replica: PlaylistReplica

    def __init__(
        self,
        name: str,
        user: str,
        random: Random,
        around: Surroundings,
        oracle: PlaylistOracle,
        hand: Sequence[str],
        make_engine: MakeEngine = Engine,
    ) -> None:
        """`hand`: what the person does, to draw from."""
        super().__init__(name, user, random, around)
        self._hand = hand
        self._oracle = oracle
        self._make_engine = make_engine
        self._begin(make_engine(self._new_id(), user, is_kept=True))
        self._shelf = Shelf()
        self._inserts = 0
        self._shown = 0
        self._epoch = ""
        # Tracks by which an edit is recognised, wherever it went.
        self._waiting: dict[str, None] = {}
        self._acked: list[tuple[str, str, int]] = []

    def _begin(self, engine: Engine, stored: Stored | None = None) -> None:
        self.engine = engine
        self.replica, self.roster = engine.enter(self._document, stored)

    @property
    def now_ms(self) -> int:
        return self.events.now_us // 1000

    @property
    def server_ms(self) -> int:
        """The servers' time, as it believes."""
        return self.engine.server_ms(self.now_ms) + self.skew_ms

    # -- the disk --------------------------------------------------------------------------------------------

    def store(self) -> None:
        """What has to be on the disk of this device is."""
        write = self.replica.take_write()
        if write is not None:
            self._shelf.put(write, self._uids)

    @property
    def _uids(self) -> Uids:
        """As they stand now."""
        return Uids(self.engine.client, self.engine.uids_taken)

    def kill(self, *, drained: bool, server_learns_us: int) -> None:
        """The program dies, and is started again with what is on the disk. The device is offline."""
        self.go_offline(drained=drained, server_learns_us=server_learns_us)
        stored = self._shelf.stored
        if self.replica.closed is not None or self.is_gone:
            return
        self._coverage.hit("a device was killed and started again")
        # What is on the disk may be of an epoch that it had left already.
        self._epoch = ""
        known = self._known_tracks()
        uids = self._uids if stored is None else self._shelf.uids()
        offset_ms = self.engine.server_ms(0)
        engine = self._make_engine(
            uids.client, self.user, uids.taken, clock_offset_ms=offset_ms, is_kept=True
        )
        self._begin(engine, stored)
        here = {str(entry["track"]) for entry in self.replica.document.entries}
        for track in list(self._waiting):
            if track not in known and track not in here:
                # It was not on the disk, and nobody was told that it was.
                del self._waiting[track]
        self.check()

    # -- what arrives ----------------------------------------------------------------------------------------

    def _hear(self, message: ServerMessage) -> None:
        if isinstance(message, Refused):
            self._oracle.check_refusal(self.replica.client, message)
        self._observe(message)
        self._receive_events(self.engine.receive(message, self.now_ms))

    def _observe(self, message: ServerMessage) -> None:
        match message:
            case Ack() if (self.replica.client, message.seq) in self._oracle.history.op_ids:
                self._coverage.hit("a resend was answered")
            case Opened() | Ops() if any(row.count > 1 for row in message.ops):
                self._coverage.hit("a catch-up composed several ops")
            case Digest():
                self._coverage.hit("digests were compared")
            case _:
                pass

    def _happened(self, happened: Iterable[sdk.Event]) -> None:
        for event in happened:
            match event:
                case sdk.Acknowledged():
                    self._acked.append((self.replica.epoch, event.client, event.seq))
                    self._oracle.check_ack(*self._acked[-1])
                    if self.quits_on_ack:
                        self._trace(f"{self.name} quits for ever on the ack of {event.seq}")
                        self.quit()
                case sdk.Refusal():
                    self._coverage.hit("an edit was handed back")
                    if event.code == "entry_invalid":
                        self._check_invalid()
                    self._trace(f"{self.name} gets back {event.seq}: {event.code}")
                    self._hand_back(event.op)
                case sdk.Closed():
                    self._trace(f"{self.name} is shut out: {event.code}")
                    self._coverage.hit("a member was shut out")
                    self._waiting.clear()
                    self.quit()
                case sdk.Delayed():
                    self._coverage.hit("something had to wait and come again")
                case sdk.Diverged():
                    expect(
                        self.replica.client in self._oracle.confused,
                        f"{self.name} predicted something else than was committed at {event.version}",
                    )
                case sdk.Resynced():
                    self._trace(f"{self.name} takes a snapshot: {event.reason}")
                    if event.reason == "epoch":
                        self._coverage.hit("the epoch changed")
                    if not self.replica.is_synced:
                        self._coverage.hit("a pending queue survived a snapshot")
                case _:
                    pass

    def _check_invalid(self) -> None:
        """Only a backup may not know of the removal that an undo names; and one's clock may be far ahead."""
        if self.skew_ms > ADDED_AT_LEEWAY_MS:
            self._coverage.hit("an entry of the future was refused")
        else:
            has_past = len(self._oracle.histories) > 1
            expect(has_past, f"{self.name} was refused what an undo brings back, or its time")

    def _hand_back(self, op: Op) -> None:
        for entry in inserted(op):
            self._waiting.pop(str(entry["track"]), None)

    def pump(self) -> None:
        engine = self.engine
        if self.link is None:
            return
        if engine.renewal_is_due:
            self._trace(f"{self.name} goes on under a new client id")
            self._coverage.hit("a client id was renewed")
            self._receive_events(engine.renew(self._new_id()))
            self.last_sent = None
            self.drop(drained=True, server_learns_us=0)
            return
        messages = engine.outgoing(self.now_ms)
        self._receive_events(engine.take_events())
        if any(isinstance(message, Submit) for message in messages):
            self.store()
        for message in messages:
            if isinstance(message, Submit):
                if self.last_sent is not None and self.last_sent.seq == message.seq:
                    self._coverage.hit("a submission was sent again")
                self.last_sent = message
                self._trace(partial(_submits, self.name, message))
            self.link.send_up(message)
        due_ms = engine.get_timer()
        if due_ms is None:
            self._sleep()
        else:
            self._wake_in(int(due_ms) - self.now_ms)

    # -- what the person does --------------------------------------------------------------------------------

    def act(self, random: Random) -> None:
        replica = self.replica
        if self.is_gone or replica.engine is None or replica.closed is not None:
            return
        op = self._op(replica.document.entries, random)
        taken = [str(entry["track"]) for entry in removed(replica.document, op)]
        try:
            self._happened(replica.edit(op))
        except ReadOnly:
            return
        for entry in inserted(op):
            self._waiting[str(entry["track"])] = None
        for track in taken:
            # Inserted and removed before it was sent: nobody will ever hear of it.
            self._waiting.pop(track, None)
        self.check()
        self.pump()

    def take_back(self, direction: Direction) -> None:
        """Undoes or redoes."""
        replica = self.replica
        if self.is_gone or replica.engine is None or replica.closed is not None or replica.role == "viewer":
            return
        before = replica.document
        happened = replica.take_back(direction)
        for event in happened:
            if isinstance(event, sdk.Change):
                self._coverage.hit("an edit was undone" if direction == "undo" else "an edit was redone")
                self._trace(f"{self.name} takes back: {event.op}")
                if replica.engine.undecided:
                    self._coverage.hit("an entry came back undecided")
                for entry in inserted(event.op):
                    self._coverage.hit("an entry came back")
                    if not str(entry["track"]).startswith("first:"):
                        self._waiting[str(entry["track"])] = None
                for entry in removed(before, event.op):
                    self._waiting.pop(str(entry["track"]), None)
        self.check()
        self.pump()

    def _op(self, entries: list[Entry], draw: Random) -> Op:
        length = len(entries)
        kind = draw.choice(self._hand)
        if kind == "attribute":
            return set_attribute("description", draw.choice((None, "a", "b")))
        if kind == "bad":
            return set_attribute("colour", "red")
        if (kind == "insert" and length < LENGTH_MAX) or not length:
            return insert_at(length, draw.randint(0, length), [self._entry()])
        start = draw.randrange(length)
        n = min(draw.choice((1, 1, 2)), length - start)
        if kind == "field":
            return set_field(length, start, draw.choice(("note", "title")), draw.choice(("a", "b", None)))
        if kind == "move":
            return move_range(length, start, n, draw.randint(0, length))
        return remove_range(length, start, n)

    def _entry(self) -> Entry:
        self._inserts += 1
        return {
            "uid": self.replica.take_uid(),
            "track": f"{self.name}:{self._inserts}",
            "added_by": self.user,
            "added_at": self.server_ms,
        }

    def point(self) -> None:
        """Shows the others where this person looks."""
        self._shown += 1
        self.roster.show({"at": self._shown})
        self.pump()

    # -- what must hold --------------------------------------------------------------------------------------

    def check(self) -> None:
        replica = self.replica
        replica.check()
        if replica.engine is not None and replica.closed is None:
            self._oracle.check_client(replica.epoch, replica.version, replica.acked)
            if replica.epoch != self._epoch:
                is_newer = not self._epoch or self._oracle.age(replica.epoch) > self._oracle.age(self._epoch)
                expect(is_newer, f"{self.name} was sent back to an epoch that is over")
                self._epoch = replica.epoch

    def check_edits(self) -> None:
        """Each edit was applied or handed back."""
        known = self._known_tracks()
        lost = [track for track in self._waiting if track not in known]
        expect(not lost, f"{self.name} never heard again of {lost}")

    def _known_tracks(self) -> set[str]:
        known: set[str] = set()
        for history in self._oracle.histories.values():
            known |= history.tracks
        return known

    def check_acks(self) -> None:
        """What was acked is still there, in the epoch in which it was."""
        for epoch, client, seq in self._acked:
            self._oracle.check_ack(epoch, client, seq)


def _submits(name: str, message: Submit) -> str:
    return f"{name} submits {message.seq} on {message.base}: {message.op}"
