"""Bugs that are planted to see that they are caught.

Each is a mistake that software of this kind has been shipped with, or one that this simulation found here.
They live here and in `node_bugs`, nowhere else: a bug replaces a method of a core while its block runs. A
simulation that let one of them pass would let the same mistake pass in earnest.
"""

from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Final

from msgspec.structs import replace as changed

from collab import batch as batch_module
from collab.batch import Batch, refused
from collab.door import Door
from collab.effects import Broadcast, Publish, Send
from collab.entrance import Entrance
from collab.errors import Refusal
from collab.messages import Ack, Ops, Refused
from collab.outcomes import Outcomes
from collab.playlist import Playlist
from collab.room import Room
from collab.window import Window
from ot.client import Engine
from ot.queue import PendingQueue
from ot.transform import transform
from storage.memory_document import MemoryDocument
from storage.rows import Commit
from storage.store import OutcomeUnknown
from tests.sim.planting import Bug, replaced
from tests.sim.room_task import RoomTask
from tutti_client.replica import Replica


def ack_before_commit() -> AbstractContextManager[None]:
    """The author is told that it is done while the commit is under way."""

    def make(next_task: Any) -> Any:
        def early(self: Room[Any], now_ms: int) -> Any:
            task, effects = next_task(self, now_ms)
            for submission in self._flight.submissions if self._flight else ():
                settled = self._flight.settled[submission.client]  # type: ignore[union-attr]
                if settled.version is not None:
                    ack = Ack(self.head.document, submission.seq, settled.version)
                    effects = [*effects, Send(submission.connection, ack)]
            return task, effects

        return early

    return replaced((Room, "next_task", make))


def publish_before_commit() -> AbstractContextManager[None]:
    """Everybody sees the ops while the commit is under way."""

    def make(next_task: Any) -> Any:
        def early(self: Room[Any], now_ms: int) -> Any:
            task, effects = next_task(self, now_ms)
            if isinstance(task, Commit) and task.ops:
                assert self._flight is not None, "a commit is of a batch"
                version, changes = self._flight.rows[-1].version, self.head.changes + 1
                hint = Publish(self.head.document, self.head.epoch, version, changes, task.ops)
                effects = [*effects, Broadcast(Ops(self.head.document, tuple(self._flight.rows))), hint]
            return task, effects

        return early

    return replaced((Room, "next_task", make))


def _without_outcomes(commit: Any) -> Any:
    return lambda self: replace(commit(self), settled=())


def dedupe_in_memory_only() -> AbstractContextManager[None]:
    """The room remembers outcomes, and nobody does once it is gone."""
    return replaced((Batch, "commit", _without_outcomes))


def dedupe_in_another_transaction() -> AbstractContextManager[None]:
    """Outcomes are stored after the ops, unless something comes between."""

    def make(committed: Any) -> Any:
        def settle_later(self: RoomTask, room: Room[Any], commit: Commit, answer: Any) -> None:
            if answer is True and room._flight is not None:
                stored = self.node.store.memory._documents[self.document].settled
                told = self.node.oracle.history.settled
                for client, row in room._flight.settled.items():
                    stored[client] = row
                    told[client, row.seq] = row.code if row.version is None else row.version
            committed(self, room, commit, answer)

        return settle_later

    return replaced((Batch, "commit", _without_outcomes), (RoomTask, "_committed", make))


def unknown_taken_as_failed() -> AbstractContextManager[None]:
    """Without an answer of the store, the authors are told that it did not work."""

    def make(committed: Any) -> Any:
        def give_up(self: RoomTask, room: Room[Any], commit: Commit, answer: Any) -> None:
            flight = room._flight
            committed(self, room, commit, answer)
            if isinstance(answer, OutcomeUnknown) and flight is not None:
                room._waiting.clear()
                for submission in flight.submissions:
                    failed = refused(self.document, submission.seq, Refusal("playlist_full"))
                    self._perform([Send(submission.connection, failed)])

        return give_up

    return replaced((RoomTask, "_committed", make))


def unknown_taken_as_committed() -> AbstractContextManager[None]:
    """Without an answer of the store, it is assumed to have done what it was asked."""

    def make(committed: Any) -> Any:
        def hope(self: RoomTask, room: Room[Any], commit: Commit, answer: Any) -> None:
            committed(self, room, commit, True if isinstance(answer, OutcomeUnknown) else answer)

        return hope

    return replaced((RoomTask, "_committed", make))


