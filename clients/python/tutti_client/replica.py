"""One playlist on one client, as the wire sees it.

Opens and resumes a room, says when the next submission leaves, takes in what was committed, and repairs
itself when something is missing or differs (`standing` draws its phases).

Feed it with `receive`; after every call ask `outgoing` for what to send, now and at `get_timer`. Nothing is
lost on the way: what was sent is sent again in the same bytes until the server says what became of it. After
a new epoch, or with a seq that cannot be settled, a new client id is needed: then `needs_client` is set,
nothing leaves, and the caller says `renew` and connects under the new id.

Pure: ids and `now_ms` (any clock that never steps back) are arguments. Does not know sockets or other rooms.
"""

from collections.abc import Sequence
from functools import partial
from typing import Final, Literal, assert_never

from collab.errors import CODES
from collab.messages import Ack, Digest, Open, Opened, Ops, Refused, RoleChanged, Row, Submit
from ot.client import Diverged as EngineDiverged
from ot.client import Engine
from ot.digest import Digester
from ot.document import EMPTY, Document
from ot.op import IDENTITY, Op, encode
from ot.undo import Direction, UndoStack
from tutti_client.errors import PlaylistClosed, ReadOnly
from tutti_client.events import Acknowledged, Closed, Delayed, Diverged, Event, Reloaded, Resynced, RoleSet
from tutti_client.revival import revived
from tutti_client.standing import Phase, Standing
from tutti_client.store import Journal, Stored, Write
from tutti_client.submissions import Adrift, Gap, Submissions
from tutti_client.uids import Uids

Status = Literal["pending", "sent", "durable"]
RoomMessage = Opened | Ops | Ack | Refused | Digest | RoleChanged

_ABOUT_THE_SEQ: Final = frozenset(("seq_reused", "seq_gap", "already_settled"))


