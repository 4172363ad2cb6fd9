"""Two nodes on one PostgreSQL, with Redis between them or without: who may no longer read somewhere hears no
more there on either node, by whatever way they listened."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from collab.ambient import real_ambient
from collab.auth import Tokens
from collab.clock import Clock
from collab.closing import CloseCode
from collab.config import Settings
from collab.documents import HubDocuments
from collab.kinds import all_kinds
from collab.messages import Refused, RoleChanged
from collab.metrics import Metrics
from collab.protocol import SocketProtocol
from collab.server import build_server, open_bus
from storage.postgres import open_postgres
from tests.collab.serving import serving
from tests.integration.events import reading
from tests.integration.world import SECRET, Person, World

# Without Redis it is promised within 2 s; this machine may have other things to do meanwhile.
PROMISED_S, GENEROUS = 2, 5


@asynccontextmanager
async def node(folder: Path, database: str, redis: str | None) -> AsyncIterator[World]:
    clock, metrics = Clock(), Metrics()
    settings = Settings(data=folder, database_url=database, redis_url=redis)
    async with AsyncExitStack() as stack:
        store = await open_postgres(database)
        stack.push_async_callback(store.close)
        bus = await stack.enter_async_context(open_bus(settings, SECRET, metrics, clock))
        server = await stack.enter_async_context(
            build_server(settings, store, store, bus, SECRET, clock, metrics)
        )
        server.readiness.started()
        served = await stack.enter_async_context(serving(server.app, ws=SocketProtocol))
        tokens = Tokens(SECRET, store, real_ambient(clock))
        documents = HubDocuments(server.hub, store, all_kinds(), clock, has_neighbours=True)
        yield World(served.port, server, store, tokens, clock, documents)


@pytest.fixture(params=[True, False], ids=["with Redis", "without Redis"])
async def nodes(
    request: pytest.FixtureRequest, tmp_path: Path, postgres_url: str
) -> AsyncIterator[tuple[World, World]]:
    redis = request.getfixturevalue("valkey_server") if request.param else None
    async with (
        node(tmp_path, postgres_url, redis) as here,
        node(tmp_path, postgres_url, redis) as there,
    ):
        yield here, there


async def ask(node: World, person: Person, method: str, path: str, body: Any = None) -> None:
    async with httpx.AsyncClient() as http:
        headers = {"Authorization": f"Bearer {person.token}"}
        url = f"http://127.0.0.1:{node.port}/v1{path}"
        response = await http.request(method, url, json=body, headers=headers)
    assert response.is_success, response.text


async def test_who_deletes_themselves_is_gone_from_both(nodes: tuple[World, World]) -> None:
    here, there = nodes
    ada, bob = await here.person("Ada"), await here.person("Bob")
    document = await here.playlist(ada, editor=bob)
    async with there.client(bob) as socket, reading(there, bob, document) as stream:
        await socket.open(document)
        await stream.next()
        async with asyncio.timeout(GENEROUS * PROMISED_S):
            await ask(here, bob, "DELETE", "/me", {"confirm": bob.id})
            assert await socket.ends() == CloseCode.UNAUTHENTICATED
            assert (await stream.ends()).data["code"] in ("token_invalid", "not_found")


async def test_the_removed_are_out_on_both(nodes: tuple[World, World]) -> None:
    here, there = nodes
    ada, bob = await here.person("Ada"), await here.person("Bob")
    document = await here.playlist(ada, editor=bob)
    async with there.client(bob) as socket, reading(there, bob, document) as stream:
        await socket.open(document)
        await stream.next()
        async with asyncio.timeout(GENEROUS * PROMISED_S):
            await ask(here, ada, "DELETE", f"/playlists/{document}/members/{bob.id}")
            assert (await socket.receive(RoleChanged)).role == ""
            assert (await stream.ends()).data["code"] == "not_found"
        await socket.send(socket.append(document, 1, 0, 0))
        assert (await socket.receive(Refused)).code in ("not_found", "not_open")


async def test_a_smaller_role_counts_on_both(nodes: tuple[World, World]) -> None:
    here, there = nodes
    ada, bob = await here.person("Ada"), await here.person("Bob")
    document = await here.playlist(ada, editor=bob)
    async with there.client(bob) as socket:
        await socket.open(document)
        async with asyncio.timeout(GENEROUS * PROMISED_S):
            await ask(here, ada, "PUT", f"/playlists/{document}/members/{bob.id}", {"role": "viewer"})
            assert (await socket.receive(RoleChanged)).role == "viewer"
        await socket.send(socket.append(document, 1, 0, 0))
        assert (await socket.receive(Refused)).code == "forbidden"


async def test_what_is_private_again_is_read_by_strangers_on_neither(nodes: tuple[World, World]) -> None:
    here, there = nodes
    ada, eve = await here.person("Ada"), await here.person("Eve")
    document = await here.playlist(ada)
    await ask(here, ada, "PUT", f"/playlists/{document}", {"public": True})
    async with reading(there, eve, document) as stream:
        await stream.next()
        async with asyncio.timeout(GENEROUS * PROMISED_S):
            await ask(here, ada, "PUT", f"/playlists/{document}", {"public": False})
            assert (await stream.ends()).data["code"] == "not_found"
