"""What this client asks of one Jam, and what became of it.

Commands wait in a list, in order, and are never composed: each is decided by itself, on the newest state, and
each has an outcome of its own. What the server committed is folded by the same rules that it runs (`fold`);
what still waits is predicted on top of it whenever somebody looks. Knows order, bounds and outcomes. What a
command means is the rules'.

Nothing here outlives the process: a command is about what plays and who is here now. What was said offline
leaves when the server is there again, and the server refuses what makes no sense any more.
"""

from collections import deque
from dataclasses import dataclass, replace
from typing import Final, Generic

import msgspec

from collab.messages import SUBMISSION_BYTES_MAX, Body, Outcome, Row, Submit
from ot.op import IDENTITY, Op
from tutti_client.errors import InvalidEdit, QueueFull
from tutti_client.events import Accepted, Event, Happened, Rejected, Reloaded, Renamed
from tutti_client.fold import By, Fold, State, Unfit
from tutti_client.submissions import Diverged, Gap, Submissions
from tutti_client.uids import Uids

# Each is sent by itself and waits for its outcome: more would take minutes, and a Jam is over by then.
WAITING_MAX: Final = 500
# The server's bound of one submission; the message around the command needs some, too.
COMMAND_BYTES_MAX: Final = SUBMISSION_BYTES_MAX - 1024
WAITING_BYTES_MAX: Final = 2 * SUBMISSION_BYTES_MAX


@dataclass(frozen=True, slots=True)
class Waiting:
    """One command that is not settled. `at_ms`: the room's time when it was given."""

    number: int
    command: Body
    at_ms: int
    size: int


@dataclass(frozen=True, slots=True)
class _Inflight:
    seq: int
    base: int