class Replica:
    """See the module. `check` asserts what must always hold."""

    def __init__(
        self, room: str, user: str, uids: Uids, last_seq: int = 0, *, journal: Journal | None = None
    ) -> None:
        """`last_seq`: the last one that an earlier replica of this room used under the same client id. With a
        `journal` it notes what has to be written down (see `take_write`)."""
        self.room = room
        self.user = user
        self.role = ""
        self.epoch = ""
        self.divergences = 0
        self.needs_client = False
        self.closed: Closed | None = None
        self._uids = uids
        self._last_seq = last_seq
        self._undo = UndoStack()
        self._journal = journal
        self._submissions: Submissions | None = None
        self._standing = Standing()
        self._is_restarting = False
        self._digester = Digester()
        self._unreported: list[Event] = []

    # -- what the user sees and does -------------------------------------------------------------------------

    @property
    def client(self) -> str:
        """The client id under which this replica submits."""
        return self._uids.client

    @property
    def engine(self) -> Engine | None:
        """The engine, once the playlist is loaded; for looking, not for changing."""
        return None if self._submissions is None else self._submissions.engine

    @property
    def document(self) -> Document:
        """What the user sees; empty until it is loaded."""
        return EMPTY if self._submissions is None else self._submissions.engine.document

    @property
    def acked(self) -> Document:
        """The committed state at `version`."""
        return EMPTY if self._submissions is None else self._submissions.engine.acked

    @property
    def version(self) -> int:
        """The last version that arrived; -1 until it is loaded."""
        return -1 if self._submissions is None else self._submissions.engine.version

    @property
    def is_open(self) -> bool:
        """Whether the room is open on the connection that stands now."""
        return self._standing.phase is Phase.OPEN

    @property
    def is_synced(self) -> bool:
        """Whether everything that the user sees is durable."""
        return self._submissions is None or self._submissions.engine.is_synced

    @property
    def status(self) -> Status:
        """How far the newest edit got: queued here, on its way on a connection that stands, or durable."""
        engine = self.engine
        if engine is None or engine.is_synced:
            return "durable"
        return "sent" if self._standing.is_sent and not engine.pending_edits else "pending"

    @property
    def last_seq(self) -> int:
        """The last seq that was used under this client id, as far as this replica knows."""
        return self._last_seq if self._submissions is None else self._submissions.last_seq

    @property
    def has_inflight(self) -> bool:
        """Whether a submission is under way whose outcome is not known."""
        return self._submissions is not None and self._submissions.engine.inflight is not None

    @property
    def edits_made(self) -> int:
        return 0 if self._submissions is None else self._submissions.edits_made

    @property
    def edits_settled(self) -> int:
        """How many of `edits_made`, the oldest first, are durable or were handed back."""
        return 0 if self._submissions is None else self._submissions.edits_settled

    def take_uid(self) -> str:
        """A uid for an entry that is about to be inserted."""
        return self._uids.take()

    def edit(self, op: Op, now_ms: int | None = None) -> list[Event]:
        """Applies an op to `document` at once and queues it. With `now_ms`, of any clock, it belongs to the
        same step for `undo` as the edit before it if the two are close together.

        Raises PlaylistClosed, ReadOnly, QueueFull, or OpError if the op does not fit the list; then nothing
        changed.
        """
        return self._editable().edit(op, now_ms)

    def take_back(self, direction: Direction, now_ms: int | None = None) -> list[Event]:
        """Undoes the newest step of own edits, as one more edit, or does again what was undone last; what
        others decided since stands. Nothing if there is none. Raises as `edit` does."""
        return self._editable().take_back(direction, now_ms)

    def can_take_back(self, direction: Direction) -> bool:
        return self.engine is not None and self.engine.can_take_back(direction)

    def end_step(self) -> None:
        """The next edit begins a new step for `undo`, however soon it comes."""
        self._undo.end_step()

    def _editable(self) -> Submissions:
        if self.closed is not None:
            raise PlaylistClosed(self.closed.code, self.closed.message, self.closed.op)
        if self._submissions is None:
            raise PlaylistClosed("not_open", "The playlist is not loaded yet.")
        if self.role == "viewer":
            raise ReadOnly("A viewer cannot edit this playlist.")
        return self._submissions

    # -- what outlives the process ---------------------------------------------------------------------------

    def resume(self, stored: Stored) -> None:
        """Goes on where an earlier replica stood when `stored` was written. Raises Unreadable."""
        assert self._submissions is None, "a life begins once"
        kept, submissions = revived(stored, self.user, self._uids, self._undo)
        if self._journal is not None:
            self._journal.resumed(stored)
        submissions.journal = self._journal
        self._submissions = submissions
        self.epoch, self.role = kept.epoch, kept.role
        self.needs_client, self._is_restarting = kept.needs_client, kept.is_restarting
        self._standing.wants_snapshot = kept.is_restarting

    def take_write(self, *, final: bool = False) -> Write | None:
        """What is to be written now, before anything that `outgoing` gave is sent. `final`: also what could
        wait."""
        journal, submissions = self._journal, self._submissions
        if journal is None or submissions is None or self.closed is not None:
            return None
        is_unsaved = not submissions.engine.is_synced or self.needs_client
        if not final and not journal.is_due(is_unsaved=is_unsaved):
            return None
        keep = partial(submissions.keep, self.epoch, self.role, self.needs_client, self._is_restarting)
        return journal.take(self.room, keep, is_unsaved=is_unsaved)

    # -- the connection --------------------------------------------------------------------------------------

    def connected(self, server_ms: int | None = None) -> list[Event]:
        """A session stands under `client`, at this wall time of the server; the room may be opened."""
        self._standing.connected()
        if server_ms is None or self._submissions is None or self.closed is not None:
            return []
        return self._submissions.not_after(server_ms)

    def disconnected(self) -> None:
        """The session is over. What is in flight goes out again on the next one."""
        self._standing.disconnected()

    def renew(self, uids: Uids) -> list[Event]:
        """Goes on under a new client id, seqs from 1. Nothing may be in flight; `connected` comes next."""
        assert not self.has_inflight, "the caller waits until what is in flight under the old id is settled"
        self._uids = uids
        self.needs_client = False
        self._last_seq = 0
        self.disconnected()
        return [] if self._submissions is None else self._submissions.renew(uids)

    def open_message(self) -> Open:
        """How the room is opened now: where this replica stands, or from scratch."""
        engine = self.engine
        inflight = engine.inflight if engine else None
        seq = inflight.seq if inflight else 0
        if engine is None or self._standing.wants_snapshot:
            return Open(self.room, inflight=seq)
        return Open(self.room, self.epoch, engine.version, seq)

    def outgoing(self, now_ms: int, *, freeze: bool = True) -> list[Open | Submit]:
        """What to send now, in order. Taking it counts as sending it.

        `freeze=False` starts no new submission, but settles the one in flight: for a caller that wants to
        `renew` all replicas of a connection.
        """
        standing = self._standing
        if now_ms < standing.due_ms:
            return []
        if standing.phase is Phase.DUE:
            standing.opening()
            return [self.open_message()]
        if standing.phase is not Phase.OPEN or self._submissions is None:
            return []
        if freeze and not self.needs_client and not self.has_inflight:
            self._unreported += self._submissions.freeze()
            standing.is_sent = False
        inflight = self._submissions.engine.inflight
        if inflight is None or standing.is_sent:
            return []
        standing.is_sent = True
        return [Submit(self.room, inflight.seq, inflight.base, encode(inflight.op))]

    def take_events(self) -> list[Event]:
        """What happened in `outgoing`: an op that had become too large to be sent was handed back."""
        events, self._unreported = self._unreported, []
        return events

    def get_timer(self) -> int | None:
        """When `outgoing` has something that it does not have now, in ms; None: not by waiting."""
        standing = self._standing
        resends = standing.phase is Phase.OPEN and self.has_inflight and not standing.is_sent
        return standing.due_ms if resends or standing.phase is Phase.DUE else None

    # -- what arrives ----------------------------------------------------------------------------------------

    def receive(self, message: RoomMessage, now_ms: int) -> list[Event]:
        """One message of this room, from the connection that stands now, in the order of the wire."""
        events: list[Event] = []
        if isinstance(message, RoleChanged):
            self._receive_role(message.role, events)
        elif self._standing.phase in (Phase.OPENING, Phase.OPEN):
            try:
                self._receive(message, now_ms, events)
            except Gap:
                self._standing.open_anew(now_ms)
            except EngineDiverged:
                self.divergences += 1
                events.append(Diverged(self.version))
                self._standing.open_anew(now_ms, from_scratch=True)
            except Adrift:
                self._restart(now_ms)
        # In any other phase it answers what was asked before this replica decided to open anew.
        return events

    def _receive(
        self, message: Opened | Ops | Ack | Refused | Digest, now_ms: int, events: list[Event]
    ) -> None:
        """Appends to `events` as it goes, so that what happened before trouble is reported too."""
        submissions = self._submissions
        match message:
            case Opened():
                self._receive_opened(message, events)
            case Refused():
                self._receive_refused(message, now_ms, events)
            case Ack():
                if submissions is not None:
                    events += submissions.receive_ack(message.seq, message.version)
                    self._standing.made_progress()
            case Ops():
                # While an `open` is under way its answer will hold them.
                if submissions is not None and self._standing.phase is Phase.OPEN:
                    self._receive_rows(submissions, message.ops, events)
            case Digest():
                if self._standing.phase is Phase.OPEN:
                    self._compare(message)
            case _:
                assert_never(message)

    def _receive_opened(self, message: Opened, events: list[Event]) -> None:
        submissions = self._submissions
        if message.snapshot is None and (self._standing.wants_snapshot or message.epoch != self.epoch):
            # The answer to an earlier `open`; the one that was asked for since is under way.
            return
        self._standing.opened()
        self._receive_role(message.role, events)
        if message.snapshot is None:
            assert submissions is not None, "without a state this replica wants a snapshot"
            self._receive_rows(submissions, message.ops, events)
            if self.version < message.version:
                raise Gap
            events += submissions.receive_outcome(message.settled)
            return
        self._standing.wants_snapshot = False
        document = Document(message.snapshot.state["entries"], message.snapshot.state["attributes"])
        if submissions is None:
            last_seq = max(self._last_seq, message.settled.seq if message.settled else 0)
            engine = Engine(document, message.version, self._undo)
            self._submissions = Submissions(engine, self.user, self._uids, last_seq, self._journal)
            events.append(Reloaded(message.version))
        elif message.epoch != self.epoch or self._is_restarting:
            events.append(Resynced(message.reason, message.version))
            events += submissions.start_again(document, message.version, message.settled)
            self._is_restarting = False
            self.needs_client = True
        else:
            events.append(Resynced(message.reason, message.version))
            events += submissions.reset(document, message.version, message.settled)
        self.epoch = message.epoch

    def _receive_rows(self, submissions: Submissions, rows: Sequence[Row], events: list[Event]) -> None:
        for row in rows:
            events += submissions.receive_row(row)
            events += submissions.settle_ack()
        if any(isinstance(event, Acknowledged) for event in events):
            self._standing.made_progress()

    def _receive_refused(self, message: Refused, now_ms: int, events: list[Event]) -> None:
        inflight = self.engine.inflight if self.engine else None
        if message.seq == 0:
            is_awaited = self._standing.phase is Phase.OPENING
        else:
            is_awaited = inflight is not None and inflight.seq == message.seq
        if not is_awaited:
            return
        if message.retryable:
            events.append(Delayed(message.code, message.message))
            is_open = message.seq != 0 and message.code != "not_open"
            self._standing.put_off(now_ms, message.retry_after_ms, is_open=is_open)
        elif message.code in _ABOUT_THE_SEQ:
            self._restart(now_ms)
        elif message.seq == 0 or message.code == "not_found":
            events.append(self._close(message.code, message.message))
        else:
            assert self._submissions is not None, "something is in flight"
            events += self._submissions.receive_refusal(message.seq, message.code, message.message)
            if message.code == "base_gone":
                self._standing.open_anew(now_ms)

    def _compare(self, digest: Digest) -> None:
        if digest.version != self.version:
            return
        if self._digester.digest(self.acked) != digest.digest:
            raise EngineDiverged(f"The server's state at version {digest.version} is another.")
        self._standing.made_progress()

    def _receive_role(self, role: str, events: list[Event]) -> None:
        if role == self.role or self.closed is not None:
            return
        self.role = role
        if self._journal is not None:
            self._journal.changed()
        if role:
            events.append(RoleSet(role))
        else:
            events.append(self._close("not_found", CODES["not_found"].sentence))

    # -- ways out of trouble ---------------------------------------------------------------------------------

    def _restart(self, now_ms: int) -> None:
        """The seq in flight cannot be settled under this client id."""
        assert self._submissions is not None, "a seq is in flight"
        self._submissions.requeue()
        self._is_restarting = True
        self._standing.open_anew(now_ms, from_scratch=True)

    def _close(self, code: str, message: str) -> Closed:
        self._standing.close()
        unsaved = IDENTITY if self._submissions is None else self._submissions.unsaved()
        self.closed = Closed(code, message, unsaved)
        return self.closed

    def check(self) -> None:
        """Asserts what must hold between any two calls; tests call it after every step."""
        if self._submissions is None:
            assert self._standing.wants_snapshot, "a replica without a state asks for one"
            return
        self._submissions.check()
        assert not (self.needs_client or self._is_restarting) or not self.has_inflight, "nothing leaves then"
        assert not self._is_restarting or self._standing.wants_snapshot, "starting again takes a snapshot"
        self._standing.check()
