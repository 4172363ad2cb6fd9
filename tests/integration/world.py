"""A whole node on a real database and a real socket, and a client that says exactly what it is told."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from collab.ambient import real_ambient
from collab.auth import Tokens
from collab.bus_memory import MemoryBus
from collab.clock import Clock
from collab.codec import Assembler, Encoding, decode_server, encode_message, frames, pack_body
from collab.config import Settings
from collab.documents import HubDocuments
from collab.ids import ID_BYTES, encode_id
from collab.kinds import all_kinds
from collab.messages import (
    ClientMessage,
    Hello,
    Open,
    Opened,
    Ops,
    PartFromClient,
    PartFromServer,
    Row,
    ServerMessage,
    Submit,
    Welcome,
)
from collab.music.library import Library
from collab.playlist import empty_playlist
from collab.protocol import SocketProtocol
from collab.server import Server, build_server
from storage.sql import SqlStore
from storage.sqlite import open_sqlite
from storage.store import User
from tests.collab.serving import HUNG_S, serving

M = TypeVar("M", bound=ServerMessage)

SECRET = b"a secret that only these tests know and believe"


def new_id() -> str:
    return encode_id(secrets.token_bytes(ID_BYTES))


@dataclass
class Person:
    id: str
    token: str


@dataclass
class World:
    """A node that listens on `port`, with direct hands on what is behind it."""

    port: int
    server: Server
    store: SqlStore
    tokens: Tokens
    clock: Clock
    documents: HubDocuments

    async def person(self, name: str) -> Person:
        user = User(new_id(), name, "guest", self.clock.now_ms())
        await self.store.add_user(user)
        return Person(user.id, self.tokens.issue_session(user, self.clock.now_ms()).token)

    async def playlist(self, owner: Person, **roles: Person) -> str:
        """A new playlist; `roles` names members: editor=…, viewer=…"""
        document = new_id()
        body = pack_body(empty_playlist({"name": "Mix"}))
        await self.store.create_document(document, "playlist", new_id(), owner.id, body, self.clock.now_ms())
        for role, person in roles.items():
            await self.store.set_member(document, person.id, role)
        return document

    @asynccontextmanager
    async def client(
        self, person: Person, encoding: Encoding = Encoding.MSGPACK, client_id: str = "", **options: Any
    ) -> AsyncIterator["WireClient"]:
        """A socket that has said hello and was welcomed."""
        async with self.socket(encoding, **options) as socket:
            client = WireClient(socket, encoding, client_id or new_id(), person)
            await client.send(Hello(person.token, client.id))
            await client.receive(Welcome)
            yield client

    @asynccontextmanager
    async def socket(
        self, encoding: Encoding = Encoding.MSGPACK, **options: Any
    ) -> AsyncIterator[ClientConnection]:
        async with connect(
            f"ws://127.0.0.1:{self.port}/v1/socket",
            subprotocols=[Subprotocol(encoding.value)],
            compression=None,
            **options,
        ) as socket:
            yield socket


@asynccontextmanager
async def world(
    folder: Path,
    ws: Any = SocketProtocol,
    wrap: Callable[[SqlStore], Any] = lambda store: store,
    hung_s: float = HUNG_S,
    songs: Path | None = None,
    **settings: Any,
) -> AsyncIterator[World]:
    """A node on SQLite in `folder`. `ws` is the protocol class; uvicorn's own name gives plain ASGI. `wrap`
    puts something between the node and its store. What lasts longer than `hung_s` hangs. `songs`: a folder
    with music that a test puts into the catalogue itself. `settings` are those of an operator."""
    clock = Clock()
    store = await open_sqlite(folder)
    try:
        seen = wrap(store)
        chosen = Settings(data=folder, **settings)
        library = None if songs is None else Library(songs, store.catalogue)
        async with build_server(chosen, seen, seen, MemoryBus(), SECRET, clock, library=library) as server:
            server.readiness.started()
            tokens = Tokens(SECRET, store, real_ambient(clock))
            documents = HubDocuments(server.hub, seen, all_kinds(), clock)
            async with serving(server.app, ws=ws, hung_s=hung_s) as served:
                yield World(served.port, server, store, tokens, clock, documents)
    finally:
        await store.close()


class WireClient:
    """One socket after `welcome`. Messages that a test does not ask for are passed over, in order."""

    def __init__(self, socket: ClientConnection, encoding: Encoding, client_id: str, person: Person) -> None:
        self.id = client_id
        self.person = person
        self.socket = socket
        self._encoding = encoding
        self._waiting: list[ServerMessage] = []
        self._assembler = Assembler(64 * 1024 * 1024)
        self._inserted = 0

    async def send(self, *messages: ClientMessage) -> None:
        encoded = [encode_message(message, self._encoding) for message in messages]
        for payload in frames(encoded, self._encoding, PartFromClient):
            await self.socket.send(payload.decode() if self._encoding is Encoding.JSON else payload)

    async def receive(self, kind: type[M]) -> M:
        """The next message of a kind."""
        async with asyncio.timeout(HUNG_S):
            while True:
                while self._waiting:
                    message = self._waiting.pop(0)
                    if isinstance(message, kind):
                        return message
                self._take(await self.socket.recv())

    def _take(self, payload: bytes | str) -> None:
        for message in decode_server(payload, self._encoding).messages:
            if isinstance(message, PartFromServer):
                whole = self._assembler.add(message)
                if whole is not None:
                    self._take(whole)
            else:
                self._waiting.append(message)

    async def open(self, document: str, **known: Any) -> Opened:
        await self.send(Open(document, **known))
        return await self.receive(Opened)

    async def rows(self, count: int) -> list[Row]:
        """The next rows, as many as asked for at least."""
        rows: list[Row] = []
        while sum(row.count for row in rows) < count:
            rows.extend((await self.receive(Ops)).ops)
        return rows

    def entry(self, track: str = "tutti:track:1", **fields: Any) -> dict[str, Any]:
        self._inserted += 1
        uid = f"{self.id}.{self._inserted}"
        return {"uid": uid, "track": track, "added_by": self.person.id, "added_at": 1, **fields}

    def append(self, document: str, seq: int, base: int, length: int, **fields: Any) -> Submit:
        """A submission that appends one entry to a list of `length`."""
        components: list[Any] = [["k", length]] if length else []
        return Submit(document, seq, base, {"l": [*components, ["i", [self.entry(**fields)]]]})

    async def ends(self) -> int:
        """Reads to the end of the socket and returns its close code."""
        with suppress(ConnectionClosed):
            async with asyncio.timeout(HUNG_S):
                while True:
                    self._take(await self.socket.recv())
        code = self.socket.close_code
        assert code is not None
        return code

    def left(self, kind: type[M]) -> Sequence[M]:
        """What was received and not asked for."""
        return [message for message in self._waiting if isinstance(message, kind)]
