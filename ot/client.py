"""A replica that never waits.

    synced ──edit──► pending ──send──► inflight ──edit──► inflight + pending
       ▲                                  │  own commit, refusal: inflight goes, pending stays
       └──────────────────────────────────┘

    acked ──inflight──► · ──pending──► document      Everything foreign was committed first, so it is the
      │                 │                 │          earlier party ("left") against both; what a submission
    foreign             ▼                 ▼          becomes at the server is thereby known exactly beforehand
      ▼                                              (law L), even if the server sends a composed catch-up.
    acked' ──rebased──► · ──pending'──► document'

Edits are applied at once and queued; one op is in flight at a time, frozen once sent, whatever the connection
does. The last acknowledged list is kept, so a refusal takes out the refused op and nothing else. With an
`UndoStack` edits can be taken back, which is one more edit. Knows ops and versions. Does not know sockets,
rooms, retries or time: the caller says what arrived.
"""

from collections.abc import Callable, Iterable, Set

from msgspec import Struct
from msgspec.structs import replace

from ot.apply import apply, removed
from ot.build import diff
from ot.check import check
from ot.comeback import Comebacks, Names
from ot.compact import compact
from ot.compose import compose
from ot.document import Document
from ot.invert import invert
from ot.op import IDENTITY, Op, is_identity
from ot.queue import PendingQueue
from ot.transform import transform
from ot.undo import Direction, UndoStack
from ot.value import Entry, Value


class Diverged(Exception):
    """The server committed something else than this replica predicted. Fetch a snapshot and `reset`."""


class Inflight(Struct, frozen=True):
    """The op that was sent and not yet answered.

    `op`, written against version `base`, is what was sent and what is sent again; `rebased` is the same op
    carried over what arrived since, which is what its commit will be. `edits` is how many edits it holds.
    `exact` is False once a snapshot took the place of the ops: then the commit may differ in form.
    """

    seq: int
    base: int
    op: Op
    rebased: Op
    edits: int
    exact: bool = True


