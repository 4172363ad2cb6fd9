"""One change on its way without a socket, in virtual time.

What `collab.errand` does with asyncio: enters a room like a connection, submits once, hears the outcome and
leaves. A node that dies takes its errands with it, and nobody is told.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from collab.ids import server_client
from collab.messages import Ack, Body, Open, Opened, Ops, Refused, RoleChanged, ServerMessage, Submit
from collab.seating import Seat

if TYPE_CHECKING:
    from tests.sim.node import SimNode

TIMEOUT_US = 10_000_000

# Called once with the version or the code.
Done = Callable[[int | str], None]


class SimErrand:
    """The server asks for `user`, who need not be a member."""

    def __init__(self, node: "SimNode", id: str, document: str, user: str, body: Body, done: Done) -> None:
        self.id = id
        self.client = server_client(id)
        self._node = node
        self._document = document
        self._body = body
        self._done = done
        self._is_over = False
        seat = Seat(id, user, user, self.client, is_seen=False, is_vouched=True)
        node.room(document).enter_as(self, seat, Open(document))
        self._timeout = node.later(TIMEOUT_US, self._end, "busy")

    def tell(self, message: ServerMessage) -> None:
        self._node.oracle.told(self.id, self.client, message)
        match message:
            case Opened():
                submission = Submit(self._document, 1, message.version, self._body)
                self._node.oracle.sent(self.client, 1, self._body)
                # Not at once: the room is in the middle of telling.
                self._node.later(0, self._submit, submission)
            case Ack():
                self._end(message.version)
            case Refused():
                self._end(message.code)
            case RoleChanged() if not message.role:
                self._end("not_found")
            case Ops():
                for row in message.ops:
                    if row.client == self.client:
                        self._end(row.version)
            case _:
                pass

    def evicted(self, document: str) -> None:
        self._end("not_found")

    def _submit(self, submission: Submit) -> None:
        if not self._is_over:
            self._node.room(self._document).submit(self, submission)

    def _end(self, outcome: int | str) -> None:
        if self._is_over:
            return
        self._is_over = True
        self._timeout.cancel()
        self._node.later(0, self._leave, outcome)

    def _leave(self, outcome: int | str) -> None:
        self._node.leave(self._document, self.id)
        self._node.oracle.forget(self.id)
        self._done(outcome)
