"""What this client edits in one playlist, and what became of it.

Keeps an `ot.client.Engine`: edits show at once, wait composed as one op, and what was frozen of them is
carried over what others commit. Knows ops. Seqs and acks are counted by `submissions`.
"""

from collections.abc import Iterable
from typing import TypeGuard, assert_never

import msgspec

from collab.errors import CODES
from collab.messages import Body, Outcome, Row, Submit
from ot.apply import inserted
from ot.build import diff
from ot.client import Diverged, Engine, Inflight
from ot.digest import Digester
from ot.document import Document
from ot.op import COMPONENTS_MAX, IDENTITY, Op, OpError, decode, encode, is_identity
from ot.undo import Direction
from ot.value import Entry, Value
from tutti_client.events import Acknowledged, Change, Event, Refusal, Reloaded, Renamed
from tutti_client.store import Edited, Froze, Journal, Kept, KeptInflight, Received, Record, read_op
from tutti_client.submissions import Gap, Submissions
from tutti_client.uids import Uids
from tutti_client.unsaved import UNSAVED_BYTES_MAX, Unsaved


class Edits(Submissions):
    """See the module. What happens is written to `journal`, if there is one."""

    def __init__(
        self, engine: Engine, user: str, uids: Uids, last_seq: int, journal: Journal | None = None
    ) -> None:
        super().__init__(uids, last_seq)
        self.engine = engine
        self.journal = journal
        self._user = user
        self._unsaved = Unsaved()
        self._digester = Digester()

    @property
    def version(self) -> int:
        return self.engine.version

    @property
    def inflight_seq(self) -> int | None:
        inflight = self.engine.inflight
        return inflight.seq if inflight else None

    @property
    def pending(self) -> int:
        return self.engine.pending_edits

    @property
    def is_synced(self) -> bool:
        return self.engine.is_synced

    @property
    def settled(self) -> int:
        inflight = self.engine.inflight
        return self.made - self.engine.pending_edits - (inflight.edits if inflight else 0)

    def matches(self, digest: str) -> bool:
        return self._digester.digest(self.engine.acked) == digest

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
        self.made += 1
        self._unsaved.made(size, now_ms)
        return [Change(op, self.engine.version, self._user, own=True)]

    def freeze(self) -> list[Event]:
        """As `Submissions.freeze`: all that waits, as one. What has become larger than the server takes, as
        others cut it into pieces, is refused here: the server would end the session."""
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

    def message(self, room: str) -> Submit:
        inflight = self._expect_inflight()
        return Submit(room, inflight.seq, inflight.base, encode(inflight.op))

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

    def connected(self, server_ms: int) -> list[Event]:
        """No new entry that waits says that it was added later than `server_ms`, which is now: it was made
        while the server's time could only be guessed, and the server would refuse it. One that an undo brings
        back keeps the time that its removal is remembered by."""
        if not any(self._is_ahead(entry, server_ms) for entry in inserted(self.engine.pending)):
            return []
        self.engine.revise_unsent(
            lambda entry: {**entry, "added_at": server_ms} if self._is_ahead(entry, server_ms) else entry
        )
        self._changed()
        return [Reloaded(self.engine.version)]

    def _is_ahead(self, entry: Entry, server_ms: int) -> bool:
        added_at = entry.get("added_at")
        is_after = type(added_at) is int and added_at > server_ms
        return is_after and "was" not in entry and entry["uid"] not in self.engine.undecided

    # -- what became of them ---------------------------------------------------------------------------------

    def receive_row(self, row: Row) -> list[Event]:
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

    def _unchanged(self, seq: int, version: int) -> list[Event]:
        inflight = self._expect_inflight()
        self.engine.acknowledged_unchanged()
        self._changed()
        return [self._acknowledged(inflight, version, is_op=False)]

    def receive_refusal(self, seq: int, code: str, message: str, retry_after_ms: int = 0) -> list[Event]:
        """As `Submissions.receive_refusal`. An op whose base is gone was only too old: it goes out again on a
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

    # -- what takes the place of rows ------------------------------------------------------------------------

    def reset(self, state: Body, version: int, outcome: Outcome | None) -> list[Event]:
        document = document_of(state)
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

    def start_again(self, state: Body, version: int, outcome: Outcome | None) -> list[Event]:
        """As `Submissions.start_again`; the new history also knows inserts that stand."""
        document = document_of(state)
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
        if self.engine.inflight is not None:
            self._unsaved.requeued()
            self._ack_version = None
            self.engine.requeue()
            self._changed()

    def renew(self, uids: Uids) -> list[Event]:
        """As `Submissions.renew`; what waits to be inserted bears the new id's prefix."""
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
        self.made = kept.pending_edits + (inflight.edits if inflight else 0)
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
        self.made = self._unsaved_edits

    # -- small things ----------------------------------------------------------------------------------------

    @property
    def _unsaved_edits(self) -> int:
        return self.made - self.settled

    def _changed(self) -> None:
        if self.journal is not None:
            self.journal.changed()

    def _settled(self, seq: int) -> None:
        super()._settled(seq)
        self._unsaved.settled()

    def _expect_inflight(self) -> Inflight:
        assert self.engine.inflight is not None, "the caller asks only while something is in flight"
        return self.engine.inflight

    def _acknowledged(self, inflight: Inflight, version: int, *, is_op: bool | None) -> Acknowledged:
        return Acknowledged(self.client, inflight.seq, version, inflight.edits, inflight.base, is_op)

    def _from_others(self, visible: Op) -> list[Event]:
        return [] if is_identity(visible) else [Change(visible, self.engine.version, "", own=False)]

    def check(self) -> None:
        self.engine.check()
        self._check_seqs()
        self._unsaved.check(self._unsaved_edits, is_inflight=self.engine.inflight is not None)


def document_of(state: Body) -> Document:
    """The list in a snapshot. Raises Diverged if this is none."""
    entries, attributes = state.get("entries"), state.get("attributes")
    if not (isinstance(entries, list) and all(map(_is_entry, entries)) and _are_members(attributes)):
        raise Diverged("The snapshot is no playlist.")
    if len({entry["uid"] for entry in entries}) < len(entries):
        raise Diverged("The snapshot has an entry twice.")
    return Document(entries, attributes)


def _is_entry(entry: object) -> TypeGuard[Entry]:
    return _are_members(entry) and isinstance(entry.get("uid"), str)


def _are_members(members: object) -> TypeGuard[dict[str, Value]]:
    """A map without null, which deletes a member and is the value of none; all else the codec has checked."""
    return isinstance(members, dict) and None not in members.values()


def _packed(op: Op) -> bytes:
    return msgspec.msgpack.encode(encode(op))


def _fits(op: Op, about_bytes: int) -> bool:
    if len(op.components) > COMPONENTS_MAX:
        return False
    # Nearly always far below: measuring each op again would be for nothing.
    return about_bytes <= UNSAVED_BYTES_MAX // 2 or len(_packed(op)) <= UNSAVED_BYTES_MAX
