"""Documents for those without a socket.

HTTP reads a room's committed state if the room is in memory, else the store's; a change enters the room like
any other (`errand`), so everyone there sees it at once. Most of this is about playlists; what holds for any
kind says so. A document of another kind than was asked for does not exist.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

from collab import deeds
from collab.clock import Clock
from collab.codec import pack_body
from collab.errand import Errand, caught_up, new_id, outcome_of
from collab.errors import Refusal
from collab.http_ports import DocumentView
from collab.hub import Hub
from collab.inquiry import Inquiry
from collab.kinds import Kinds
from collab.messages import Body
from collab.playlist import KIND, PlaylistState, empty_playlist
from collab.roles import Action, allowed, may_read
from collab.room import Room
from collab.warm_rooms import WarmRooms
from ot.document import Document
from storage.rows import Head
from storage.store import Barred, LastOfRole, OutcomeUnknown, Store, StoreError, Unavailable

T = TypeVar("T")

# A write that may be repeated is, when its answer was lost.
_ATTEMPTS_MAX = 4
_PAUSE_S = 0.1


class HubDocuments:
    """Keeps `collab.http_ports.Documents`. `has_neighbours`: other nodes write to the same documents, so a
    room that is here may be behind."""

    def __init__(
        self, hub: Hub, store: Store, kinds: Kinds, clock: Clock, *, has_neighbours: bool = False
    ) -> None:
        self._hub = hub
        self._heads = Inquiry(store.heads, gather_s=0.0) if has_neighbours else None
        self._store = store
        self._kinds = kinds
        self._clock = clock
        self._warm = WarmRooms(hub)

    # -- of any kind ------------------------------------------------------------------------------------

    async def look(self, document: str, kind: str) -> Room[Any]:
        """The document as it was committed last: its room, if that is in memory, for looking at only. Raises
        Refusal `not_found` if there is none of this kind. Asks for no role."""
        runner = self._hub.runner(document)
        room = runner.room if runner is not None else None
        if room is None:
            loaded = await self._store.load(document)
            if loaded is None or loaded.head.kind != kind:
                raise Refusal("not_found")
            room = Room(self._kinds[kind], loaded)
        if room.head.kind != kind:
            raise Refusal("not_found")
        return room

    async def propose(self, document: str, kind: str, user: str, name: str, body: Body) -> int:
        """Submits a change that the server makes for somebody who need not be a member; who may do that is
        asked of the document's kind alone, at the newest version. Returns the version that it became, or the
        present one if it changed nothing. Raises Refusal: `not_found`, `busy`, or what the kind says."""
        errand = Errand(document, kind, user, body, name=name, is_servers=True, is_vouched=True)
        return await errand.run(self._hub)

    async def delete(self, document: str, user: str) -> None:
        await self._require(document, user, "delete")
        await _certainly(lambda: self._store.delete_document(document))
        deeds.note()
        runner = self._hub.runner(document)
        if runner is not None:
            await runner.refreshed()

    async def _require(self, document: str, user: str, action: Action) -> None:
        role = (await self._store.members(document)).get(user)
        if role is None:
            raise Refusal("not_found")
        if not allowed(action, role):
            raise Refusal("forbidden")

    # -- playlists --------------------------------------------------------------------------------------

    async def read(self, document: str, user: str) -> DocumentView:
        await self._catch_up(document)
        room = await self.look(document, KIND)
        self._warm.note(document)
        role = room.members.get(user)
        document_now = _playlist_in(room)
        if not may_read(role, document_now.attributes):
            raise Refusal("not_found")
        return DocumentView(room.head, role, document_now.entries, document_now.attributes)

    async def _catch_up(self, document: str) -> None:
        """Whatever any node has answered is read from here on. While the database is away, what the room has
        is the newest that there is."""
        if self._heads is None or self._hub.runner(document) is None:
            return
        with suppress(StoreError):
            [head] = await self._heads.ask(document)
            if head is not None:
                await caught_up(self._hub, document, head.version)

    async def attributes_of(self, document: str) -> Mapping[str, Any]:
        return _playlist_in(await self.look(document, KIND)).attributes

    async def edit(
        self,
        document: str,
        user: str,
        op: dict[str, Any],
        *,
        base: int | None = None,
        epoch: str = "",
        client: str = "",
        is_new: bool = False,
    ) -> int:
        errand = Errand(document, KIND, user, op, base=base, epoch=epoch, client=client, is_new=is_new)
        return await errand.run(self._hub)

    async def outcome(self, document: str, client: str) -> int | None:
        version = await outcome_of(self._store, document, client)
        if version is not None:
            await caught_up(self._hub, document, version)
        return version

    async def bring_back(self, document: str, user: str, base: int, op: dict[str, Any]) -> int:
        return await Errand(document, KIND, user, op, base=base, is_servers=True).run(self._hub)

    async def create(self, owner: str, attributes: Mapping[str, Any], now_ms: int, document: str = "") -> str:
        document = document or new_id()
        snapshot = pack_body(empty_playlist(attributes))

        async def create() -> None:
            try:
                await self._store.create_document(document, KIND, new_id(), owner, snapshot, now_ms)
            except (OutcomeUnknown, Unavailable):
                raise
            except StoreError:
                # Only who made the id can have written it: this request, in vain as it seemed, or one that
                # came before under the same name.
                info = await self._store.document_info(document)
                if info is None or info.creator != owner:
                    raise

        await _certainly(create)
        deeds.note()
        return document

    async def set_member(
        self, document: str, user: str, role: str | None, *, is_verdict: bool = False
    ) -> None:
        try:
            head = await _certainly(
                lambda: self._store.set_member(document, user, role, keep="owner", is_verdict=is_verdict)
            )
        except LastOfRole:
            raise Refusal("last_owner") from None
        await self._members_changed(document, head)

    async def follow(self, document: str, user: str, roles: Mapping[str | None, str]) -> None:
        try:
            head = await _certainly(lambda: self._store.follow(document, user, roles))
        except Barred:
            raise Refusal("forbidden", "An owner took you out; only an owner lets you in again.") from None
        await self._members_changed(document, head)

    async def _members_changed(self, document: str, head: Head | None) -> None:
        if head is None:
            raise Refusal("not_found")
        deeds.note()
        runner = self._hub.runner(document)
        if runner is not None:
            # Whoever asks next, by whatever way, is answered by the new table.
            await runner.refreshed()


def _playlist_in(room: Room[Any]) -> Document:
    state = room.state
    assert isinstance(state, PlaylistState), "its kind makes no other"
    return state.document


async def _certainly(write: Callable[[], Awaitable[T]]) -> T:
    """The result of a write that has the same effect however often it is done. Raises OutcomeUnknown if it
    may have had it, and no answer says so; Unavailable if nothing was written."""
    lost: OutcomeUnknown | None = None
    for attempt in range(_ATTEMPTS_MAX):
        if attempt:
            await asyncio.sleep(_PAUSE_S)
        try:
            return await write()
        except OutcomeUnknown as error:
            lost = error
        except Unavailable:
            # Of this attempt; an earlier one may have been written.
            if lost is None:
                raise
    assert lost is not None, "whatever else was raised went its way"
    raise lost
