"""A whole HTTP server without a socket: the real application over the store in memory, a clock that stands
still until a test moves it, and small `Documents` and `JamRooms` where the hub would be."""

import asyncio
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from collab import deeds
from collab.ambient import Ambient
from collab.auth import Tokens
from collab.bans import Bans
from collab.codec import pack_body, unpack_body
from collab.config import Settings
from collab.errand import outcome_of
from collab.errors import Refusal
from collab.http_app import admin_app, public_app
from collab.http_ports import DocumentView
from collab.ids import server_client
from collab.listener import Listener, Reading
from collab.messages import Drain, Open, Opened, Refused
from collab.metrics import Metrics
from collab.music.library import Library
from collab.playlist import empty_playlist
from collab.readiness import Readiness
from collab.roles import allowed, may_read
from collab.seating import Seat
from collab.services import Services, build_services
from ot.apply import apply
from ot.document import Document
from ot.op import decode, encode, is_identity
from ot.transform import transform
from storage.memory import MemoryStore
from storage.rows import Commit, Head, OpRow, Settled
from storage.store import Barred
from tests.collab.documented import is_documented
from tests.collab.jam_rooms import FakeJamRooms
from tests.collab.music.shelf import Shelf

START_MS = 1_700_000_000_000
SECRET = b"0123456789abcdef0123456789abcdef"
LOOPBACK = "127.0.0.1"
STRANGER = "203.0.113.7"

Json = dict[str, Any]

# Of the loop, in which a reader is told the state.
_TURNS_TO_READ = 50


class Times:
    """Server time that only a test moves, or whoever waits; and random bytes that are different each time."""

    def __init__(self) -> None:
        self.now_ms = START_MS
        self._drawn = 0

    def entropy(self, count: int) -> bytes:
        self._drawn += 1
        return hashlib.sha256(str(self._drawn).encode()).digest()[:count]

    def rewind(self) -> None:
        """Draws the same bytes once more."""
        self._drawn = 0

    async def pause(self, ms: int) -> None:
        self.now_ms += max(0, ms)

    def ambient(self) -> Ambient:
        return Ambient(now_ms=lambda: self.now_ms, entropy=self.entropy, pause=self.pause)


class FakeDocuments:
    """`Documents` with the state in a dict, which a test may change, and the ops in the store."""

    def __init__(self, store: MemoryStore, ambient: Ambient) -> None:
        self._store = store
        self._ambient = ambient
        self.attributes: dict[str, Json] = {}
        self.entries: dict[str, list[Json]] = {}

    async def read(self, document: str, user: str) -> DocumentView:
        role = (await self._store.members(document)).get(user)
        if not may_read(role, await self.attributes_of(document)):
            raise Refusal("not_found")
        head = (await self._store.heads([document]))[document]
        return DocumentView(head, role, self.entries[document], self.attributes[document])

    async def attributes_of(self, document: str) -> Mapping[str, Any]:
        head = (await self._store.heads([document])).get(document)
        if head is None or head.kind != "playlist":
            raise Refusal("not_found")
        return self.attributes[document]

    async def edit(
        self,
        document: str,
        user: str,
        op: Json,
        *,
        base: int | None = None,
        epoch: str = "epoch",
        client: str = "",
        is_new: bool = False,
    ) -> int:
        assert epoch == "epoch", "there is no other here"
        return await self._commit(document, user, op, client or self._ambient.new_id(), base)

    async def outcome(self, document: str, client: str) -> int | None:
        return await outcome_of(self._store, document, client)

    async def bring_back(self, document: str, user: str, base: int, op: Json) -> int:
        return await self._commit(document, user, op, server_client(self._ambient.new_id()), base)

    async def _commit(self, document: str, user: str, op: Json, client: str, base: int | None = None) -> int:
        view = await self.read(document, user)
        if not allowed("submit", view.role):
            raise Refusal("forbidden")
        head = view.head
        change = decode(op)
        for row in await self._store.ops(document, head.version if base is None else base, head.version):
            change = transform(change, decode(unpack_body(row.body)), "right")
        version = head.version
        rows: tuple[OpRow, ...] = ()
        if not is_identity(change):
            before = Document(self.entries[document], self.attributes[document])
            after = apply(before, change)
            version += 1
            body = pack_body(encode(change))
            rows = (OpRow(version, client, 1, user, self._ambient.now_ms(), body),)
            self.entries[document], self.attributes[document] = after.entries, after.attributes
        settled = Settled(client, user, 1, b"", version, "", head.changes + 1)
        commit = Commit(document, head.epoch, head.version, head.changes, rows, (settled,))
        assert await self._store.commit([commit]) == [True]
        deeds.note()
        return version

    async def create(self, owner: str, attributes: Mapping[str, Any], now_ms: int, document: str = "") -> str:
        document = document or self._ambient.new_id()
        if document not in self.entries:
            snapshot = pack_body(empty_playlist(attributes))
            await self._store.create_document(document, "playlist", "epoch", owner, snapshot, now_ms)
            self.attributes[document] = dict(attributes)
            self.entries[document] = []
        deeds.note()
        return document

    async def delete(self, document: str, user: str) -> None:
        assert await self._store.delete_document(document), "the caller looked before"

    async def set_member(
        self, document: str, user: str, role: str | None, *, is_verdict: bool = False
    ) -> None:
        head = await self._store.set_member(document, user, role, is_verdict=is_verdict)
        assert head is not None, "the caller looked before"

    async def follow(self, document: str, user: str, roles: Mapping[str | None, str]) -> None:
        try:
            assert await self._store.follow(document, user, roles) is not None, "the caller looked before"
        except Barred:
            raise Refusal("forbidden") from None


