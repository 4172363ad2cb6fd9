"""Jams in the hub's rooms, for those without a socket. Keeps `collab.jam_ports.JamRooms`."""

from typing import Final

from collab import deeds
from collab.codec import pack_body
from collab.documents import HubDocuments
from collab.errand import Errand, new_id
from collab.hub import Hub
from collab.jam_kind import JamKind, JamState
from collab.jam_ports import JamView
from collab.messages import Body
from collab.visit import Visit
from jam.commands import Join, encode_command
from storage.store import Store

KIND = JamKind.name
# Events after which a Jam is dormant no longer.
_WAKING: Final = ("came_back", "joined", "ended")


class HubJamRooms:
    def __init__(self, hub: Hub, store: Store, documents: HubDocuments) -> None:
        self._hub = hub
        self._store = store
        self._documents = documents

    async def create(self, owner: str, snapshot: Body, now_ms: int) -> str:
        document = new_id()
        await self._store.create_document(
            document, KIND, new_id(), owner, pack_body(snapshot), now_ms, role="host"
        )
        deeds.note()
        return document

    async def look(self, document: str) -> JamView:
        room = await self._documents.look(document, KIND)
        state = room.state
        assert isinstance(state, JamState), "its kind makes no other"
        return JamView(room.head, state.jam, state.lineup.order())

    async def command(self, document: str, user: str, client: str, body: Body) -> int:
        return await Errand(document, KIND, user, body, client=client).run(self._hub)

    async def let_in(self, document: str, wish: Join) -> int:
        return await self._documents.propose(document, KIND, wish.user, wish.name, encode_command(wish))

    async def wake(self, document: str, user: str, name: str) -> None:
        await Visit(document, user, name, _is_awake).run(self._hub)

    async def delete(self, document: str, user: str) -> None:
        await self._documents.delete(document, user)


def _is_awake(body: Body) -> bool:
    """Of a Jam's state, or of an event after it: nobody need come back any more."""
    return body.get("event") in _WAKING or body.get("status", "dormant") != "dormant"
