"""One document and the people in it.

Owns the committed state, the recent past, who is in the room and which submissions wait; decides what is
written next and tells everyone what was. It is pure: every method takes what happened and returns effects,
and `next_task` says what the edge should do for it. Memory never runs ahead of storage: state moves in
`committed` and `receive_news`, nowhere else.

                     submit ─► waiting ─► next_task: Commit ─► committed ─► Broadcast, Publish
                                  ▲                    └─────► lost ─► next_task: FetchNews ─► receive_news
                                  └──────────────────────────────────────────┘

A lost race and an unknown outcome look the same from here: ask the store what happened, apply it, decide
the submissions again; one that was committed after all is recognised by its (client, seq).
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from collab.batch import Batch, Submission, body_hash, refused
from collab.door import Door, Need, Seat
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
from collab.errors import Refusal
from collab.kind import Kind, State
from collab.ledger import Ledger
from collab.messages import (
    Member,
    Open,
    Opened,
    Ops,
    Refused,
    RoleChanged,
    Row,
    SetPresence,
    Submit,
)
from collab.outcomes import Outcomes
from collab.presence import Presences
from collab.roles import allowed
from collab.window import Window
from storage import rows as stored

Change = TypeVar("Change")

# A batch this long keeps one commit's work near ten milliseconds, so other rooms get their turn.
BATCH_MAX = 256
WAITING_MAX = 4096
ROUNDS_MAX = 8
DIGEST_IDLE_MS = 1000


@dataclass(slots=True)
class _Entering:
    """An `open` that waits for something: news, history, or the settling of its seq in flight."""

    seat: Seat
    request: Open
    # How many questions about news had been asked when this one needed another; None: it did not yet.
    asked_after: int | None = None
    settling: bool = False


class Room(Generic[Change]):
    """See the module. `check` asserts what must always hold."""

    def __init__(self, kind: Kind[Change], loaded: stored.Loaded) -> None:
        self.kind = kind
        self.seats: dict[str, Seat] = {}
        self.presences = Presences(loaded.head.document)
        self.members = loaded.members
        self._ledger = Ledger(kind, loaded)
        self._outcomes = Outcomes(self._clients_in_use)
        # The count of changes up to which the outcomes in memory are complete.
        self._settled_changes = loaded.head.changes
        self._waiting: deque[Submission] = deque()
        self._entering: list[_Entering] = []
        self._flight: Batch[Change] | None = None
        self._news_due = False
        self._news_asked = 0
        self._news_answered = 0
        self._reload_due = False
        # Why everyone gets a snapshot, once the store has told the outcomes that belong to a reload.
        self._resync_reason = ""
        # Connections that have not opened the room since its epoch changed; their bases mean another history.
        self._adrift: set[str] = set()
        self._history_due: int | None = None
        self._history_asked: int | None = None
        self._digest_at_ms: int | None = None
        # How many versions each op of the last batch was rewritten over; for whoever counts.
        self.rebased_over: list[int] = []

    @property
    def head(self) -> stored.Head:
        return self._ledger.head

    @property
    def state(self) -> State[Change]:
        """The committed state."""
        return self._ledger.state

    @property
    def window(self) -> Window[Change]:
        return self._ledger.window

    # -- coming and going ------------------------------------------------------------------------------

    def knows(self, client: str) -> bool:
        """Whether the last outcome of a client is in memory; if not, give `enter` the store's row."""
        return client in self._outcomes

    def enter(self, seat: Seat, request: Open, settled: stored.Settled | None) -> list[RoomEffect]:
        """A connection wants in, or (opening again) a fresh start."""
        if settled is not None:
            self._outcomes.learn(settled)
        self._entering = [e for e in self._entering if e.seat.connection != seat.connection]
        self._entering.append(_Entering(seat, request))
        return self._admit()

    def leave(self, connection: str) -> list[RoomEffect]:
        """The connection is gone. What it submitted is still decided."""
        self._entering = [e for e in self._entering if e.seat.connection != connection]
        if self.seats.pop(connection, None) is not None:
            self.presences.leave(connection)
            self._adrift.discard(connection)
        return []

    def set_presence(self, connection: str, request: SetPresence) -> list[RoomEffect]:
        seat = self.seats.get(connection)
        if seat is not None and allowed("presence", self.members.get(seat.user)):
            self.presences.set(connection, request)
        return []

    @property
    def is_idle(self) -> bool:
        """Nobody is here and nothing is under way: the room may be unloaded."""
        return not (self.seats or self._waiting or self._entering or self._flight)

    def _admit(self) -> list[RoomEffect]:
        effects: list[RoomEffect] = []
        if self._reload_due or self._resync_reason:
            # What is in memory is known to be over.
            return effects
        still: list[_Entering] = []
        for entering in self._entering:
            answer = self._opened(entering)
            if answer is None:
                still.append(entering)
                continue
            effects.append(Send(entering.seat.connection, answer))
            if isinstance(answer, Opened):
                self._seat(entering.seat)
        self._entering = still
        return effects

    def _seat(self, seat: Seat) -> None:
        if seat.is_seen and seat.connection not in self.seats:
            self.presences.enter(Member(seat.connection, seat.user, seat.name))
        self.seats[seat.connection] = seat
        self._adrift.discard(seat.connection)

    def _opened(self, entering: _Entering) -> Opened | Refused | None:
        """The answer to an `open`, or None while something has to be fetched or settled first."""
        answer = self._door().answer(entering.seat, entering.request, lambda: self._asked_for(entering))
        match answer:
            case Need.NEWS:
                return None
            case Need.HISTORY:
                self._need_history(entering.request.version)
                return None
            case Need.SETTLING:
                self._settle_as_gone(entering)
                return None
        return answer

    def _door(self) -> Door:
        return Door(self.kind.name, self._ledger, self._outcomes, self.members, self.presences)

    def _asked_for(self, entering: _Entering) -> bool:
        """Whether the store was asked for news since this `open` came; if not, it will be."""
        if entering.asked_after is None:
            entering.asked_after = self._news_asked
            self._news_due = True
        return self._news_answered > entering.asked_after

    def _settle_as_gone(self, entering: _Entering) -> None:
        """The client's submission can never be rebased any more: say so for ever, before it gets a snapshot,
        so that no copy of it still under way can be committed behind the client's back."""
        if entering.settling:
            return
        entering.settling = True
        seat, seq = entering.seat, entering.request.inflight
        self._waiting.append(
            Submission(seat.connection, seat.user, seat.client, seq, 0, Refusal("base_gone"), b"")
        )

    def missed(self, after: int, client: str) -> tuple[Row, ...] | None:
        """What was committed after a version; None if the window does not reach back so far."""
        return None if after < self.window.start else self._ledger.missed(after, client)

    # -- submitting ------------------------------------------------------------------------------------

    def submit(self, connection: str, request: Submit) -> list[RoomEffect]:
        """Takes a submission; its outcome follows from the next batch."""
        seat = self.seats.get(connection)
        if seat is None or connection in self._adrift:
            return [Send(connection, refused(request.room, request.seq, Refusal("not_open")))]
        if len(self._waiting) >= WAITING_MAX:
            return [
                Send(connection, refused(request.room, request.seq, Refusal("busy", retry_after_ms=1000)))
            ]
        change: Any
        try:
            change = self.kind.decode(request.op)
            body = self.kind.encode(change)
        except Refusal as refusal:
            change, body = refusal, request.op
        self._waiting.append(
            Submission(
                connection,
                seat.user,
                seat.client,
                request.seq,
                request.base,
                change,
                body_hash(request.base, body),
            )
        )
        return []

    def next_task(self, now_ms: int) -> tuple[RoomTask | None, list[RoomEffect]]:
        """What the edge should do next for this room (one thing at a time; None: nothing), with effects that
        need not wait for it. A Commit must be answered by `committed` or `lost`."""
        assert self._flight is None, "one commit in flight per document; the edge awaits it"
        if self._reload_due:
            return Reload(), []
        if self._news_due:
            # Cleared now and not by the answer: a hint that comes meanwhile is about something newer.
            self._news_due = False
            self._news_asked += 1
            return FetchNews(self.head.version, self._settled_changes, self.head.epoch), []
        for submission in self._waiting:
            if self._ledger.reach <= submission.base < self.window.start:
                self._need_history(submission.base)
        if self._history_due is not None:
            self._history_asked, self._history_due = self._history_due, None
            return FetchHistory(self._history_asked, self.window.start), []
        if not self._waiting:
            return None, []
        effects: list[RoomEffect] = []
        batch = Batch(self.kind, self.head, self.members, self.window, self.state.draft(), now_ms)
        while self._waiting and len(batch.submissions) < BATCH_MAX:
            submission = self._waiting.popleft()
            answer = batch.decide(submission, self._outcomes.get(submission.client))
            if answer is not None:
                effects.append(answer)
        if not batch.settled:
            return None, effects + self._admit()
        self._flight = batch
        return batch.commit(), effects

    def committed(self) -> list[RoomEffect]:
        """The batch in flight is durable: everyone may know."""
        batch = self._flight
        assert batch is not None, "the edge answers the commit it was given, once"
        self._flight = None
        self.rebased_over = batch.rebased_over
        self._ledger.absorb(batch)
        self._settled_changes = self.head.changes
        for settled in batch.settled.values():
            self._outcomes.learn(settled)
        effects: list[RoomEffect] = []
        if batch.rows:
            effects.append(Broadcast(Ops(self.head.document, tuple(batch.rows))))
            effects.extend(self._every_so_often(batch.now_ms))
        effects.append(
            Publish(
                self.head.document,
                self.head.epoch,
                self.head.version,
                self.head.changes,
                tuple(batch.op_rows),
            )
        )
        effects.extend(batch.answers)
        effects.extend(self._admit())
        return effects

    def lost(self, *, raced: bool) -> list[RoomEffect]:
        """The batch in flight was not committed, or nobody knows. `raced`: someone was faster, which may
        happen to a submission only so often."""
        batch = self._flight
        assert batch is not None, "the edge answers the commit it was given, once"
        self._flight = None
        self._ledger.discard()
        self._news_due = True
        effects: list[RoomEffect] = []
        for submission in reversed(batch.submissions):
            submission.rounds += raced
            # One without a body is the room's own, for an `open` that waits for it.
            if submission.rounds < ROUNDS_MAX or not submission.body_hash:
                self._waiting.appendleft(submission)
            else:
                busy = refused(self.head.document, submission.seq, Refusal("busy", retry_after_ms=500))
                effects.append(Send(submission.connection, busy))
        return effects

    # -- what happened elsewhere -----------------------------------------------------------------------

    def receive_hint(self, epoch: str, version: int, changes: int) -> None:
        """Another node (or the comparison of heads) says where the document stands. Asks the store if that is
        not where we are; while a commit is in flight that may be our own, and the question waits."""
        if epoch != self.head.epoch or version > self.head.version or changes > self.head.changes:
            self._news_due = True

    def ask_for_news(self) -> None:
        """The document may have changed, or be gone, without a trace in what is known here."""
        self._news_due = True

    def receive_news(self, news: stored.News | None) -> list[RoomEffect]:
        """The store's answer to FetchNews; None: the document was deleted."""
        self._news_answered = self._news_asked
        if news is None:
            self.members = {}
            return self._evict_all()
        if news.ops is None or news.head.epoch != self.head.epoch:
            self._reload_due = True
            return []
        for settled in news.settled:
            self._outcomes.learn(settled)
        rows = self._ledger.catch_up(news.head, news.ops)
        self._settled_changes = news.head.changes
        if self._resync_reason:
            return self._resync(news.members)
        effects: list[RoomEffect] = []
        if rows:
            effects.append(Broadcast(Ops(self.head.document, tuple(rows))))
            effects.extend(self._every_so_often(news.ops[-1].at_ms))
        effects.extend(self._set_members(news.members))
        return effects + self._admit()

    def receive_history(self, rows: list[stored.OpRow]) -> list[RoomEffect]:
        """The store's answer to FetchHistory. Ops that it no longer keeps move the horizon."""
        after = self._history_asked
        assert after is not None, "history is read only when it was asked for"
        self._history_asked = None
        self._ledger.reach_back(after, rows)
        return self._admit()

    def receive_load(self, loaded: stored.Loaded | None) -> list[RoomEffect]:
        """The document anew, under another epoch or beyond a gap. What waited was written against a history
        that is gone; its authors still hold it and send it again. Everyone gets the snapshot once the news
        have brought the outcomes that belong to it: what became of a submission must be known by then."""
        self._reload_due = False
        if loaded is None:
            self.members = {}
            return self._evict_all()
        settled_changes = self._settled_changes
        if loaded.head.epoch != self.head.epoch:
            self._outcomes.clear()
            self._adrift.update(self.seats)
            settled_changes = -1
            self._resync_reason = "epoch"
        self._resync_reason = self._resync_reason or "gone"
        self._waiting.clear()
        for entering in self._entering:
            entering.settling = False
        self._history_due = None
        self._ledger = Ledger(self.kind, loaded)
        self._settled_changes = settled_changes
        self._news_due = True
        return self._set_members(loaded.members)

    def _resync(self, members: dict[str, str]) -> list[RoomEffect]:
        reason, self._resync_reason = self._resync_reason, ""
        effects = self._set_members(members)
        effects.extend(
            Send(seat.connection, self._door().with_snapshot(seat, reason)) for seat in self.seats.values()
        )
        return effects + self._admit()

    def _set_members(self, members: dict[str, str]) -> list[RoomEffect]:
        before, self.members = self.members, members
        effects: list[RoomEffect] = []
        for seat in list(self.seats.values()):
            role = members.get(seat.user)
            if role == before.get(seat.user):
                continue
            effects.append(Send(seat.connection, RoleChanged(self.head.document, role or "")))
            if not allowed("open", role):
                effects.append(Evict(seat.connection))
                self.leave(seat.connection)
        return effects

    def _evict_all(self) -> list[RoomEffect]:
        effects: list[RoomEffect] = []
        for submission in self._waiting:
            gone = refused(self.head.document, submission.seq, Refusal("not_found"))
            effects.append(Send(submission.connection, gone))
        self._waiting.clear()
        for seat in list(self.seats.values()):
            effects.append(Send(seat.connection, RoleChanged(self.head.document, "")))
            effects.append(Evict(seat.connection))
            self.leave(seat.connection)
        return effects + self._admit()

    # -- from time to time -----------------------------------------------------------------------------

    def get_timer(self) -> int | None:
        """When `handle_timer` wants to be called, in ms; None: never."""
        return self._digest_at_ms

    def handle_timer(self, now_ms: int) -> list[RoomEffect]:
        """The room fell idle after changes: let everyone compare. Waits while a commit is in flight."""
        if self._digest_at_ms is None or now_ms < self._digest_at_ms:
            return []
        self._digest_at_ms = None
        return [Broadcast(self._ledger.digest())] if self._ledger.digest_is_behind else []

    def last_snapshot(self) -> SaveSnapshot | None:
        """For unloading: the state, if the stored one is behind it."""
        return self._ledger.snapshot() if self._ledger.snapshot_is_behind else None

    def _every_so_often(self, now_ms: int) -> list[RoomEffect]:
        effects: list[RoomEffect] = []
        self._digest_at_ms = now_ms + DIGEST_IDLE_MS
        if self._ledger.digest_is_due:
            effects.append(Broadcast(self._ledger.digest()))
        if self._ledger.snapshot_is_due:
            effects.append(self._ledger.snapshot())
        return effects

    # -- small things ----------------------------------------------------------------------------------

    def _clients_in_use(self) -> Iterator[str]:
        yield from (seat.client for seat in self.seats.values())
        yield from (entering.seat.client for entering in self._entering)
        yield from (submission.client for submission in self._waiting)
        if self._flight is not None:
            yield from (submission.client for submission in self._flight.submissions)

    def _need_history(self, after: int) -> None:
        self._history_due = after if self._history_due is None else min(after, self._history_due)

    def check(self) -> None:
        """Asserts what must hold between any two calls; tests call it after every step."""
        tentative = len(self._flight.rows) if self._flight else 0
        assert self.window.end == self.head.version + tentative, "the window ends where the history does"
        assert self.window.start >= self.head.horizon or self.window.start <= self.head.version
        assert all(allowed("open", self.members.get(seat.user)) for seat in self.seats.values())
        assert len(self._waiting) <= WAITING_MAX + BATCH_MAX, "waiting is bounded"
