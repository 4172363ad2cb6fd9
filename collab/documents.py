"""Playlists for those without a socket.

HTTP reads a room's committed state if the room is in memory, else the store's; an edit enters the room like
a connection, submits one op against the newest version and waits for its outcome. So everyone in the room
sees it at once, and no rule exists twice.
"""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from collab.clock import Clock
from collab.codec import pack_body
from collab.door import Seat
from collab.errors import Refusal
from collab.http_ports import DocumentView
from collab.hub import Hub
from collab.ids import ID_BYTES, encode_id, server_client
from collab.kind import Kind
from collab.messages import Ack, Body, Open, Opened, Ops, Refused, RoleChanged, ServerMessage, Submit
from collab.playlist import PlaylistState, empty_playlist
from collab.roles import Action, allowed
from collab.room import Room
from storage.store import Store

# Longer than the room's own rounds need; then the caller hears `busy` and may look what became of it.
EDIT_TIMEOUT_S = 10.0


def _new_id() -> str:
    return encode_id(secrets.token_bytes(ID_BYTES))


class HubDocuments:
    """Keeps `collab.http_ports.Documents`."""

    def __init__(self, hub: Hub, store: Store, kind: Kind[Any], clock: Clock) -> None:
        self._hub = hub
        self._store = store
        self._kind = kind
        self._clock = clock

    async def read(self, document: str, user: str) -> DocumentView:
        runner = self._hub.runner(document)
        room = runner.room if runner is not None else None
        if room is None:
            loaded = await self._store.load(document)
            if loaded is None:
                raise Refusal("not_found")
            room = Room(self._kind, loaded)
        role = room.members.get(user)
        if role is None or not allowed("read", role):
            raise Refusal("not_found")
        state = room.state
        assert isinstance(state, PlaylistState), "the only kind so far"
        return DocumentView(room.head, role, state.document.entries, state.document.attributes)

    async def edit(self, document: str, user: str, op: dict[str, Any]) -> int:
        return await self._submit(_Request(self._hub, document, user, op), document)

    async def bring_back(self, document: str, user: str, base: int, op: dict[str, Any]) -> int:
        return await self._submit(_Request(self._hub, document, user, op, base), document)

    async def _submit(self, request: "_Request", document: str) -> int:
        try:
            async with asyncio.timeout(EDIT_TIMEOUT_S):
                return await request.run()
        except TimeoutError:
            raise Refusal("busy", retry_after_ms=1000) from None
        finally:
            self._hub.exit_as(request, document)

    async def create(self, owner: str, attributes: Mapping[str, Any], now_ms: int) -> str:
        document = _new_id()
        snapshot = pack_body(empty_playlist(attributes))
        await self._store.create_document(document, self._kind.name, _new_id(), owner, snapshot, now_ms)
        return document

    async def delete(self, document: str, user: str) -> None:
        await self._require(document, user, "delete")
        await self._store.delete_document(document)
        runner = self._hub.runner(document)
        if runner is not None:
            await runner.refreshed()

    async def set_member(self, document: str, user: str, role: str | None) -> None:
        head = await self._store.set_member(document, user, role)
        if head is None:
            raise Refusal("not_found")
        runner = self._hub.runner(document)
        if runner is not None:
            # Whoever asks next, by whatever way, is answered by the new table.
            await runner.refreshed()

    async def _require(self, document: str, user: str, action: Action) -> None:
        role = (await self._store.members(document)).get(user)
        if role is None:
            raise Refusal("not_found")
        if not allowed(action, role):
            raise Refusal("forbidden")


class _Request:
    """One op on its way; a `collab.listener.Observer` of the room it goes to.

    With a `base` it is the server's own op, which may bring back what stood there before; without one it is
    the user's, against the newest version.
    """

    def __init__(self, hub: Hub, document: str, user: str, op: Body, base: int | None = None) -> None:
        self.id = _new_id()
        self._hub = hub
        self._document = document
        self._op = op
        self._base = base
        self._client = self.id if base is None else server_client(self.id)
        self._seat = Seat(self.id, user, "", self._client, is_seen=False)
        self._version: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def run(self) -> int:
        """The version that the op became, once it is durable. Raises Refusal."""
        self._hub.enter_as(self, self._seat, Open(self._document))
        return await self._version

    def tell(self, message: ServerMessage) -> None:
        match message:
            case Opened():
                base = message.version if self._base is None else self._base
                submission = Submit(self._document, 1, base, self._op)
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
