"""What this client said in one room, and what became of it.

One submission at a time is in flight, under consecutive seqs of one client id, each settled exactly once
(committed, left without effect, or refused) before the next is frozen. Knows seqs, acks and outcomes. What is
said, and how the state follows from what was committed, is its kind's: `edits` for playlists, `commands` for
Jams. Does not know when to send or to open; what it cannot take in it raises, and the replica asks the server
anew.
"""

from abc import ABC, abstractmethod

from collab.errors import CODES
from collab.messages import Body, Outcome, Row, Submit
from ot.client import Diverged
from ot.op import Op
from tutti_client.events import Event
from tutti_client.uids import Uids

__all__ = ["Adrift", "Diverged", "Gap", "Submissions"]


class Gap(Exception):
    """A version is missing before the one that came."""


class Adrift(Exception):
    """The server counted seqs under this client id that were never used here."""


class Submissions(ABC):
    """See the module. `made` counts what was ever made here, `last_seq` is the last one that this client id
    used in the room before."""

    def __init__(self, uids: Uids, last_seq: int) -> None:
        self.made = 0
        self._uids = uids
        self._next_seq = last_seq + 1
        # An ack may overtake rows that a slow connection gets later; it counts once they are here.
        self._ack_version: int | None = None

    @property
    def client(self) -> str:
        return self._uids.client

    @property
    def last_seq(self) -> int:
        """The last seq that was used, settled or not."""
        return self._next_seq - (0 if self.inflight_seq else 1)

    # -- what its kind knows ---------------------------------------------------------------------------------

    @property
    @abstractmethod
    def version(self) -> int:
        """The last version that arrived."""

    @property
    @abstractmethod
    def inflight_seq(self) -> int | None:
        """The seq of what was frozen and not settled."""

    @property
    @abstractmethod
    def pending(self) -> int:
        """How many of `made` wait behind what is in flight."""

    @property
    @abstractmethod
    def settled(self) -> int:
        """How many of `made`, the oldest first, are durable or were handed back."""

    @property
    def is_synced(self) -> bool:
        """Whether nothing waits and nothing is in flight."""
        return self.inflight_seq is None and not self.pending

    @abstractmethod
    def freeze(self) -> list[Event]:
        """Makes what waits the submission in flight, if nothing is."""

    @abstractmethod
    def message(self, room: str) -> Submit:
        """What is in flight, the same each time."""

    @abstractmethod
    def receive_row(self, row: Row) -> list[Event]:
        """A committed row; one that is here already says nothing. Raises Gap, or Diverged if what was
        committed cannot be what this replica holds; then nothing changed."""

    @abstractmethod
    def receive_refusal(self, seq: int, code: str, message: str, retry_after_ms: int = 0) -> list[Event]:
        """A refusal that consumed the seq."""

    @abstractmethod
    def reset(self, state: Body, version: int, outcome: Outcome | None) -> list[Event]:
        """A snapshot of the same history, with the outcome of the last seq as of then. Raises Adrift."""

    @abstractmethod
    def start_again(self, state: Body, version: int, outcome: Outcome | None) -> list[Event]:
        """A snapshot of another history. What is unsaved waits for a new client id, except what this history
        knows: the last seq if `outcome` names it (nobody else ever used it)."""

    @abstractmethod
    def requeue(self) -> None:
        """Takes what is in flight back to the front of what waits."""

    @abstractmethod
    def renew(self, uids: Uids) -> list[Event]:
        """Goes on under a new client id: seqs from 1. Nothing is in flight."""

    @abstractmethod
    def matches(self, digest: str) -> bool:
        """Whether the committed state has this digest."""

    @abstractmethod
    def unsaved(self) -> Op:
        """What is not durable and can be handed back as one op; identity if nothing can."""

    def give_up(self, code: str, message: str) -> list[Event]:
        """The room is gone: hands back what waits and is no op."""
        return []

    @abstractmethod
    def check(self) -> None:
        """Asserts what must hold between any two calls."""

    def connected(self, server_ms: int) -> list[Event]:
        """A session stands at this wall time of the server."""
        return []

    @abstractmethod
    def _unchanged(self, seq: int, version: int) -> list[Event]:
        """What is in flight stands as of `version` and left nothing to do. Raises Diverged."""

    # -- what is the same for all ----------------------------------------------------------------------------

    def receive_ack(self, seq: int, version: int) -> list[Event]:
        """The answer to a resend, or to a submission of which nothing was left; the two look the same. If it
        is still in flight when all rows up to `version` are here, it was not among them. Raises Diverged."""
        if self.inflight_seq != seq:
            return []
        self._ack_version = version
        return self.settle_ack()

    def settle_ack(self) -> list[Event]:
        """Looks, after each row, whether an ack counts by now. Raises Diverged."""
        seq, version = self.inflight_seq, self._ack_version
        if seq is None or version is None or self.version < version:
            return []
        events = self._unchanged(seq, version)
        self._settled(seq)
        return events

    def receive_outcome(self, outcome: Outcome | None) -> list[Event]:
        """What the server says about the last seq, when all rows are here. Raises Diverged or Adrift."""
        seq = self.inflight_seq
        if outcome is None:
            return []
        if seq is None:
            if outcome.seq >= self._next_seq:
                self._next_seq = outcome.seq + 1
                self._changed()
            return []
        if outcome.seq < seq:
            return []
        if outcome.seq > seq:
            raise Adrift
        if outcome.version is not None:
            return self.receive_ack(outcome.seq, outcome.version)
        code = CODES.get(outcome.code)
        sentence = code.sentence if code else "The server refused this."
        return self.receive_refusal(outcome.seq, outcome.code, sentence)

    def _settled(self, seq: int) -> None:
        self._next_seq = seq + 1
        self._ack_version = None

    @abstractmethod
    def _changed(self) -> None:
        """Something that is not a row happened to what may have to be kept."""

    def _check_seqs(self) -> None:
        seq = self.inflight_seq
        assert 0 <= self.settled <= self.made, "what was made is settled once"
        assert seq is None or seq == self._next_seq, "seqs are used one after the other"
        assert seq is not None or self._ack_version is None, "an ack is for what is in flight"
