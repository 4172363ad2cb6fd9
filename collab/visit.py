"""Somebody comes into a room for a moment, without a socket.

A document in which nobody was left goes on when somebody is there again. Whoever steers a Jam over HTTP is
there only as long as a request: they enter, are seen, and leave once the room has noted it. Knows how a room
tells what happened. Does not know why they came.
"""

import asyncio
from collections.abc import Callable, Sequence

from collab.errand import TIMEOUT_S, new_id
from collab.errors import Refusal
from collab.hub import Hub
from collab.messages import Body, Open, Opened, Ops, Refused, RoleChanged, ServerMessage
from collab.seating import Seat


class Visit:
    """A `collab.listener.Observer`. `is_noted` is asked of a snapshot or of what happened next."""

    def __init__(self, document: str, user: str, name: str, is_noted: Callable[[Body], bool]) -> None:
        self.id = new_id()
        self._document = document
        self._is_noted = is_noted
        self._seat = Seat(self.id, user, name, self.id)
        self._noted: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def run(self, hub: Hub) -> None:
        """Returns when the room has noted it, which is durable then. Raises Refusal: `not_found`, `busy`."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                hub.enter_as(self, self._seat, Open(self._document))
                await self._noted
        except TimeoutError:
            raise Refusal("busy", retry_after_ms=1000) from None
        finally:
            hub.exit_as(self, self._document)

    def tell(self, message: ServerMessage) -> None:
        match message:
            case Opened() if message.snapshot is not None:
                self._hear(message.snapshot.state)
            case Refused():
                self._fail(Refusal(message.code, message.message, message.retry_after_ms))
            case RoleChanged() if not message.role:
                self._fail(Refusal("not_found"))
            case _:
                pass

    def overhear(self, messages: Sequence[ServerMessage]) -> None:
        for message in messages:
            if isinstance(message, Ops):
                for row in message.ops:
                    self._hear(row.op)

    def evicted(self, document: str) -> None:
        self._fail(Refusal("not_found"))

    def failed(self, document: str) -> None:
        self._fail(Refusal("internal"))

    def _hear(self, body: Body) -> None:
        if not self._noted.done() and self._is_noted(body):
            self._noted.set_result(None)

    def _fail(self, refusal: Refusal) -> None:
        if not self._noted.done():
            self._noted.set_exception(refusal)
