"""What one commit will hold.

Takes waiting submissions one by one on top of the committed state and decides each: is it new, does it fit
once it is rebased, what does it become. Nothing here is visible to anyone until the batch is committed; if
someone else was faster the whole batch is thrown away and its submissions are decided anew.

    waiting ──decide──► batch (draft state, rows, settled, answers) ──commit──► the room absorbs it
       ▲                        │
       └────────── lost ────────┘
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from collab.codec import pack_body
from collab.effects import Publish, Send
from collab.errors import Refusal
from collab.ids import ROOM_CLIENT
from collab.kind import NOBODY, Author, Draft, Kind, Roles, Scene, Submitted
from collab.messages import Ack, Refused, Row
from collab.roles import allowed
from collab.submission import Submission
from collab.window import Window
from storage.rows import Commit, Head, OpRow, Settled

Change = TypeVar("Change")


def refused(room: str, seq: int, refusal: Refusal) -> Refused:
    return Refused(room, seq, refusal.code, refusal.message, refusal.retryable, refusal.retry_after_ms)


def seq_answer(room: str, submission: Submission, last: Settled | None) -> Ack | Refused | None:
    """The answer to a submission whose seq is not the next one; None if it is."""
    last_seq = last.seq if last else 0
    if submission.seq == last_seq + 1:
        return None
    if submission.seq > last_seq:
        return refused(room, submission.seq, Refusal("seq_gap"))
    if last is None or submission.seq < last_seq:
        return refused(room, submission.seq, Refusal("already_settled"))
    if last.body_hash and submission.body_hash and last.body_hash != submission.body_hash:
        return refused(room, submission.seq, Refusal("seq_reused"))
    if last.version is None:
        return refused(room, submission.seq, Refusal(last.code))
    return Ack(room, submission.seq, last.version)


@dataclass(slots=True)
class Batch(Generic[Change]):
    """A commit in the making. `window` holds the batch's own changes after those committed; `members` are
    those before it, `scene` is what its author may see of the people in the room. `needs_news`: what waits
    next knows of more than we do, and another node may have committed it."""

    kind: Kind[Change]
    head: Head
    members: Roles
    window: Window[Change]
    draft: Draft[Change]
    now_ms: int
    scene: Scene = NOBODY
    submissions: list[Submission] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    op_rows: list[OpRow] = field(default_factory=list)
    settled: dict[str, Settled] = field(default_factory=dict)
    answers: list[Send] = field(default_factory=list)
    rebased_over: list[int] = field(default_factory=list)
    needs_news: bool = False

    def propose_all(self, proposals: Sequence[Submitted]) -> list[str]:
        """`propose` for each; returns the codes of those that are not wanted any more."""
        return [code for code in map(self.propose, proposals) if code]

    def decide_all(
        self, waiting: deque[Submission], last: Callable[[str], Settled | None], at_most: int
    ) -> list[Send]:
        """`decide` for those that wait, in order, until none is left, `at_most` are in the batch, the next
        `needs_news`, or its tracks are still to be looked up. `last` is a client id's last outcome. Returns
        the answers that may leave at once."""
        answers: list[Send] = []
        while waiting and len(self.submissions) < at_most and not waiting[0].tracks:
            submission = waiting[0]
            if not submission.has_asked and self._knows_more(submission, last(submission.client)):
                submission.has_asked = self.needs_news = True
                break
            answer = self.decide(waiting.popleft(), last(submission.client))
            if answer is not None:
                answers.append(answer)
        return answers

    def _knows_more(self, submission: Submission, last: Settled | None) -> bool:
        """Whether it was written against a version, or leaves a gap in its client's seqs, that we have not
        heard of."""
        standing = self.settled.get(submission.client, last)
        return submission.base > self.head.version or submission.seq > (standing.seq if standing else 0) + 1

    def decide(self, submission: Submission, last: Settled | None) -> Send | None:
        """Takes a submission into the batch. Returns an answer that may leave at once, if there is one: about
        a seq that was settled before, or a refusal that leaves no trace."""
        room = self.head.document
        standing = self.settled.get(submission.client, last)
        answer = seq_answer(room, submission, standing)
        if answer is not None:
            if standing is last:
                return Send(submission.connection, answer)
            self.submissions.append(submission)
            self.answers.append(Send(submission.connection, answer))
            return None
        try:
            change = self._accept(submission)
        except Refusal as refusal:
            answer = refused(room, submission.seq, refusal)
            if not refusal.consumes_seq:
                return Send(submission.connection, answer)
            self.submissions.append(submission)
            self._settle(submission, None, refusal.code)
            self.answers.append(Send(submission.connection, answer))
            return None
        self.submissions.append(submission)
        if change is None:
            self._settle(submission, self.window.end, "")
            self.answers.append(Send(submission.connection, Ack(room, submission.seq, self.window.end)))
        else:
            self._append(submission, change)
        return None

    def propose(self, change: Submitted) -> str:
        """Takes in what time or presence wants. Its seq is the version that it becomes, so any node may
        propose it and nobody answers for it; if this batch is lost it is asked for anew. Returns the code of
        the refusal if it is not wanted any more, else nothing."""
        try:
            event = self.draft.accept(change, Author("", ROOM_CLIENT, self.now_ms, scene=self.scene))
        except Refusal as refusal:
            return refusal.code
        if event is not None:
            end = self.window.end
            self._append(Submission("", "", ROOM_CLIENT, end + 1, end, event, b""), event)
        return ""

    def _accept(self, submission: Submission) -> Change | None:
        if not (submission.is_vouched or allowed("submit", self._roles().get(submission.user))):
            raise Refusal("forbidden")
        if isinstance(submission.change, Refusal):
            raise submission.change.bare()
        if submission.base > self.head.version:
            raise Refusal("base_ahead")
        change = submission.change
        if self.kind.algebra is not None:
            if submission.base < self.window.start:
                raise Refusal("base_gone")
            change = self.window.rebase(change, submission.base)
        author = Author(
            submission.user, submission.client, self.now_ms, submission.name, self.scene, submission.songs
        )
        return self.draft.accept(change, author)

    def _roles(self) -> Roles:
        """As they are after what is in the batch: whoever was kicked in it is out."""
        roles = self.draft.roles()
        return self.members if roles is None else roles

    def _append(self, submission: Submission, change: Change) -> None:
        body = self.kind.encode(change)
        version = self.window.end + 1
        row = Row(version, submission.client, submission.seq, submission.user, body)
        packed = pack_body(body)
        self.window.append(change, row, len(packed))
        self.rows.append(row)
        if self.kind.algebra is not None:
            self.rebased_over.append(version - 1 - submission.base)
        self.op_rows.append(
            OpRow(version, submission.client, submission.seq, submission.user, self.now_ms, packed)
        )
        self._settle(submission, version, "")

    def _settle(self, submission: Submission, version: int | None, code: str) -> None:
        self.settled[submission.client] = Settled(
            submission.client,
            submission.user,
            submission.seq,
            submission.body_hash,
            version,
            code,
            self.head.changes + 1,
        )

    def commit(self) -> Commit:
        """What the store is asked to write."""
        return Commit(
            self.head.document,
            self.head.epoch,
            self.head.version,
            self.head.changes,
            tuple(self.op_rows),
            tuple(self.settled.values()),
            self._changed_members(),
        )

    def hint(self) -> Publish:
        """What other nodes may hear once it is committed."""
        head = self.head
        return Publish(
            head.document,
            head.epoch,
            version=head.version + len(self.op_rows),
            changes=head.changes + 1,
            rows=tuple(self.op_rows),
            settled=tuple(self.settled.values()),
            since=head.changes,
        )

    def _changed_members(self) -> tuple[tuple[str, str | None], ...]:
        roles = self._roles()
        if roles is self.members:
            return ()
        changed = [(user, role) for user, role in roles.items() if self.members.get(user) != role]
        return (*changed, *((user, None) for user in self.members if user not in roles))