class Engine:
    """One client's view of one document. Ops that do not fit raise OpError and change nothing."""

    def __init__(self, document: Document, version: int, undo: UndoStack | None = None) -> None:
        self._version = version
        self._acked = document
        self._document = document
        self._inflight: Inflight | None = None
        self._pending = PendingQueue()
        self._undo = undo
        self._comebacks = Comebacks()

    @property
    def version(self) -> int:
        """The last version that arrived from the server."""
        return self._version

    @property
    def acked(self) -> Document:
        """The state at `version`."""
        return self._acked

    @property
    def document(self) -> Document:
        """What the user sees: `acked`, the inflight op and the pending ones."""
        return self._document

    @property
    def inflight(self) -> Inflight | None:
        return self._inflight

    @property
    def pending(self) -> Op:
        """Edits made and not yet sent, as one op on `acked` and the inflight op."""
        return self._pending.folded()

    @property
    def pending_groups(self) -> list[tuple[int, Op]]:
        """What `resume` needs of it."""
        return self._pending.groups()

    @property
    def pending_edits(self) -> int:
        """How many edits were made and not yet sent."""
        return self._pending.edits

    @property
    def undecided(self) -> Set[Value]:
        """Uids of entries that wait to come back; `name_restored` decides."""
        return self._comebacks.undecided

    @property
    def is_synced(self) -> bool:
        """Whether everything that the user sees is committed."""
        return self._inflight is None and not self._pending

    # -- what the user does, and what leaves -----------------------------------------------------------------

    def edit(self, op: Op, now_ms: int | None = None) -> None:
        """Applies an op to `document` at once and queues it. `now_ms` as in `UndoStack.record`."""
        if is_identity(op):
            return
        check(op, len(self._document.entries))
        before = self._document
        self._document = apply(before, op)
        self._pending.push(op)
        if self._undo is not None:
            self._undo.record(op, before, now_ms)
            self._comebacks.edited(op)

    def can_take_back(self, direction: Direction) -> bool:
        """Whether `take_back` would change anything."""
        return self._undo is not None and self._undo.can(direction, self._document)

    def take_back(self, direction: Direction, names: Names, admit: Callable[[Op], object]) -> Op:
        """Undoes the newest step, or redoes the last one undone, as one more edit. Returns how `document`
        changes: identity if there is nothing to take back, or if `admit` raises, which is passed on.

        An entry that comes back keeps its uid as long as its removal was not sent; afterwards it gets a new
        one, with the old one in `was`.
        """
        if self._undo is None:
            return IDENTITY
        before = self._document
        taken = self._undo.take(direction, before)
        if is_identity(taken):
            return IDENTITY
        base = self._base()
        op, standing = self._comebacks.readied(taken, self._acked, base, names)
        try:
            admit(op)
        except Exception:
            self._undo.give_back(direction, taken)
            raise
        self._undo.took(direction, op, before)
        self._comebacks.took(op, self._acked, standing)
        self._document = apply(before, op)
        self._pending.push(op)
        if standing:
            self._pending.replace(compact(self._pending.folded(), base))
        return op

    def name_restored(self, names: Names) -> dict[str, str]:
        """Gives new uids to entries that came back while it was open whether they were gone: they are, now
        that nothing is in flight. Returns new uids by old ones. To be called before `send`."""
        assert self._inflight is None, "until it is settled their removal may be refused"
        named: dict[str, str] = {}
        if self._comebacks.undecided:
            self.revise_unsent(self._comebacks.naming(names, named))
            self._comebacks.undecided.clear()
        return named

    def send(self, seq: int, op: Op | None = None) -> Inflight | None:
        """Freezes all that waits as one op under `seq`; the caller submits its `op` against its `base`. An op
        that was sent in an earlier life is sent again as it was: `op`.

        None, and `seq` stays free, if another op is in flight or there is nothing to send.
        """
        if self._inflight is not None or not self._pending:
            return None
        edits = self._pending.edits
        folded = self._pending.take_all()
        if op is None:
            op = folded
        elif op != folded:
            self._document = apply(self._acked, op)
        if is_identity(op):
            return None
        if self._undo is not None:
            self._comebacks.sent(op)
        self._inflight = Inflight(seq, self._version, op, op, edits)
        return self._inflight

    # -- what arrives ----------------------------------------------------------------------------------------

    def receive(self, op: Op, count: int = 1) -> Op:
        """Takes in somebody else's commit; `count` versions are composed in it.

        Returns the op as it changes `document`.
        """
        check(op, len(self._acked.entries))
        acked = apply(self._acked, op)
        gone = self._removed_by_others(self._acked, op)
        inflight = self._inflight
        remote = op
        if inflight is not None:
            remote = transform(op, inflight.rebased, "left")
            inflight = replace(inflight, rebased=transform(inflight.rebased, op, "right"))
        return self._advance(acked, self._version + count, inflight, remote, gone)

    def receive_own(self, op: Op, count: int = 1) -> Op:
        """Takes in the commit of the inflight op.

        Returns how `document` changes: not at all, except after a `reset` that left the op in flight. Raises
        Diverged if this is not the op that was predicted, and changes nothing then.
        """
        inflight = self._expect_inflight()
        if op == inflight.rebased:
            acked = apply(self._acked, op) if self._pending else self._document
            return self._advance(acked, self._version + count, None, IDENTITY)
        if inflight.exact:
            raise Diverged(f"The commit of seq {inflight.seq} is not the op that was predicted.")
        check(op, len(self._acked.entries))
        acked = apply(self._acked, op)
        correction = diff(apply(self._acked, inflight.rebased), acked)
        return self._advance(acked, self._version + count, None, correction)

    def acknowledged_unchanged(self) -> Op:
        """Takes in an ack that made no version: nothing was left of the inflight op when it came to be
        committed. Returns and raises as `receive_own` does."""
        inflight = self._expect_inflight()
        correction = IDENTITY
        if not is_identity(inflight.rebased):
            correction = diff(apply(self._acked, inflight.rebased), self._acked)
        if inflight.exact and not is_identity(correction):
            raise Diverged(f"Seq {inflight.seq} changed nothing at the server, but should have.")
        return self._advance(self._acked, self._version, None, correction)

    def refuse(self) -> Op:
        """Takes the inflight op out, and only it. Returns how `document` changes.

        What was edited since stays, as far as it does not rest on the refused op.
        """
        inflight = self._expect_inflight()
        taken_back = invert(inflight.rebased, self._acked)
        gone = self._removed_by_others(self._base(), taken_back)
        return self._advance(self._acked, self._version, None, taken_back, gone)

    def requeue(self) -> None:
        """Puts the inflight op back in front of what waits, to be sent under another seq. The caller knows
        that it was not and will not be committed."""
        inflight = self._expect_inflight()
        self._pending.push_front(inflight.rebased, inflight.edits)
        self._inflight = None
        if self._undo is not None:
            self._comebacks.edited(inflight.op)
            self._decide(frozenset())

    def reset(
        self, snapshot: Document, version: int, *, own_committed: bool, drop_existing_uids: bool = False
    ) -> Op:
        """Takes in a snapshot in place of ops. Returns how `document` changes.

        The difference, by uid, between the last acknowledged list (with the inflight op, if `own_committed`)
        and the snapshot counts as one foreign op; what is unsent is carried over it. With
        `drop_existing_uids`, for a new epoch after `requeue`, inserts whose uid stands in the snapshot count
        as committed. An op still in flight stays so.
        """
        base = self._acked
        inflight = self._inflight
        if own_committed:
            base = apply(base, self._expect_inflight().rebased)
            inflight = None
        if drop_existing_uids:
            assert inflight is None, "the caller requeues: a seq means nothing in another epoch"
            base = apply(base, self._pending.take_inserts({entry["uid"] for entry in snapshot.entries}))
        remote = diff(base, snapshot)
        gone = self._removed_by_others(base, remote)
        if inflight is not None:
            rebased = transform(inflight.rebased, remote, "right")
            remote = transform(remote, inflight.rebased, "left")
            inflight = replace(inflight, rebased=rebased, exact=False)
        return self._advance(snapshot, version, inflight, remote, gone)

    def resume(
        self,
        inflight: Inflight | None,
        groups: Iterable[tuple[int, Op]],
        edits: int,
        undecided: Set[Value],
    ) -> None:
        """Puts back what was unsent in an earlier life of this client: `groups` stand for `edits` edits."""
        assert self.is_synced, "a life begins once"
        self._inflight = inflight
        self._pending.resume(groups, edits)
        self._comebacks.resumed(self.pending, undecided)
        self._document = apply(self._base(), self.pending)

    def rename_unsent(self, uid: Callable[[str], str]) -> None:
        """Gives the entries that wait to be inserted new uids, when the client goes on under a new client id.

        Edits are positional, so nothing else names them. Nothing may be in flight.
        """
        assert self._inflight is None, "the caller requeues: a frozen op is never changed"

        def renamed(entry: Entry) -> Entry:
            assert type(entry["uid"]) is str, "decode: a uid is a string"
            return {**entry, "uid": uid(entry["uid"])}

        self.revise_unsent(renamed)

    def revise_unsent(self, revised: Callable[[Entry], Entry]) -> None:
        """Replaces each entry that waits to be inserted by `revised(entry)`."""
        self._pending.rename(revised)
        self._document = self._base()
        for op in self._pending.ops():
            self._document = apply(self._document, op)

    def check(self) -> None:
        """Asserts that `document` is what its parts say. For tests, after every step."""
        document = self._acked
        if self._inflight is not None:
            assert self._inflight.base <= self._version, "an op was sent against a version yet to come"
            check(self._inflight.rebased, len(document.entries))
            document = apply(document, self._inflight.rebased)
        for op in self._pending.ops():
            check(op, len(document.entries))
            document = apply(document, op)
        assert document == self._document, "the document is not acked + inflight + pending"
        assert bool(self._pending.ops()) == bool(self._pending.edits), "edits were lost or made up"

    def _advance(
        self,
        acked: Document,
        version: int,
        inflight: Inflight | None,
        remote: Op,
        gone: Set[Value] = frozenset(),
    ) -> Op:
        """The one place where the state moves: `remote` comes in under what waits; others removed `gone`."""
        visible = self._pending.rebase(remote)
        unsent = inflight is not None or bool(self._pending)
        self._document = apply(self._document, visible) if unsent else acked
        self._acked = acked
        self._version = version
        self._inflight = inflight
        if self._undo is not None:
            self._undo.carry(visible, self._document, gone)
            visible = compose(visible, self._decide(gone))
        return visible

    def _decide(self, gone: Set[Value]) -> Op:
        """What became of entries that wait to come back; returns how `document` changes by it."""
        if not self._comebacks.undecided:
            return IDENTITY
        decided = self._comebacks.decide(self._pending.folded(), self._base(), gone)
        if decided is None:
            return IDENTITY
        pending, taken_out = decided
        self._pending.replace(pending)
        self._document = apply(self._document, taken_out)
        if self._undo is not None:
            self._undo.carry(taken_out, self._document)
        return taken_out

    def _removed_by_others(self, before: Document, op: Op) -> Set[Value]:
        if self._undo is None:
            return frozenset()
        return {entry["uid"] for entry in removed(before, op)}

    def _base(self) -> Document:
        """What waits is written for this list."""
        return self._acked if self._inflight is None else apply(self._acked, self._inflight.rebased)

    def _expect_inflight(self) -> Inflight:
        assert self._inflight is not None, "the caller settles a seq only while it is in flight"
        return self._inflight
