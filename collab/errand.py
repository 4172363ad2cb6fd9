"""One change on its way, without a socket.

What HTTP changes in a document enters its room like a connection, submits once, waits for the outcome and
leaves; so everyone in the room sees it at once, and no rule exists twice. Knows how a room answers. Does not
know what the change is, nor who may ask for it.
"""

import asyncio
import secrets
from collections.abc import Sequence

from collab.errors import Refusal
from collab.hub import Hub
from collab.ids import ID_BYTES, encode_id, server_client
from collab.messages import Ack, Body, Open, Opened, Ops, Refused, RoleChanged, ServerMessage, Submit
from collab.seating import Seat

# Longer than the room's own rounds need; then the caller hears `busy` and may look what became of it.
TIMEOUT_S = 10.0


def new_id() -> str:
    return encode_id(secrets.token_bytes(ID_BYTES))


class Errand:
    """A `collab.listener.Observer` of the room of `document`, which must be of `kind`.

    Without `base` the change is written against the newest version. `is_servers`: the server makes it for
    this user, under a client id that no client can have. `is_vouched`: the user need not be a member.
    `client`: a client id that nobody used before, if the change has to name it.
    """

    def __init__(
        self,
        document: str,
        kind: str,
        user: str,
        body: Body,
        *,
        base: int | None = None,
        name: str = "",
        is_servers: bool = False,
        is_vouched: bool = False,
        client: str = "",
    ) -> None:
        self.id = client or new_id()
        self._document = document
        self._kind = kind
        self._body = body
        self._base = base
        self._client = server_client(self.id) if is_servers else self.id
        self._seat = Seat(self.id, user, name, self._client, is_seen=False, is_vouched=is_vouched)
        self._hub: Hub | None = None
        self._version: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def run(self, hub: Hub) -> int:
        """The version that the change became, once it is durable; the present one if it changed nothing.
        Raises Refusal, `not_found` if there is no such document of this kind."""
        self._hub = hub
        try:
            async with asyncio.timeout(TIMEOUT_S):
                hub.enter_as(self, self._seat, Open(self._document))
                return await self._version
        except TimeoutError:
            raise Refusal("busy", retry_after_ms=1000) from None
        finally:
            hub.exit_as(self, self._document)

    def tell(self, message: ServerMessage) -> None:
        match message:
            case Opened() if message.kind != self._kind:
                self._fail(Refusal("not_found"))
            case Opened():
                assert self._hub is not None, "a room answers only who knocked"
                base = message.version if self._base is None else self._base
                submission = Submit(self._document, 1, base, self._body)
                # Not at once: the room is in the middle of telling.
                asyncio.get_running_loop().call_soon(self._hub.submit, self, submission)
            case Ack():
                self._settle(message.version)
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
                    if row.client == self._client:
                        self._settle(row.version)

    def evicted(self, document: str) -> None:
        self._fail(Refusal("not_found"))

    def failed(self, document: str) -> None:
        self._fail(Refusal("internal"))

    def _settle(self, version: int) -> None:
        if not self._version.done():
            self._version.set_result(version)

    def _fail(self, refusal: Refusal) -> None:
        if not self._version.done():
            self._version.set_exception(refusal)
