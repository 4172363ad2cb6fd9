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

from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

from collab.batch import Batch, refused
from collab.company import Company
from collab.door import Door, Need
from collab.effects import Broadcast, FetchSongs, Publish, RoomEffect, RoomTask, SaveSnapshot, Send
from collab.entrance import Entrance
from collab.errors import Refusal
from collab.hints import Stretch, is_old, knock, stretch_in
from collab.kind import Kind, Roles, State
from collab.ledger import Ledger
from collab.load import Load
from collab.messages import Open, Opened, Ops, Row, SetPresence, Submit
from collab.outcomes import Outcomes
from collab.prompter import Prompter
from collab.questions import Questions
from collab.seating import Seat, Seating
from collab.songs import Songs
from collab.submission import gone, received
from collab.waiting import WAITING_MAX, Waiting
from collab.window import Window
from storage import rows as stored

Change = TypeVar("Change")

# A batch this long keeps one commit's work near ten milliseconds, so other rooms get their turn.
BATCH_MAX = 256
DIGEST_IDLE_MS = 1000


class Room(Generic[Change]):
    """See the module. `check` asserts what must always hold."""

    def __init__(self, kind: Kind[Change], loaded: stored.Loaded) -> None:
        self.kind = kind
        self._ledger = Ledger(kind, loaded)
        self._prompter = Prompter(kind.proposes)
        self.company = Company(loaded.head.document, kind.proposes, self._prompter.attended)
        self._seating = Seating(loaded.head.document, self._roles(loaded.members), self.company)
        self._questions = Questions()
        self._entrance = Entrance(self._questions)
        self._outcomes = Outcomes(self._clients_in_use)
        # The count of changes up to which the outcomes in memory are complete.
        self._settled_changes = loaded.head.changes
        self._waiting = Waiting()
        self._flight: Batch[Change] | None = None
        # Why everyone gets a snapshot, once the store has told the outcomes that belong to a reload.
        self._resync_reason = ""
        self._digest_at_ms: int | None = None
        # For whoever counts: how many versions each op of the last batch was rewritten over, and the codes of
        # proposals that came to nothing when the last task was asked for.
        self.rebased_over: list[int] = []
        self.refused_proposals: list[str] = []

    @property
    def head(self) -> stored.Head:
        return self._ledger.head

    @property
    def state(self) -> State[Change]:
        """The committed state."""
        return self._ledger.state

    @property
    def seats(self) -> Mapping[str, Seat]:
        """Who is in the room, by connection."""
        return self._seating.seats

    @property
    def members(self) -> Roles:
        """Who belongs to the document."""
        return self._seating.members

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
        self._entrance.knock(seat, request)
        return self._admit()

    def leave(self, connection: str) -> list[RoomEffect]:
        """The connection is gone. What it submitted is still decided."""
        self._entrance.leave(connection)
        self._seating.leave(connection)
        return []

    def set_presence(self, connection: str, request: SetPresence) -> list[RoomEffect]:
        self._seating.show(connection, request)
        return []

    @property
    def is_idle(self) -> bool:
        """Nobody is here and nothing is under way: the room may be unloaded."""
        is_busy = self._waiting or self._entrance or self._flight or self._prompter.is_pressing
        return not (self.seats or is_busy or self.lives)

    @property
    def lives(self) -> bool:
        """Whether something is to happen here at its time, be anybody here or not."""
        return self._prompter.is_waiting and self.state.lives

    def _admit(self) -> list[RoomEffect]:
        effects: list[RoomEffect] = []
        if self._questions.reload_due or self._resync_reason:
            # What is in memory is known to be over.
            return effects
        for entering, answer in self._entrance.admit(self._door()):
            match answer:
                case Need.NEWS:
                    self._questions.news_due = True
                case Need.HISTORY:
                    self._questions.need_history(entering.request.version)
                case Need.SETTLING:
                    # Said before it gets a snapshot, so that no copy still under way can be committed behind
                    # the client's back.
                    self._waiting.append(gone(entering.seat, entering.request.inflight))
                case _:
                    effects.append(Send(entering.seat.connection, answer))
                    if isinstance(answer, Opened):
                        self._seating.take(entering.seat)
        return effects

    def _door(self) -> Door:
        return Door(self._ledger, self._outcomes, self._seating)

    def missed(self, after: int, client: str) -> tuple[Row, ...] | None:
        """What was committed after a version; None if the window does not reach back so far. What follows on
        another history than the one that `client` knows is not missed: a snapshot comes first."""
        if self._resync_reason:
            return ()
        return None if after < self.window.start else self._ledger.missed(after, client)

    # -- submitting ------------------------------------------------------------------------------------

    def submit(self, connection: str, request: Submit, load: Load | None = None) -> list[RoomEffect]:
        """Takes a submission; its outcome follows from the next batch. `load` is kept until then."""
        seat = self._seating.submitter(connection)
        if seat is None or self._waiting.is_full:
            refusal = Refusal("not_open") if seat is None else Refusal("busy", retry_after_ms=1000)
            return [self._refuse(connection, request.seq, refusal)]
        self._waiting.append(received(self.kind, seat, request, load))
        return []

    def withdraw(self, connection: str) -> bool:
        """Takes back what a connection submitted, as long as nobody was asked to write it."""
        return self._waiting.withdraw(connection)

    def next_task(self, now_ms: int) -> tuple[RoomTask | None, list[RoomEffect]]:
        """What the edge should do next for this room (one thing at a time; None: nothing), with effects that
        need not wait for it. A Commit must be answered by `committed` or `lost`."""
        assert self._flight is None, "one commit in flight per document; the edge awaits it"
        if self._ledger.rebases:
            for submission in self._waiting:
                if self._ledger.reach <= submission.base < self.window.start:
                    self._questions.need_history(submission.base)
        question = self._question()
        if question is not None:
            return question, []
        scene = self.company.attendance.look(now_ms)
        proposals = self._prompter.ask(self.state, scene, now_ms)
        self.refused_proposals = []
        if not self._waiting and not proposals:
            return None, []
        batch = Batch(self.kind, self.head, self.members, self.window, self.state.draft(), now_ms, scene)
        self.refused_proposals = batch.propose_all(proposals)
        effects: list[RoomEffect] = [*batch.decide_all(self._waiting, self._outcomes.get, BATCH_MAX)]
        self._questions.news_due = batch.needs_news
        if not batch.settled:
            effects += self._admit()
            return self._question(), effects
        self._flight = batch
        return batch.commit(), effects

    def _question(self) -> RoomTask | None:
        question = self._questions.next(self.head, self._settled_changes, self.window.start)
        return question or self._waiting.lookup()

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
        effects.append(batch.hint())
        effects.extend(batch.answers)
        effects.extend(self._set_members(self.members))
        if batch.rows:
            self._prompter.moved()
        return effects + self._admit()

    def lost(self, *, raced: bool) -> list[RoomEffect]:
        """The batch in flight was not committed, or nobody knows. `raced`: someone was faster, which may
        happen to a submission only so often."""
        batch = self._flight
        assert batch is not None, "the edge answers the commit it was given, once"
        self._flight = None
        self._ledger.discard()
        self._questions.lose(raced=raced)
        effects: list[RoomEffect] = [knock(self.head)] if raced else []
        for submission in self._waiting.put_back(batch.submissions, raced):
            busy = Refusal("busy", retry_after_ms=500)
            effects.append(self._refuse(submission.connection, submission.seq, busy))
        return effects

    # -- what happened elsewhere -----------------------------------------------------------------------

    @property
    def may_wait(self) -> bool:
        """Whether what it would do next is to write, or to ask what a hint may tell."""
        return bool(self._waiting) and not self._questions.is_asking

    def receive_hint(self, epoch: str, version: int, changes: int) -> None:
        """Another node (or the comparison of heads) says where the document stands. Asks the store if that is
        not where we are; while a commit is in flight that may be our own, and the question waits."""
        if epoch != self.head.epoch or version > self.head.version or changes > self.head.changes:
            self._questions.news_due = True

    def follow(self, hint: Publish) -> list[RoomEffect]:
        """What another node published, which may hold all that was committed since; between two tasks only.
        While something must be asked of the store anyway, the answer will bring it."""
        assert self._flight is None, "hints wait while a commit is in flight"
        if self._questions.is_asking or is_old(hint, self.head):
            return []
        stretch = stretch_in(hint, self.head) if self._settled_changes == self.head.changes else None
        if stretch is None:
            self._questions.news_due = True
            return []
        self._questions.race_lost = False
        return self._advance(stretch, self.members)

    def ask_for_news(self) -> None:
        """The document may have changed, or be gone, without a trace in what is known here."""
        self._questions.news_due = True

    def receive_news(self, news: stored.News | None) -> list[RoomEffect]:
        """The store's answer to FetchNews; None: the document was deleted."""
        self._questions.receive_news()
        if news is None:
            return self._close()
        if news.ops is None or news.head.epoch != self.head.epoch:
            self._questions.reload_due = True
            return []
        return self._advance(Stretch(news.head, news.ops, news.settled), news.members)

    def _advance(self, stretch: Stretch, members: Roles) -> list[RoomEffect]:
        """What others committed since."""
        for settled in stretch.settled:
            self._outcomes.learn(settled)
        rows = self._ledger.catch_up(stretch.head, stretch.ops)
        self._settled_changes = self.head.changes
        if rows:
            self._prompter.moved()
        if self._resync_reason:
            return self._resync(members)
        effects: list[RoomEffect] = []
        if self._questions.settle_doubt():
            # Perhaps it was ours, and nobody was told of it; if not, a second hint does no harm.
            effects.append(knock(self.head))
        if rows:
            effects.append(Broadcast(Ops(self.head.document, tuple(rows))))
            effects.extend(self._every_so_often(stretch.ops[-1].at_ms))
        effects.extend(self._set_members(members))
        return effects + self._admit()

    def receive_history(self, rows: list[stored.OpRow]) -> list[RoomEffect]:
        """The store's answer to FetchHistory. Ops that it no longer keeps move the horizon."""
        self._ledger.reach_back(self._questions.receive_history(), rows)
        return self._admit()

    def receive_songs(self, asked: FetchSongs, songs: Songs) -> None:
        """The catalogue's answer to FetchSongs."""
        self._waiting.receive_songs(asked, songs)

    def receive_load(self, loaded: stored.Loaded | None) -> list[RoomEffect]:
        """The document anew, under another epoch or beyond a gap. What waited was written against a history
        that is gone; its authors still hold it and send it again. Everyone gets the snapshot once the news
        have brought the outcomes that belong to it: what became of a submission must be known by then."""
        self._questions.receive_load()
        if loaded is None:
            return self._close()
        settled_changes = self._settled_changes
        if loaded.head.epoch != self.head.epoch:
            self._outcomes.clear()
            self._seating.cast_adrift()
            settled_changes = -1
            self._resync_reason = "epoch"
        self._resync_reason = self._resync_reason or "gone"
        self._waiting.clear()
        self._entrance.settle_anew()
        self._ledger = Ledger(self.kind, loaded)
        self._prompter.moved()
        self._settled_changes = settled_changes
        return self._set_members(loaded.members)

    def _resync(self, members: Roles) -> list[RoomEffect]:
        reason, self._resync_reason = self._resync_reason, ""
        effects = self._set_members(members)
        effects.extend(
            Send(seat.connection, self._door().with_snapshot(seat, reason)) for seat in self.seats.values()
        )
        return effects + self._admit()

    def _roles(self, table: Roles) -> Roles:
        """The members, as the state holds them, or else the table."""
        roles = self.state.roles()
        return table if roles is None else roles

    def _set_members(self, table: Roles) -> list[RoomEffect]:
        roles = self._roles(table)
        return [] if roles is self.members else self._seating.set_members(roles)

    def _close(self) -> list[RoomEffect]:
        """The document was deleted."""
        end = Refusal("not_found")
        effects: list[RoomEffect] = [self._refuse(it.connection, it.seq, end) for it in self._waiting]
        self._waiting.clear()
        self._prompter.stop()
        effects.extend(self._seating.close())
        return effects + self._admit()

    # -- from time to time -----------------------------------------------------------------------------

    def get_timer(self) -> int | None:
        """When `handle_timer` wants to be called, in ms; None: never."""
        times = [time for time in (self._digest_at_ms, self._prompter.get_timer()) if time is not None]
        return min(times, default=None)

    def handle_timer(self, now_ms: int) -> list[RoomEffect]:
        """Time has passed. If the room fell idle after changes, everyone compares."""
        self._prompter.tick(now_ms)
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

    def _refuse(self, connection: str, seq: int, refusal: Refusal) -> Send:
        return Send(connection, refused(self.head.document, seq, refusal))

    def _clients_in_use(self) -> Iterator[str]:
        yield from (seat.client for seat in self.seats.values())
        yield from self._entrance.clients()
        yield from (submission.client for submission in self._waiting)
        if self._flight is not None:
            yield from (submission.client for submission in self._flight.submissions)

    def check(self) -> None:
        """Asserts what must hold between any two calls; tests call it after every step."""
        tentative = len(self._flight.rows) if self._flight else 0
        assert self.window.end == self.head.version + tentative, "the window ends where the history does"
        assert self.window.start >= self.head.horizon or self.window.start <= self.head.version
        assert all(self._seating.may_stay(seat) for seat in self.seats.values())
        assert len(self._waiting) <= WAITING_MAX + BATCH_MAX, "waiting is bounded"