def refused_seq_not_consumed() -> AbstractContextManager[None]:
    """A refusal leaves no trace, so the author's next seq is a gap."""
    return replaced((Refusal, "consumes_seq", lambda _: property(lambda self: False)))


def sent_op_recomposed() -> AbstractContextManager[None]:
    """What was in flight when the connection broke is composed with what waits, and sent under its seq."""

    def make(disconnected: Any) -> Any:
        def thaw(self: Replica[Any]) -> None:
            disconnected(self)
            if self._submissions is not None:
                self._submissions.requeue()

        return thaw

    return replaced((Replica, "disconnected", make))


def epoch_unchecked() -> AbstractContextManager[None]:
    """Whoever comes back is told what they miss since their version, whatever history that was of."""

    def make(answer: Any) -> Any:
        def trusting(self: Entrance, door: Door, entering: Any) -> Any:
            if entering.request.epoch:
                entering.request = changed(entering.request, epoch=door.ledger.head.epoch)
            return answer(self, door, entering)

        return trusting

    return replaced((Entrance, "_answer", make))


def role_checked_at_hello_only() -> AbstractContextManager[None]:
    """Who got in may submit, whatever became of their role since."""
    return replaced((batch_module, "allowed", lambda _: lambda action, role: True))


def outcome_forgotten() -> AbstractContextManager[None]:
    """The oldest outcomes are dropped from memory, though their clients are still here."""

    def make(_: Any) -> Any:
        def forget(self: Outcomes) -> None:
            self._rows.popitem(last=False)

        return forget

    return replaced((Outcomes, "forget", make))


def own_op_composed() -> AbstractContextManager[None]:
    """A catch-up composes everything that was missed, the submission in flight too."""

    def make(composed_rows: Any) -> Any:
        return lambda self, after, through, own_client: composed_rows(self, after, through, "")

    return replaced((Window, "composed_rows", make))


def news_not_awaited() -> AbstractContextManager[None]:
    """A node that hears of an epoch or version for the first time from a client trusts its own memory."""
    return replaced((Entrance, "_asked_for", lambda _: lambda self, entering: True))


def roles_outside_the_compare_and_set() -> AbstractContextManager[None]:
    """The store compares versions only, so an op decided on an old role table is committed."""

    def make(_: Any) -> Any:
        return lambda self, commit: (
            (self.head.epoch, self.head.version) == (commit.epoch, commit.expected_version)
        )

    return replaced((MemoryDocument, "stands_as", make))


def ties_broken_the_other_way() -> AbstractContextManager[None]:
    """The server lets the later op stand to the left, and its clients do not."""

    def make(_: Any) -> Any:
        return lambda self, change, over: transform(change, over, "left")

    return replaced((Playlist, "rebase", make))


def retryable_taken_as_final() -> AbstractContextManager[None]:
    """A client takes "not now" for "never" and goes on with its next seq."""

    def make(receive_refused: Any) -> Any:
        def final(self: Replica[Any], message: Refused, now_ms: int, events: Any) -> None:
            is_final = message.retryable and message.seq > 0
            receive_refused(self, changed(message, retryable=False) if is_final else message, now_ms, events)

        return final

    return replaced((Replica, "_receive_refused", make))


def queue_dropped_at_a_snapshot() -> AbstractContextManager[None]:
    """A client that takes a snapshot forgets what it had not sent yet."""

    def make(advance: Any) -> Any:
        def drop(self: Engine, *arguments: Any, **options: Any) -> Any:
            self._pending = PendingQueue()
            return advance(self, *arguments, **options)

        return drop

    return replaced((Engine, "reset", make))


BUGS: Final[dict[str, Bug]] = {
    bug.__name__: bug
    for bug in (
        ack_before_commit,
        publish_before_commit,
        dedupe_in_memory_only,
        dedupe_in_another_transaction,
        unknown_taken_as_failed,
        unknown_taken_as_committed,
        refused_seq_not_consumed,
        sent_op_recomposed,
        epoch_unchecked,
        role_checked_at_hello_only,
        outcome_forgotten,
        own_op_composed,
        news_not_awaited,
        roles_outside_the_compare_and_set,
        ties_broken_the_other_way,
        retryable_taken_as_final,
        queue_dropped_at_a_snapshot,
    )
}
