"""One change on its way, without a socket.

What HTTP changes in a document enters its room like a connection, submits once, waits for the outcome and
leaves; so everyone in the room sees it at once, and no rule exists twice. A failure is told only if nothing
was written: an answer that does not come is looked up in the store, under the name of the change. Knows how a
room answers. Does not know what the change is, nor who may ask for it.
"""

import asyncio
import secrets
from collections.abc import Sequence
from contextlib import suppress

from collab import deeds
from collab.errors import Refusal
from collab.hub import Hub
from collab.ids import ID_BYTES, encode_id, server_client
from collab.messages import Ack, Body, Open, Opened, Ops, Refused, RoleChanged, ServerMessage, Submit
from collab.seating import Seat
from storage.store import Store, StoreError

# Longer than the room's own rounds need.
TIMEOUT_S = 10.0
# How long a database that was just away has to say what became of a change.
LOOKUP_S = 5.0
LOOKUP_PAUSE_S = 0.2

_BUSY = Refusal("busy", retry_after_ms=1000)
# What a room answers if a change of the same name was there before, with another body.
_NAME_TAKEN = frozenset(("seq_reused", "already_settled"))


class _InDoubt(Exception):
    """The change was handed over, and nothing says what became of it. Never leaves this module."""


def new_id() -> str:
    return encode_id(secrets.token_bytes(ID_BYTES))


class Errand:
    """A `collab.listener.Observer` of the room of `document`, which must be of `kind`.

    Without `base` the change is written against the newest version. `is_servers`: the server makes it for
    this user, under a client id that no client can have. `is_vouched`: the user need not be a member.
    `client`: a client id that nobody used before, if the change has to name it; or one that was used for this
    very change, which is then not made again; `is_new`: certainly the former, and the store need not be
    asked. `epoch`: the history that `base` counts in.
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
        is_new: bool = False,
        epoch: str = "",
    ) -> None:
        is_new = is_new or not client
        self.id = client or new_id()
        self._document = document
        self._kind = kind
        self._body = body
        self._base = base
        self._epoch = epoch
        self._is_handed_over = False
        self._client = server_client(self.id) if is_servers else self.id
        self._seat = Seat(
            self.id, user, name, self._client, is_seen=False, is_vouched=is_vouched, is_new=is_new
        )
        self._hub: Hub | None = None
        self._version: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def run(self, hub: Hub) -> int:
        """The version that the change became, once it is durable; the present one if it changed nothing.
        Raises Refusal: `not_found` if there is no such document of this kind, `outcome_unknown` if the store
        cannot be asked what became of it."""
        try:
            version = await self._go(hub)
        except _InDoubt:
            found = await self._look_up(hub.store)
            if found is None:
                raise Refusal("outcome_unknown") from None
            version = found
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOKUP_S):
                    await caught_up(hub, self._document, version)
        deeds.note()
        return version

    async def _go(self, hub: Hub) -> int:
        self._hub = hub
        try:
            hub.enter_as(self, self._seat, Open(self._document))
            done, _ = await asyncio.wait([self._version], timeout=TIMEOUT_S)
            if not done:
                self._give_up(hub)
            return await self._version
        finally:
            hub.exit_as(self, self._document)

    def _give_up(self, hub: Hub) -> None:
        runner = hub.runner(self._document)
        if runner is not None and runner.withdraw(self.id):
            self._fail(_BUSY.bare())
        else:
            self._fail_late(_BUSY.bare())

    async def _look_up(self, store: Store) -> int | None:
        """What the store says of it by and by. None: nothing, and perhaps it is still to be written."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOKUP_S):
                while True:
                    with suppress(StoreError):
                        version = await outcome_of(store, self._document, self._client)
                        if version is not None:
                            return version
                    await asyncio.sleep(LOOKUP_PAUSE_S)
        return None

    def tell(self, message: ServerMessage) -> None:
        match message:
            case Opened() if message.kind != self._kind:
                self._fail(Refusal("not_found"))
            case Opened() if self._epoch not in ("", message.epoch):
                # The base that it was written against belongs to a history that is over.
                self._fail_late(_BUSY.bare())
            case Opened():
                assert self._hub is not None, "a room answers only who knocked"
                base = message.version if self._base is None else self._base
                submission = Submit(self._document, 1, base, self._body)
                # Not at once: the room is in the middle of telling.
                asyncio.get_running_loop().call_soon(self._hub.submit, self, submission)
                self._is_handed_over = True
            case Ack():
                self._settle(message.version)
            case Refused() if message.code in _NAME_TAKEN:
                self._fail(_InDoubt())
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
        self._fail_late(Refusal("unavailable", retry_after_ms=1000))

    def _settle(self, version: int) -> None:
        if not self._version.done():
            self._version.set_result(version)

    def _fail_late(self, refusal: Refusal) -> None:
        """It ends without an answer: refused, unless the room may have written it by then."""
        self._fail(_InDoubt() if self._is_handed_over else refusal)

    def _fail(self, error: Refusal | _InDoubt) -> None:
        if not self._version.done():
            self._version.set_exception(error)


async def caught_up(hub: Hub, document: str, version: int) -> None:
    """Returns when the room that is here, if there is one, has learnt of a version that the store told of:
    who hears of it may read it."""
    runner = hub.runner(document)
    room = None if runner is None else runner.room
    if runner is not None and room is not None and room.head.version < version:
        await runner.refreshed()


async def outcome_of(store: Store, document: str, client: str) -> int | None:
    """What became of the one change under this name: the version, or None if the store knows of none. Raises
    the Refusal with which it was settled."""
    settled = (await store.settled([(document, client)])).get((document, client))
    if settled is None:
        return None
    if settled.version is None:
        raise Refusal(settled.code)
    return settled.version
