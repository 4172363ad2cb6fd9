"""Who gets in, and with what.

Answers an `open` from what the room knows: the ops since the client's version, a snapshot with the reason for
it, or a refusal. Sometimes it has to know more first and says what: an `open` is never answered from memory
that the client knows to be old. Decides; the room fetches, settles and seats.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from collab.batch import refused
from collab.errors import Refusal
from collab.ledger import Ledger
from collab.messages import Open, Opened, Outcome, Refused, Row, Snapshot
from collab.outcomes import Outcomes
from collab.seating import Seat, Seating

# Further behind than this a snapshot is cheaper than the ops, unless a submission in flight forbids it.
CATCH_UP_MAX = 1024
AHEAD_RETRY_MS = 5000


class Need(Enum):
    """What has to happen before an `open` can be answered."""

    NEWS = auto()  # ask the store what happened since
    HISTORY = auto()  # read ops back that memory no longer holds
    SETTLING = auto()  # the seq in flight can never be rebased: refuse it for ever first


@dataclass(frozen=True, slots=True)
class Door:
    """What a room knows when somebody knocks."""

    ledger: Ledger[Any]
    outcomes: Outcomes
    seating: Seating

    def answer(self, seat: Seat, request: Open, has_asked: Callable[[], bool]) -> Opened | Refused | Need:
        """`has_asked` tells whether the store was asked for news since this `open` came."""
        head = self.ledger.head
        if seat.is_vouched:
            return self._opened(seat, "fresh")
        if not self.seating.may_stay(seat):
            return refused(request.room, 0, Refusal("not_found"))
        if not seat.is_seen:
            # A request over HTTP wants to change something and asks for no state.
            return self._opened(seat, "fresh")
        if not request.epoch:
            return self.with_snapshot(seat, "fresh")
        is_ahead = request.version > head.version
        if (request.epoch != head.epoch or is_ahead) and not has_asked():
            # Another node may know more than this one: a client is never sent back to what was.
            return Need.NEWS
        if request.epoch != head.epoch:
            return self.with_snapshot(seat, "epoch")
        if request.version < 0:
            return self.with_snapshot(seat, "fresh")
        if is_ahead:
            return refused(request.room, 0, Refusal("version_ahead", retry_after_ms=AHEAD_RETRY_MS))
        # Where nothing is rebased a submission stays good however long it was away.
        is_unsettled = self.ledger.rebases and request.inflight == self.outcomes.last_seq(seat.client) + 1
        if request.version < self.ledger.reach:
            return Need.SETTLING if is_unsettled else self.with_snapshot(seat, "gone")
        if head.version - request.version > CATCH_UP_MAX and not is_unsettled:
            return self.with_snapshot(seat, "behind")
        if request.version < self.ledger.window.start:
            return Need.HISTORY if self.ledger.rebases else self.with_snapshot(seat, "behind")
        missed = self.ledger.missed(request.version, seat.client)
        if missed is None:
            return self.with_snapshot(seat, "behind")
        return self._opened(seat, "resumed", ops=missed)

    def with_snapshot(self, seat: Seat, reason: str) -> Opened:
        return self._opened(seat, reason, snapshot=Snapshot(self.ledger.state.view()))

    def _opened(
        self, seat: Seat, reason: str, ops: tuple[Row, ...] = (), snapshot: Snapshot | None = None
    ) -> Opened:
        head = self.ledger.head
        last = self.outcomes.get(seat.client)
        return Opened(
            room=head.document,
            kind=head.kind,
            epoch=head.epoch,
            version=head.version,
            role=self.seating.members.get(seat.user, ""),
            reason=reason,
            ops=ops,
            snapshot=snapshot,
            settled=None if last is None else Outcome(last.seq, last.version, last.code),
            members=self.seating.company.presences.shown(),
            total=self.seating.company.presences.total,
        )
