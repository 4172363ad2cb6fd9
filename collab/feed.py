"""What happens in one playlist, told in words.

For those who read along without knowing the algebra: every committed op becomes one event that says what it
did to which entry. An op is worked out once, however many read along. Pure: states and rows go in, bytes of
`text/event-stream` come out. Knows the algebra and the events. Does not know rooms, readers or sockets.
"""

from collections import OrderedDict
from typing import Final

from collab.history import changes
from collab.http_event_shapes import op_event
from collab.ids import is_server_client
from collab.messages import Row
from ot.apply import apply
from ot.document import Document
from ot.op import decode
from storage.rows import Head

# Kept for the others who hear of the same ops in the same turn.
KEPT_BYTES_MAX: Final = 1024 * 1024


class Feed:
    """The playlist as of the last op that was told; `epoch` and `version` say where that is."""

    def __init__(self) -> None:
        self.epoch = ""
        self.version = 0
        self.document = Document([], {})
        # By version; None where an op did more than an event tells.
        self._told: OrderedDict[int, bytes | None] = OrderedDict()
        self._kept_bytes = 0

    def begin(self, head: Head, document: Document) -> None:
        """The playlist stands here. Changes nothing if that is known."""
        if (self.epoch, self.version) != (head.epoch, head.version):
            self.epoch, self.version, self.document = head.epoch, head.version, document
            self._told.clear()
            self._kept_bytes = 0

    def hear(self, row: Row) -> bytes | None:
        """The event of an op, which is the next one or was heard before. None if only the whole state tells
        it: the op did too much, or is long ago."""
        if row.version <= self.version:
            return self._told.get(row.version)
        assert row.version - row.count == self.version, "a room tells its observers every op, in order"
        op = decode(row.op)
        what = changes(self.document, op)
        event = op_event(
            self.epoch, row.version, row.author, is_server_client(row.client), what, op.attributes
        )
        self.document, self.version = apply(self.document, op), row.version
        self._keep(row.version, event)
        return event

    def _keep(self, version: int, event: bytes | None) -> None:
        self._told[version] = event
        self._kept_bytes += len(event or b"")
        while self._kept_bytes > KEPT_BYTES_MAX:
            _, oldest = self._told.popitem(last=False)
            self._kept_bytes -= len(oldest or b"")
