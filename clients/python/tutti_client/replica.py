"""One room on one client, as the wire sees it.

Opens and resumes a room, says when the next submission leaves, takes in what was committed, and repairs
itself when something is missing or differs (`standing` draws its phases). The same for every kind of
document: what the room holds is `playlist_replica`'s and `jam_replica`'s.

Feed it with `receive`; after every call ask `outgoing` for what to send, now and at `get_timer`. Nothing is
lost on the way: what was sent is sent again in the same bytes until the server says what became of it. After
a new epoch, or with a seq that cannot be settled, a new client id is needed: then `needs_client` is set,
nothing leaves, and the caller says `renew` and connects under the new id.

Pure: ids and `now_ms` (any clock that never steps back) are arguments. Does not know sockets or other rooms.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Final, Generic, Literal, TypeVar, assert_never

from collab.errors import CODES
from collab.messages import Ack, Body, Digest, Open, Opened, Ops, Refused, RoleChanged, Row, Submit
from ot.op import IDENTITY
from tutti_client.events import Closed, Delayed, Diverged, Event, Reloaded, Resynced, RoleSet
from tutti_client.standing import Phase, Standing
from tutti_client.store import Write
from tutti_client.submissions import Adrift, Gap, Submissions
from tutti_client.submissions import Diverged as Differs
from tutti_client.uids import Uids

Status = Literal["pending", "sent", "durable"]
RoomMessage = Opened | Ops | Ack | Refused | Digest | RoleChanged
S = TypeVar("S", bound=Submissions)

_ABOUT_THE_SEQ: Final = frozenset(("seq_reused", "seq_gap", "already_settled"))


class Replica(ABC, Generic[S]):
    """See the module. `check` asserts what must always hold."""

    kind: str

    def __init__(self, room: str, user: str, uids: Uids, last_seq: int = 0) -> None:
        """`last_seq`: the last one that an earlier replica of this room used under the same client id."""
        self.room = room
        self.user = user
        self.role = ""
        self.epoch = ""
        self.divergences = 0
        self.needs_client = False
        self.closed: Closed | None = None
        self._uids = uids
        self._last_seq = last_seq
        self._submissions: S | None = None
        self._standing = Standing(f"{uids.client} {room}")
        self._is_restarting = False
        self._unreported: list[Event] = []

    # -- what its kind knows ---------------------------------------------------------------------------------

    @abstractmethod
    def _begin(self, state: Body, version: int, last_seq: int) -> S:
        """The first snapshot came."""

    @abstractmethod
    def _changed(self) -> None:
        """Something happened that may have to be kept and is no submission's."""

    def take_write(self, *, final: bool = False) -> Write | None:
        """What is to be written now, before anything that `outgoing` gave is sent. `final`: also what could
        wait. Nothing, for a kind that is not kept."""
        return None

    # -- what the user sees ----------------------------------------------------------------------------------

    @property
    def client(self) -> str:
        """The client id under which this replica submits."""
        return self._uids.client

    @property
    def version(self) -> int:
        """The last version that arrived; -1 until it is loaded."""
        return -1 if self._submissions is None else self._submissions.version

    @property
    def is_open(self) -> bool:
        """Whether the room is open on the connection that stands now."""
        return self._standing.phase is Phase.OPEN

    @property
    def is_synced(self) -> bool:
        """Whether everything that the user sees is durable."""
        return self._submissions is None or self._submissions.is_synced

    @property
    def status(self) -> Status:
        """How far the newest submission got: queued here, on its way on a connection that stands, or
        durable."""
        submissions = self._submissions
        if submissions is None or submissions.is_synced:
            return "durable"
        return "sent" if self._standing.is_sent and not submissions.pending else "pending"

    @property
    def last_seq(self) -> int:
        """The last seq that was used under this client id, as far as this replica knows."""
        return self._last_seq if self._submissions is None else self._submissions.last_seq

    @property
    def has_inflight(self) -> bool:
        """Whether a submission is under way whose outcome is not known."""
        return self._submissions is not None and self._submissions.inflight_seq is not None

    @property
    def made(self) -> int:
        """How many edits or commands were ever made here."""
        return 0 if self._submissions is None else self._submissions.made

    @property
    def settled(self) -> int:
        """How many of `made`, the oldest first, are durable or were handed back."""
        return 0 if self._submissions is None else self._submissions.settled

    def take_uid(self) -> str:
        """A uid for an entry that is about to be added."""
        return self._uids.take()

    # -- the connection --------------------------------------------------------------------------------------

    def connected(self, server_ms: int | None = None) -> list[Event]:
        """A session stands under `client`, at this wall time of the server; the room may be opened."""
        self._standing.connected()
        if server_ms is None or self._submissions is None or self.closed is not None:
            return []
        return self._submissions.connected(server_ms)

    def disconnected(self) -> None:
        """The session is over. What is in flight goes out again on the next one."""
        self._standing.disconnected()

    def can_move(self, asked: Open, answer: Opened) -> bool:
        """Whether `answer`, with which another connection opened the room for `asked` meanwhile, leads on
        from here, and knows of what is in flight."""
        submissions = self._submissions
        return (
            submissions is not None
            and self.is_open
            and not (self._standing.wants_snapshot or self.needs_client)
            and answer.snapshot is None
            and self.epoch == asked.epoch == answer.epoch
            and submissions.inflight_seq in (None, asked.inflight)
        )

    def moved(self) -> None:
        """That connection is the one that stands now, since `connected`; its answer comes next."""
        self._standing.moved()

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
        submissions = self._submissions
        seq = (submissions.inflight_seq if submissions else None) or 0
        if submissions is None or self._standing.wants_snapshot:
            return Open(self.room, inflight=seq)
        return Open(self.room, self.epoch, submissions.version, seq)

    def outgoing(self, now_ms: int, *, freeze: bool = True) -> list[Open | Submit]:
        """What to send now, in order. Taking it counts as sending it.

        `freeze=False` starts no new submission, but settles the one in flight: for a caller that wants to
        `renew` all replicas of a connection.
        """
        standing, submissions = self._standing, self._submissions
        if now_ms < standing.due_ms:
            return []
        if standing.phase is Phase.DUE:
            standing.opening()
            return [self.open_message()]
        if standing.phase is not Phase.OPEN or submissions is None:
            return []
        if freeze and not self.needs_client and submissions.inflight_seq is None:
            self._unreported += submissions.freeze()
            standing.is_sent = False
        if submissions.inflight_seq is None or standing.is_sent:
            return []
        standing.is_sent = True
        return [submissions.message(self.room)]

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
            had_inflight = self.has_inflight
            try:
                self._receive(message, now_ms, events)
            except Gap:
                self._standing.open_anew(now_ms)
            except Differs:
                self.divergences += 1
                events.append(Diverged(self.version))
                self._standing.open_anew(now_ms, from_scratch=True)
            except Adrift:
                self._restart(now_ms)
            if had_inflight and not self.has_inflight:
                self._standing.settled()
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
        if message.kind != self.kind:
            self._close("not_found", f"This is no {self.kind} but a {message.kind}.", events)
            return
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
        state = message.snapshot.state
        if submissions is None:
            last_seq = max(self._last_seq, message.settled.seq if message.settled else 0)
            self._submissions = self._begin(state, message.version, last_seq)
            events.append(Reloaded(message.version))
        elif message.epoch != self.epoch or self._is_restarting:
            events.append(Resynced(message.reason, message.version))
            events += submissions.start_again(state, message.version, message.settled)
            self._is_restarting = False
            self.needs_client = True
        else:
            events.append(Resynced(message.reason, message.version))
            events += submissions.reset(state, message.version, message.settled)
        self.epoch = message.epoch

    def _receive_rows(self, submissions: Submissions, rows: Sequence[Row], events: list[Event]) -> None:
        had_inflight = submissions.inflight_seq is not None
        for row in rows:
            events += submissions.receive_row(row)
            events += submissions.settle_ack()
        if had_inflight and submissions.inflight_seq is None:
            self._standing.made_progress()

    def _receive_refused(self, message: Refused, now_ms: int, events: list[Event]) -> None:
        submissions = self._submissions
        if message.seq == 0:
            is_awaited = self._standing.phase is Phase.OPENING
        else:
            is_awaited = submissions is not None and submissions.inflight_seq == message.seq
        if not is_awaited:
            return
        if message.retryable:
            events.append(Delayed(message.code, message.message))
            is_open = message.seq != 0 and message.code != "not_open"
            self._standing.put_off(now_ms, message.retry_after_ms, is_open=is_open)
        elif message.seq != 0 and message.code in _ABOUT_THE_SEQ:
            self._restart(now_ms)
        elif message.seq == 0 or message.code == "not_found":
            self._close(message.code, message.message, events)
        else:
            assert submissions is not None, "something is in flight"
            events += submissions.receive_refusal(
                message.seq, message.code, message.message, message.retry_after_ms
            )
            if message.code == "base_gone":
                self._standing.open_anew(now_ms)

    def _compare(self, digest: Digest) -> None:
        if self._submissions is None or digest.version != self.version:
            return
        if not self._submissions.matches(digest.digest):
            raise Differs(f"The server's state at version {digest.version} is another.")
        self._standing.made_progress()

    def _receive_role(self, role: str, events: list[Event]) -> None:
        if role == self.role or self.closed is not None:
            return
        self.role = role
        self._changed()
        if role:
            events.append(RoleSet(role))
        else:
            self._close("not_found", CODES["not_found"].sentence, events)

    # -- ways out of trouble ---------------------------------------------------------------------------------

    def _restart(self, now_ms: int) -> None:
        """The seq in flight cannot be settled under this client id."""
        assert self._submissions is not None, "it was sent, so the room is loaded"
        self._submissions.requeue()
        self._is_restarting = True
        self._standing.open_anew(now_ms, from_scratch=True)

    def _close(self, code: str, message: str, events: list[Event]) -> None:
        self._standing.close()
        unsaved = IDENTITY
        if self._submissions is not None:
            unsaved = self._submissions.unsaved()
            events += self._submissions.give_up(code, message)
        self.closed = Closed(code, message, unsaved)
        events.append(self.closed)

    def check(self) -> None:
        """Asserts what must hold between any two calls; tests call it after every step."""
        if self._submissions is None:
            assert self._standing.wants_snapshot, "a replica without a state asks for one"
            return
        self._submissions.check()
        assert not (self.needs_client or self._is_restarting) or not self.has_inflight, "nothing leaves then"
        assert not self._is_restarting or self._standing.wants_snapshot, "starting again takes a snapshot"
        self._standing.check()
