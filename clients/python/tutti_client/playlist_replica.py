"""One playlist on one client.

What a `Replica` does for any room, with a list that shows own edits at once, undo, and a journal of what has
to outlive the process. Pure, as the replica is. How edits meet is `ot.client`'s.
"""

from functools import partial

from collab.messages import Body
from ot.client import Engine
from ot.document import EMPTY, Document
from ot.op import Op
from ot.undo import Direction, UndoStack
from tutti_client.edits import Edits, document_of
from tutti_client.errors import PlaylistClosed, ReadOnly
from tutti_client.events import Event
from tutti_client.replica import Replica
from tutti_client.revival import revived
from tutti_client.store import Journal, Stored, Write
from tutti_client.uids import Uids


class PlaylistReplica(Replica[Edits]):
    """See the module."""

    kind = "playlist"

    def __init__(
        self, room: str, user: str, uids: Uids, last_seq: int = 0, *, journal: Journal | None = None
    ) -> None:
        """As `Replica`. With a `journal` it notes what has to be written down (see `take_write`)."""
        super().__init__(room, user, uids, last_seq)
        self._undo = UndoStack()
        self._journal = journal

    def _begin(self, state: Body, version: int, last_seq: int) -> Edits:
        engine = Engine(document_of(state), version, self._undo)
        return Edits(engine, self.user, self._uids, last_seq, self._journal)

    def _changed(self) -> None:
        if self._journal is not None:
            self._journal.changed()

    # -- what the user sees and does -------------------------------------------------------------------------

    @property
    def engine(self) -> Engine | None:
        """The engine, once the playlist is loaded; for looking, not for changing."""
        return None if self._submissions is None else self._submissions.engine

    @property
    def document(self) -> Document:
        """What the user sees; empty until it is loaded."""
        return EMPTY if self._submissions is None else self._submissions.engine.document

    @property
    def acked(self) -> Document:
        """The committed state at `version`."""
        return EMPTY if self._submissions is None else self._submissions.engine.acked

    @property
    def edits_made(self) -> int:
        return self.made

    @property
    def edits_settled(self) -> int:
        """How many of `edits_made`, the oldest first, are durable or were handed back."""
        return self.settled

    def edit(self, op: Op, now_ms: int | None = None) -> list[Event]:
        """Applies an op to `document` at once and queues it. With `now_ms`, of any clock, it belongs to the
        same step for `undo` as the edit before it if the two are close together.

        Raises PlaylistClosed, ReadOnly, QueueFull, or OpError if the op does not fit the list; then nothing
        changed.
        """
        return self._editable().edit(op, now_ms)

    def take_back(self, direction: Direction, now_ms: int | None = None) -> list[Event]:
        """Undoes the newest step of own edits, as one more edit, or does again what was undone last; what
        others decided since stands. Nothing if there is none. Raises as `edit` does."""
        return self._editable().take_back(direction, now_ms)

    def can_take_back(self, direction: Direction) -> bool:
        return self.engine is not None and self.engine.can_take_back(direction)

    def end_step(self) -> None:
        """The next edit begins a new step for `undo`, however soon it comes."""
        self._undo.end_step()

    def _editable(self) -> Edits:
        if self.closed is not None:
            raise PlaylistClosed(self.closed.code, self.closed.message, self.closed.op)
        if self._submissions is None:
            raise PlaylistClosed("not_open", "The playlist is not loaded yet.")
        if self.role == "viewer":
            raise ReadOnly("A viewer cannot edit this playlist.")
        return self._submissions

    # -- what outlives the process ---------------------------------------------------------------------------

    def resume(self, stored: Stored) -> None:
        """Goes on where an earlier replica stood when `stored` was written. Raises Unreadable."""
        assert self._submissions is None, "a life begins once"
        kept, edits = revived(stored, self.user, self._uids, self._undo)
        if self._journal is not None:
            self._journal.resumed(stored)
        edits.journal = self._journal
        self._submissions = edits
        self.epoch, self.role = kept.epoch, kept.role
        self.needs_client, self._is_restarting = kept.needs_client, kept.is_restarting
        self._standing.wants_snapshot = kept.is_restarting

    def take_write(self, *, final: bool = False) -> Write | None:
        journal, edits = self._journal, self._submissions
        if journal is None or edits is None or self.closed is not None:
            return None
        is_unsaved = not edits.is_synced or self.needs_client
        if not final and not journal.is_due(is_unsaved=is_unsaved):
            return None
        keep = partial(edits.keep, self.epoch, self.role, self.needs_client, self._is_restarting)
        return journal.take(self.room, keep, is_unsaved=is_unsaved)