class FakeRooms:
    """`RoomsToRead` where nothing happens: whoever comes is told where the playlist stands, and then that the
    node stops."""

    is_draining = False

    def __init__(self, store: MemoryStore, documents: FakeDocuments) -> None:
        self._store = store
        self._documents = documents
        self._heads: dict[str, Head] = {}
        self.readers: list[Reading] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def enter_as(self, listener: Listener, seat: Seat, request: Open) -> None:
        task = asyncio.create_task(self._answer(listener, seat, request.room))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, listener: Listener, seat: Seat, document: str) -> None:
        heads = await self._store.heads([document])
        if document not in heads:
            listener.tell(Refused(document, 0, "not_found", "There is no such thing.", False))
            return
        head = self._heads[document] = heads[document]
        role = (await self._store.members(document)).get(seat.user, "")
        listener.tell(Opened(document, head.kind, head.epoch, head.version, role, "fresh"))
        for _ in range(_TURNS_TO_READ):
            await asyncio.sleep(0)
        listener.tell(Drain(0))

    def exit_as(self, listener: Listener, document: str) -> None:
        pass

    def reader_came(self, reader: Reading) -> None:
        self.readers.append(reader)

    def reader_gone(self, reader: Reading) -> None:
        self.readers.remove(reader)

    def everybody(self) -> list[Reading]:
        return self.readers

    def sockets_from(self, address: str) -> int:
        return sum(reader.address == address for reader in self.readers)

    @property
    def socket_count(self) -> int:
        return len(self.readers)

    def playlist(self, document: str) -> tuple[Head, Document] | None:
        head = self._heads.get(document)
        if head is None or document not in self._documents.entries:
            return None
        return head, Document(self._documents.entries[document], self._documents.attributes[document])


class Person:
    """A guest and the requests that they send."""

    def __init__(self, client: httpx.AsyncClient, session: Json) -> None:
        self._client = client
        self.session = session
        self.id: str = session["user"]["id"]

    async def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.session['token']}", **more.pop("headers", {})}
        return await self._client.request(method, path, headers=headers, **more)

    async def get(self, path: str) -> httpx.Response:
        return await self.send("GET", path)

    async def post(self, path: str, body: Json) -> httpx.Response:
        return await self.send("POST", path, json=body)

    async def put(self, path: str, body: Json) -> httpx.Response:
        return await self.send("PUT", path, json=body)

    async def delete(self, path: str) -> httpx.Response:
        return await self.send("DELETE", path)

    async def new_playlist(self, name: str = "Friday") -> str:
        response = await self.post("/v1/me/playlists", {"name": name})
        assert response.status_code == 201, response.text
        playlist: str = response.json()["id"]
        return playlist


class HttpWorld:
    def __init__(
        self,
        settings: Settings | None = None,
        store: MemoryStore | None = None,
        library: Library | None = None,
    ) -> None:
        self.times = Times()
        self.store = store or MemoryStore()
        ambient = self.times.ambient()
        self.documents = FakeDocuments(self.store, ambient)
        self.rooms = FakeRooms(self.store, self.documents)
        self.jam_rooms = FakeJamRooms(self.store, ambient.now_ms, ambient.new_id)
        self.readiness = Readiness(self.store, ambient)
        self.readiness.started()
        self.metrics = Metrics()
        self.services: Services = build_services(
            settings=settings or Settings(),
            store=self.store,
            people=self.store,
            documents=self.documents,
            rooms=self.rooms,
            jam_rooms=self.jam_rooms,
            tokens=Tokens(SECRET, self.store, ambient),
            bans=Bans(),
            metrics=self.metrics,
            readiness=self.readiness,
            ambient=ambient,
            library=library or Shelf(Path("nowhere")).library,
        )
        self.app = public_app(self.services)

    def client(self, address: str = LOOPBACK, admin: bool = False) -> httpx.AsyncClient:
        """A client that connects from `address`; what the server raises is answered, as under uvicorn."""
        app = admin_app(self.services.readiness, self.services.metrics) if admin else self.app
        transport = httpx.ASGITransport(app, client=(address, 40_000), raise_app_exceptions=False)
        hooks = {"response": [] if admin else [is_documented]}
        return httpx.AsyncClient(transport=transport, base_url="http://localhost:8300", event_hooks=hooks)

    async def guest(self, name: str = "Ada", address: str = LOOPBACK) -> Person:
        client = self.client(address)
        response = await client.post("/v1/guest", json={"name": name})
        assert response.status_code == 201, response.text
        return Person(client, response.json())

    async def jam(self, host: str) -> str:
        """A Jam with its host, a user id, in it."""
        return await self.services.jams.create(host, "Ada", {})

    async def in_jam(self, jam: str, by: str, do: str, **more: Any) -> None:
        """Somebody gives a command there, in the present reign."""
        reign = (await self.jam_rooms.look(jam)).jam.reign
        await self.services.jams.command(jam, by, {"do": do, "reign": reign, **more})

    async def member(self, owner: Person, playlist: str, role: str, name: str = "Mia") -> Person:
        person = await self.guest(name)
        response = await owner.put(f"/v1/playlists/{playlist}/members/{person.id}", {"role": role})
        assert response.status_code == 200, response.text
        return person


def refused(response: httpx.Response) -> tuple[int, str]:
    """Status and code of an error, whose shape is checked on the way."""
    error = response.json()["error"]
    assert error.keys() == {"status", "message", "code"}
    assert error["status"] == response.status_code
    assert error["message"].endswith("."), error["message"]
    return response.status_code, error["code"]
