"""A playlist's server without the server.

Takes in what a device submits as a room does (the wire form decoded, rebased over the window's composed
blocks, checked by the kind) and gives out rows, one by one or composed. Everything else of a room is left
out: roles, batches, storage, resends. Pure.
"""

from collections.abc import Sequence

from collab.kind import Author
from collab.messages import Row
from collab.playlist import Playlist, empty_playlist
from collab.window import Window
from ot.client import Inflight
from ot.document import Document
from ot.op import Op, encode


class Authority:
    """One playlist from its beginning on; `version` 0 is empty."""

    def __init__(self, name: str) -> None:
        self._kind = Playlist()
        self._state = self._kind.load(empty_playlist({"name": name}))
        self._window: Window[Op] = Window(self._kind, 0)

    @property
    def version(self) -> int:
        return self._window.end

    @property
    def document(self) -> Document:
        return self._state.document

    def digest(self) -> str:
        return self._state.digest()

    def commit(self, author: Author, submission: Inflight) -> Op | None:
        """The op as the history has it; None, and no version, if nothing is left of it. Raises Refusal."""
        rebased = self._window.rebase(self._kind.decode(encode(submission.op)), submission.base)
        draft = self._state.draft()
        op = draft.accept(rebased, author)
        if op is None:
            return None
        self._state.absorb(draft)
        row = Row(self.version + 1, author.client, submission.seq, author.user, self._kind.encode(op))
        self._window.append(op, row)
        return op

    def rows(self, after: int, through: int) -> Sequence[Row]:
        """What was committed after a version up to another, one by one."""
        return self._window.rows(after, through)

    def composed_rows(self, after: int, through: int, client: str) -> Sequence[Row]:
        """The same for somebody who was away: the commits of others composed."""
        return self._window.composed_rows(after, through, client)

    def forget(self) -> None:
        """Everybody has heard everything: what is old may go."""
        self._window.trim()
