"""Jams with all their rules, over the store in memory, where the hub would be.

Nobody is connected, and all members count as here. Time does nothing by itself: a test says when it passes.
"""

from collections.abc import Callable

from collab import deeds
from collab.codec import pack_body, unpack_body
from collab.errors import Refusal
from collab.ids import ROOM_CLIENT, server_client
from collab.jam_kind import JamKind, JamState
from collab.jam_ports import JamView
from collab.kind import Author, Scene
from collab.messages import Body
from collab.roles import allowed
from jam.commands import Command, Join, decode_command
from storage.memory import MemoryStore
from storage.rows import Commit, Head, OpRow


class FakeJamRooms:
    """Keeps `collab.jam_ports.JamRooms`."""

    def __init__(self, store: MemoryStore, now_ms: Callable[[], int], new_id: Callable[[], str]) -> None:
        self._store = store
        self._now_ms = now_ms
        self._new_id = new_id
        self._kind = JamKind()

    async def create(self, owner: str, snapshot: Body, now_ms: int) -> str:
        document = self._new_id()
        packed = pack_body(snapshot)
        await self._store.create_document(document, "jam", "epoch", owner, packed, now_ms, "host")
        deeds.note()
        return document

    async def look(self, document: str) -> JamView:
        head, state = await self._load(document)
        return JamView(head, state.jam, state.lineup.order())

    async def command(self, document: str, user: str, client: str, body: Body) -> int:
        _, state = await self._load(document)
        role = state.roles().get(user)
        if role is None:
            raise Refusal("not_found")
        if not allowed("submit", role):
            raise Refusal("forbidden")
        return await self._decide(document, self._kind.decode(body), user, client)

    async def let_in(self, document: str, wish: Join) -> int:
        return await self._decide(document, wish, wish.user, server_client(self._new_id()))

    async def wake(self, document: str, user: str, name: str) -> None:
        await self.propose(document, "back", users=[user])

    async def delete(self, document: str, user: str) -> None:
        _, state = await self._load(document)
        assert allowed("delete", state.roles().get(user)), "the caller looked before"
        assert await self._store.delete_document(document)

    async def propose(self, document: str, do: str, **more: object) -> None:
        """What time or presence wants, though nothing here wants it by itself."""
        seq = (await self._load(document))[0].version + 1
        await self._decide(document, decode_command({"do": do, **more}), "", ROOM_CLIENT, seq)

    async def pass_time(self, document: str) -> None:
        """Whatever time wants by now, happens."""
        while True:
            head, state = await self._load(document)
            wanted, _ = state.proposals(self._scene(state), self._now_ms())
            for command in wanted:
                seq = (await self._load(document))[0].version + 1
                await self._decide(document, command, "", ROOM_CLIENT, seq)
            if (await self._load(document))[0] == head:
                return

    async def _load(self, document: str) -> tuple[Head, JamState]:
        loaded = await self._store.load(document)
        if loaded is None or loaded.head.kind != "jam":
            raise Refusal("not_found")
        state = self._kind.load(unpack_body(loaded.snapshot.body))
        draft = state.draft()
        for row in loaded.tail:
            draft.apply(self._kind.read(unpack_body(row.body)))
        state.absorb(draft)
        return loaded.head, state

    async def _decide(self, document: str, command: Command, user: str, client: str, seq: int = 1) -> int:
        head, state = await self._load(document)
        draft = state.draft()
        now_ms = self._now_ms()
        event = draft.accept(command, Author(user, client, now_ms, scene=self._scene(state)))
        if event is None:
            return head.version
        before, after = state.roles(), draft.roles()
        members = tuple(
            (member, after.get(member))
            for member in sorted({*before, *after})
            if before.get(member) != after.get(member)
        )
        version = head.version + 1
        row = OpRow(version, client, seq, user, now_ms, pack_body(self._kind.encode(event)))
        commit = Commit(document, head.epoch, head.version, head.changes, (row,), (), members)
        assert await self._store.commit([commit]) == [True], "nothing happens here between two awaits"
        deeds.note()
        return version

    def _scene(self, state: JamState) -> Scene:
        return Scene(here=dict.fromkeys(state.jam.members, 0))
