"""What this client said, and what became of it.

Keeps an `ot.client.Engine` and the names of what it sends: one op at a time, under consecutive seqs of one
client id, each settled exactly once (committed, left without effect, or refused) before the next is frozen.
Knows committed rows, acks and outcomes. Does not know when to send or to open; what it cannot take in it
raises, and the replica asks the server anew.
"""

from collections.abc import Iterable
from typing import assert_never

import msgspec

from collab.errors import CODES
from collab.messages import Outcome, Row
from ot.apply import inserted
from ot.build import diff
from ot.client import Diverged, Engine, Inflight
from ot.document import Document
from ot.op import COMPONENTS_MAX, IDENTITY, Op, OpError, decode, encode, is_identity
from ot.undo import Direction
from ot.value import Entry
from tutti_client.events import Acknowledged, Change, Event, Refusal, Reloaded, Renamed
from tutti_client.store import Edited, Froze, Journal, Kept, KeptInflight, Received, Record, read_op
from tutti_client.uids import Uids
from tutti_client.unsaved import UNSAVED_BYTES_MAX, Unsaved


class Gap(Exception):
    """A version is missing before the one that came."""


class Adrift(Exception):
    """The server counted seqs under this client id that were never used here."""


class Submissions:
    """See the module. `last_seq` is the last one that this client id used in the room before. What happens is
    written to `journal`, if there is one."""

    def __init__(
        self, engine: Engine, user: str, uids: Uids, last_seq: int, journal: Journal | None = None
    ) -> None:
        self.engine = engine
        self.journal = journal
        self.edits_made = 0
        self._user = user
        self._uids = uids
        self._next_seq = last_seq + 1
        self._unsaved = Unsaved()
        # An ack may overtake rows that a slow connection gets later; it counts once they are here.
        self._ack_version: int | None = None

    @property
    def client(self) -> str:
        return self._uids.client

    @property
    def last_seq(self) -> int:
        """The last seq that was used, settled or not."""
        return self._next_seq - (0 if self.engine.inflight else 1)

    @property
    def edits_settled(self) -> int:
        """How many of `edits_made`, the oldest first, are durable or were handed back."""
        inflight = self.engine.inflight
        return self.edits_made - self.engine.pending_edits - (inflight.edits if inflight else 0)

    def edit(self, op: Op, now_ms: int | None = None) -> list[Event]:
        """Applies an op at once and queues it. Raises QueueFull or OpError; then nothing changed."""
        if is_identity(op):
            return []
        packed = _packed(op)
        self._unsaved.check_room(self._unsaved_edits, len(packed), now_ms)
        self.engine.edit(op, now_ms)
        if self.journal is not None:
            self.journal.edited(packed, now_ms)
        return self._made(op, len(packed), now_ms)

    def take_back(self, direction: Direction, now_ms: int | None = None) -> list[Event]:
        """Undoes or redoes a step, as one more edit. Raises QueueFull; then nothing changed."""

        def admit(op: Op) -> None:
            self._unsaved.check_room(self._unsaved_edits, len(_packed(op)), now_ms)

        op = self.engine.take_back(direction, self._uids, admit)
        if is_identity(op):
            return []
        self._changed()
        return self._made(op, len(_packed(op)), now_ms)

    def _made(self, op: Op, size: int, now_ms: int | None) -> list[Event]:
        self.edits_made += 1
        self._unsaved.made(size, now_ms)
        return [Change(op, self.engine.version, self._user, own=True)]

    def freeze(self) -> list[Event]:
        """Makes all that waits the submission in flight, if nothing is. What has become larger than the
        server takes, as others cut it into pieces, is refused here: the server would end the session."""
        if self.engine.inflight is not None:
            return []
        events = self._named(self._uids)
        if not self.engine.pending_edits:
            return events
        inflight = self._send()
        if self.journal is not None:
            self.journal.froze(self._next_seq, inflight.op if inflight else IDENTITY)
        if inflight is None or _fits(inflight.op, self._unsaved.inflight_bytes):
            return events
        return events + self._refuse(inflight, "op_too_large", CODES["op_too_large"].sentence)

    def _send(self, op: Op | None = None) -> Inflight | None:
        inflight = self.engine.send(self._next_seq, op)
        self._unsaved.sent()
        if inflight is None:
            self._unsaved.settled()
        return inflight

    def _named(self, uids: Uids) -> list[Event]:
        """Entries that came back while their removal was in flight, which it is no more, get their uids."""
        named = self.engine.name_restored(uids)
        if not named:
            return []
        self._changed()
        return [Renamed(named)]

    def not_after(self, server_ms: int) -> list[Event]:
        """No entry that waits says that it was added later than `server_ms`, which is now: it was made while
        the server's time could only be guessed, and the server would refuse it."""
        ahead = [entry for entry in inserted(self.engine.pending) if _is_after(entry, server_ms)]
        if not ahead:
            return []
        self.engine.revise_unsent(
            lambda entry: {**entry, "added_at": server_ms} if _is_after(entry, server_ms) else entry
        )
        self._changed()
        return [Reloaded(self.engine.version)]

    # -- what became of them ---------------------------------------------------------------------------------

    def receive_row(self, row: Row) -> list[Event]:
        """A committed row; one that is here already says nothing. Raises Gap, or Diverged if what was
        committed cannot be what this replica holds; then nothing changed."""
        engine = self.engine
        if row.version <= engine.version:
            return []
        if row.version - row.count != engine.version:
            raise Gap
        events: list[Event] = []
        inflight = engine.inflight
        try:
            op = decode(row.op)
            if inflight is not None and (row.client, row.seq) == (self.client, inflight.seq):
                visible = engine.receive_own(op, row.count)
                events.append(self._acknowledged(inflight, row.version, is_op=True))
                self._settled(inflight.seq)
            else:
                visible = engine.receive(op, row.count)
        except OpError as error:
            raise Diverged(str(error)) from error
        if self.journal is not None:
            self.journal.received(row)
        if not is_identity(visible):
            events.append(Change(visible, engine.version, row.author, own=row.client == self.client))
        return events

    def receive_ack(self, seq: int, version: int) -> list[Event]:
        """The answer to a resend, or to a submission of which nothing was left; the two look the same. If it
        is still in flight when all rows up to `version` are here, it was not among them. Raises Diverged."""
        inflight = self.engine.inflight
        if inflight is None or inflight.seq != seq:
            return []
        self._ack_version = version
        return self.settle_ack()

    def settle_ack(self) -> list[Event]:
        """Looks, after each row, whether an ack counts by now. Raises Diverged."""
        inflight, version = self.engine.inflight, self._ack_version
        if inflight is None or version is None or self.engine.version < version:
            return []
        self.engine.acknowledged_unchanged()
        self._settled(inflight.seq)
        self._changed()
        return [self._acknowledged(inflight, version, is_op=False)]

    def receive_refusal(self, seq: int, code: str, message: str) -> list[Event]:
        """A refusal that consumed the seq. An op whose base is gone was only too old: it goes out again on a
        newer one, under the next seq."""
        inflight = self.engine.inflight
        if inflight is None or inflight.seq != seq:
            return []
        if code == "base_gone":
            self.requeue()
            self._settled(seq)
            return []
        events = self._refuse(inflight, code, message)
        self._settled(seq)
        self._changed()
        return events

    def _refuse(self, inflight: Inflight, code: str, message: str) -> list[Event]:
        events: list[Event] = [
            Refusal(self.client, inflight.seq, code, message, inflight.rebased, inflight.edits)
        ]
        visible = self.engine.refuse()
        self._unsaved.settled()
        self._changed()
        if not is_identity(visible):
            events.append(Change(visible, self.engine.version, self._user, own=True))
        return events

    def receive_outcome(self, outcome: Outcome | None) -> list[Event]:
        """What the server says about the last seq, when all rows are here. Raises Diverged or Adrift."""
        inflight = self.engine.inflight
        if outcome is None:
            return []
        if inflight is None:
            if outcome.seq >= self._next_seq:
                self._next_seq = outcome.seq + 1
                self._changed()
            return []
        if outcome.seq < inflight.seq:
            return []
        if outcome.seq > inflight.seq:
            raise Adrift
        if outcome.version is not None:
            return self.receive_ack(outcome.seq, outcome.version)
        code = CODES.get(outcome.code)
        sentence = code.sentence if code else "The server refused this edit."
        return self.receive_refusal(outcome.seq, outcome.code, sentence)

    # -- what takes the place of rows ------------------------------------------------------------------------

    def reset(self, document: Document, version: int, outcome: Outcome | None) -> list[Event]:
        """A snapshot of the same history, with the outcome of the last seq as of then. Raises Adrift."""
        inflight = self.engine.inflight
        if inflight is None or outcome is None or outcome.seq != inflight.seq or outcome.version is None:
            events = self.receive_outcome(outcome)
            visible = self.engine.reset(document, version, own_committed=False)
        else:
            events = [self._acknowledged(inflight, outcome.version, is_op=None)]
            visible = self.engine.reset(document, version, own_committed=True)
            self._settled(inflight.seq)
        self._changed()
        return events + self._from_others(visible)

    def start_again(self, document: Document, version: int, outcome: Outcome | None) -> list[Event]:
        """A snapshot of another history. What is unsaved waits for a new client id, except what this history
        knows: the last seq if `outcome` names it (nobody else ever used it), and inserts that stand."""
        inflight = self.engine.inflight
        events: list[Event] = []
        known = outcome if inflight and outcome and outcome.seq == inflight.seq else None
        committed = known.version if known else None
        if committed is None:
            events += self.receive_outcome(known)
            self.requeue()
        visible = self.engine.reset(
            document, version, own_committed=committed is not None, drop_existing_uids=True
        )
        if inflight is not None and committed is not None:
            events.append(self._acknowledged(inflight, committed, is_op=None))
            self._settled(inflight.seq)
        self._changed()
        return events + self._from_others(visible)

    def requeue(self) -> None:
        """Takes what is in flight back to the front of what waits."""
        if self.engine.inflight is not None:
            self._unsaved.requeued()
            self._ack_version = None
            self.engine.requeue()
            self._changed()

    def renew(self, uids: Uids) -> list[Event]:
        """Goes on under a new client id: seqs from 1, and what waits to be inserted bears its prefix."""
        self._uids = uids
        self._next_seq = 1
        events = self._named(uids)
        renamed: dict[str, str] = {}

        def rename(uid: str) -> str:
            if uids.owns(uid):
                return uid
            # The queue may hold an entry more than once, on its way through several ops.
            if uid not in renamed:
                renamed[uid] = uids.take()
            return renamed[uid]

        self.engine.rename_unsent(rename)
        self._changed()
        return [*events, Renamed(renamed)] if renamed else events

    def unsaved(self) -> Op:
        """All that is not durable, as one op on the acknowledged list."""
        return IDENTITY if self.engine.is_synced else diff(self.engine.acked, self.engine.document)

    # -- what outlives the process ---------------------------------------------------------------------------

    def keep(self, epoch: str, role: str, needs_client: bool, is_restarting: bool) -> Kept:
        """The state as it is stored, with what the replica adds."""
        engine = self.engine
        return Kept(
            client=self.client,
            last_seq=self._next_seq - 1,
            version=engine.version,
            entries=engine.acked.entries,
            attributes=engine.acked.attributes,
            inflight=KeptInflight.of(engine.inflight),
            pending=[(size, encode(op)) for size, op in engine.pending_groups],
            pending_edits=engine.pending_edits,
            undecided=sorted(map(str, engine.undecided)),
            unsaved=self._unsaved,
            epoch=epoch,
            role=role,
            needs_client=needs_client,
            is_restarting=is_restarting,
        )

    def resume(self, kept: Kept, records: Iterable[Record]) -> None:
        """Goes on from what an earlier life kept, and from what it did since. Raises OpError."""
        inflight = kept.inflight.read() if kept.inflight else None
        groups = [(size, read_op(wire)) for size, wire in kept.pending]
        self.engine.resume(inflight, groups, kept.pending_edits, set(kept.undecided))
        self._unsaved = kept.unsaved
        self.edits_made = kept.pending_edits + (inflight.edits if inflight else 0)
        for record in records:
            match record:
                case Edited(now_ms, packed):
                    op = decode(msgspec.msgpack.decode(packed))
                    self.engine.edit(op, now_ms)
                    self._made(op, len(bytes(packed)), now_ms)
                case Froze(seq, wire):
                    if seq != self._next_seq:
                        raise Gap
                    self._send(read_op(wire))
                case Received(row):
                    self.receive_row(row)
                case _:
                    assert_never(record)
        self.edits_made = self._unsaved_edits

    # -- small things ----------------------------------------------------------------------------------------

    @property
    def _unsaved_edits(self) -> int:
        return self.edits_made - self.edits_settled

    def _changed(self) -> None:
        if self.journal is not None:
            self.journal.changed()

    def _settled(self, seq: int) -> None:
        self._next_seq = seq + 1
        self._ack_version = None
        self._unsaved.settled()

    def _acknowledged(self, inflight: Inflight, version: int, *, is_op: bool | None) -> Acknowledged:
        return Acknowledged(self.client, inflight.seq, version, inflight.edits, inflight.base, is_op)

    def _from_others(self, visible: Op) -> list[Event]:
        return [] if is_identity(visible) else [Change(visible, self.engine.version, "", own=False)]

    def check(self) -> None:
        """Asserts what must hold between any two calls."""
        self.engine.check()
        inflight = self.engine.inflight
        assert 0 <= self.edits_settled <= self.edits_made, "edits are settled once"
        assert inflight is None or inflight.seq == self._next_seq, "seqs are used one after the other"
        assert inflight is not None or self._ack_version is None, "an ack is for what is in flight"
        self._unsaved.check(self._unsaved_edits, is_inflight=inflight is not None)


def _packed(op: Op) -> bytes:
    return msgspec.msgpack.encode(encode(op))


def _is_after(entry: Entry, server_ms: int) -> bool:
    added_at = entry.get("added_at")
    return type(added_at) is int and added_at > server_ms


def _fits(op: Op, about_bytes: int) -> bool:
    if len(op.components) > COMPONENTS_MAX:
        return False
    # Nearly always far below: measuring each op again would be for nothing.
    return about_bytes <= UNSAVED_BYTES_MAX // 2 or len(_packed(op)) <= UNSAVED_BYTES_MAX