class Commands(Submissions, Generic[State]):
    """See the module. `state` is the committed one at `version`."""

    def __init__(
        self, fold: Fold[State], snapshot: Body, version: int, user: str, uids: Uids, last_seq: int
    ) -> None:
        """Raises Diverged if the snapshot is none."""
        super().__init__(uids, last_seq)
        self._fold = fold
        self._user = user
        self._version = version
        self.state = self._loaded(snapshot)
        # The first of these is the one in flight, if one is.
        self._waiting: deque[Waiting] = deque()
        self._waiting_bytes = 0
        self._inflight: _Inflight | None = None
        # `state` with the first so many of what waits, as far as anybody has looked.
        self._predicted = self.state
        self._predicted_count = 0

    # -- what the user sees and does -------------------------------------------------------------------------

    @property
    def version(self) -> int:
        return self._version

    @property
    def inflight_seq(self) -> int | None:
        return self._inflight.seq if self._inflight else None

    @property
    def pending(self) -> int:
        return len(self._waiting) - (1 if self._inflight else 0)

    @property
    def settled(self) -> int:
        return self.made - len(self._waiting)

    @property
    def visible(self) -> State:
        """The committed state with all that waits, in so far as it would be accepted."""
        by = By(self._user, self.client)
        while self._predicted_count < len(self._waiting):
            waiting = self._waiting[self._predicted_count]
            self._predicted = self._fold.predict(self._predicted, waiting.command, by, waiting.at_ms)
            self._predicted_count += 1
        return self._predicted

    def give(self, command: Body, at_ms: int) -> int:
        """Queues a command, given at room time `at_ms` as far as known here. Returns its number, by which its
        `Accepted` or `Rejected` will name it: they count from 1. Raises QueueFull, or InvalidEdit for one
        that is too large; then nothing changed."""
        size = len(msgspec.msgpack.encode(command))
        if size > COMMAND_BYTES_MAX:
            raise InvalidEdit("op_too_large", f"A command has at most {COMMAND_BYTES_MAX} bytes.")
        if len(self._waiting) >= WAITING_MAX or self._waiting_bytes + size > WAITING_BYTES_MAX:
            raise QueueFull(
                f"{len(self._waiting)} commands ({self._waiting_bytes} bytes) wait for the server; at most "
                f"{WAITING_MAX} commands or {WAITING_BYTES_MAX} bytes may."
            )
        self.made += 1
        self._waiting.append(Waiting(self.made, command, at_ms, size))
        self._waiting_bytes += size
        return self.made

    def freeze(self) -> list[Event]:
        """The first that waits; the others stay as they are."""
        if self._inflight is None and self._waiting:
            self._inflight = _Inflight(self._next_seq, self._version)
        return []

    def message(self, room: str) -> Submit:
        assert self._inflight is not None, "the caller asks only while something is in flight"
        return Submit(room, self._inflight.seq, self._inflight.base, self._waiting[0].command)

    # -- what became of them ---------------------------------------------------------------------------------

    def receive_row(self, row: Row) -> list[Event]:
        if row.version <= self._version:
            return []
        if row.version - row.count != self._version:
            raise Gap
        if row.count != 1:
            raise Diverged("Events are never composed.")
        try:
            state = self._fold.reduce(self.state, row.op)
        except Unfit as error:
            raise Diverged(str(error)) from error
        if self._fold.order_digest(state) != row.op.get("order"):
            raise Diverged(f"After version {row.version} the queue stands in another order here.")
        self._advance(state, row.version)
        own = row.client == self.client
        events: list[Event] = [Happened(row.op, row.version, row.author, own)]
        if own and row.seq == self.inflight_seq:
            events.append(self._accepted(row.seq, row.version, is_event=True))
            self._settled(row.seq)
        return events

    def _unchanged(self, seq: int, version: int) -> list[Event]:
        return [self._accepted(seq, version, is_event=False)]

    def receive_refusal(self, seq: int, code: str, message: str, retry_after_ms: int = 0) -> list[Event]:
        if self.inflight_seq != seq:
            return []
        first = self._take_first()
        self._settled(seq)
        return [Rejected(first.number, self.client, seq, code, message, retry_after_ms, first.command)]

    def _accepted(self, seq: int, version: int, *, is_event: bool | None) -> Accepted:
        return Accepted(self._take_first().number, self.client, seq, version, is_event)

    # -- what takes the place of rows ------------------------------------------------------------------------

    def reset(self, state: Body, version: int, outcome: Outcome | None) -> list[Event]:
        loaded = self._loaded(state)
        events = self._outcome_in_snapshot(outcome)
        self._advance(loaded, version)
        return [*events, Reloaded(version)]

    def start_again(self, state: Body, version: int, outcome: Outcome | None) -> list[Event]:
        loaded = self._loaded(state)
        known = outcome if outcome and outcome.seq == self.inflight_seq else None
        events = self._outcome_in_snapshot(known)
        self.requeue()
        self._advance(loaded, version)
        return [*events, Reloaded(version)]

    def _outcome_in_snapshot(self, outcome: Outcome | None) -> list[Event]:
        """A snapshot holds what it settles: there is no row to wait for. Raises Adrift."""
        seq = self.inflight_seq
        if seq is None or outcome is None or outcome.seq != seq or outcome.version is None:
            return self.receive_outcome(outcome)
        events: list[Event] = [self._accepted(seq, outcome.version, is_event=None)]
        self._settled(seq)
        return events

    def requeue(self) -> None:
        self._inflight = None
        self._ack_version = None

    def renew(self, uids: Uids) -> list[Event]:
        """As `Submissions.renew`; entries that wait to be added bear the new id's prefix, also where a later
        command names them."""
        assert self._inflight is None, "the caller settles or requeues it"
        self._uids = uids
        self._next_seq = 1
        made = [uid for waiting in self._waiting for uid in self._fold.adds(waiting.command)]
        names = {uid: uids.take() for uid in made if not uids.owns(uid)}
        self._forget_prediction()
        if not names:
            return []
        self._waiting = deque(
            replace(waiting, command=self._fold.renamed(waiting.command, names)) for waiting in self._waiting
        )
        return [Renamed(names)]

    def unsaved(self) -> Op:
        return IDENTITY

    def give_up(self, code: str, message: str) -> list[Event]:
        self.requeue()
        given_up: list[Event] = []
        while self._waiting:
            first = self._take_first()
            given_up.append(Rejected(first.number, self.client, 0, code, message, 0, first.command))
        return given_up

    # -- small things ----------------------------------------------------------------------------------------

    def matches(self, digest: str) -> bool:
        return self._fold.digest(self.state) == digest

    def _loaded(self, snapshot: Body) -> State:
        try:
            return self._fold.load(snapshot)
        except Unfit as error:
            raise Diverged(str(error)) from error

    def _advance(self, state: State, version: int) -> None:
        self.state = state
        self._version = version
        self._forget_prediction()

    def _take_first(self) -> Waiting:
        first = self._waiting.popleft()
        self._waiting_bytes -= first.size
        self._forget_prediction()
        return first

    def _settled(self, seq: int) -> None:
        super()._settled(seq)
        self._inflight = None

    def _changed(self) -> None:
        """Nothing of this is kept."""

    def _forget_prediction(self) -> None:
        self._predicted = self.state
        self._predicted_count = 0

    def check(self) -> None:
        self._check_seqs()
        numbers = [waiting.number for waiting in self._waiting]
        assert numbers == list(range(self.settled + 1, self.made + 1)), "commands keep their order"
        assert self._waiting_bytes == sum(waiting.size for waiting in self._waiting), "bytes are counted once"
        assert self._inflight is None or self._waiting, "what is in flight is the first that waits"
        assert self._predicted_count <= len(self._waiting), "what is settled is not predicted"
