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
does. The last acknowledged list is kept, so a refusal takes out the refused op and nothing else. Knows ops
and versions. Does not know sockets, rooms, retries or time: the caller says what arrived.
"""

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from ot.apply import apply
from ot.build import diff
from ot.check import check
from ot.document import Document
from ot.invert import invert
from ot.op import IDENTITY, Op, is_identity
from ot.queue import PendingQueue
from ot.transform import transform
from ot.value import Entry


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

    def __init__(self, document: Document, version: int) -> None:
        self._version = version
        self._acked = document
        self._document = document
        self._inflight: Inflight | None = None
        self._pending = PendingQueue()

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
    def pending_edits(self) -> int:
        """Edits made and not yet sent."""
        return self._pending.edits

    @property
    def is_synced(self) -> bool:
        """Whether everything that the user sees is committed."""
        return self._inflight is None and not self._pending

    # -- what the user does, and what leaves -----------------------------------------------------------------

    def edit(self, op: Op) -> None:
        """Applies an op to `document` at once and queues it."""
        if is_identity(op):
            return
        check(op, len(self._document.entries))
        self._document = apply(self._document, op)
        self._pending.push(op)

    def send(self, seq: int) -> Inflight | None:
        """Freezes all that waits as one op under `seq`; the caller submits its `op` against its `base`.

        None, and `seq` stays free, if another op is in flight or there is nothing to send.
        """
        if self._inflight is not None or not self._pending:
            return None
        edits = self._pending.edits
        op = self._pending.take_all()
        if is_identity(op):
            return None
        self._inflight = Inflight(seq, self._version, op, op, edits)
        return self._inflight

    # -- what arrives ----------------------------------------------------------------------------------------

    def receive(self, op: Op, count: int = 1) -> Op:
        """Takes in somebody else's commit; `count` versions are composed in it.

        Returns the op as it changes `document`.
        """
        check(op, len(self._acked.entries))
        acked = apply(self._acked, op)
        inflight = self._inflight
        remote = op
        if inflight is not None:
            remote = transform(op, inflight.rebased, "left")
            inflight = replace(inflight, rebased=transform(inflight.rebased, op, "right"))
        return self._advance(acked, self._version + count, inflight, remote)

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
        return self._advance(self._acked, self._version, None, taken_back)

    def requeue(self) -> None:
        """Puts the inflight op back in front of what waits, to be sent under another seq. The caller knows
        that it was not and will not be committed."""
        inflight = self._expect_inflight()
        self._pending.push_front(inflight.rebased, inflight.edits)
        self._inflight = None

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
        if inflight is not None:
            rebased = transform(inflight.rebased, remote, "right")
            remote = transform(remote, inflight.rebased, "left")
            inflight = replace(inflight, rebased=rebased, exact=False)
        return self._advance(snapshot, version, inflight, remote)

    def rename_unsent(self, uid: Callable[[str], str]) -> None:
        """Gives the entries that wait to be inserted new uids, when the client goes on under a new client id.

        Edits are positional, so nothing else names them. Nothing may be in flight.
        """
        assert self._inflight is None, "the caller requeues: a frozen op is never changed"

        def renamed(entry: Entry) -> Entry:
            assert type(entry["uid"]) is str, "decode: a uid is a string"
            return {**entry, "uid": uid(entry["uid"])}

        self._pending.rename(renamed)
        self._document = self._acked
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

    def _advance(self, acked: Document, version: int, inflight: Inflight | None, remote: Op) -> Op:
        """The one place where the state moves: `remote` comes in under what waits."""
        visible = self._pending.rebase(remote)
        unsent = inflight is not None or bool(self._pending)
        self._document = apply(self._document, visible) if unsent else acked
        self._acked = acked
        self._version = version
        self._inflight = inflight
        return visible

    def _expect_inflight(self) -> Inflight:
        assert self._inflight is not None, "the caller settles a seq only while it is in flight"
        return self._inflight
