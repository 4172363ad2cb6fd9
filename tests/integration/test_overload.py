"""A node with too much to do refuses who comes, and serves who is there (P16)."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from collab.closing import CloseCode
from collab.codec import Encoding, decode_server
from collab.messages import Goodbye, Refresh
from collab.overload import Sample
from tests.integration.world import World, world

IDLE = Sample(lag_ms=0, memory_bytes=0, sockets=0, waiting_commits=0)
# Of 20,000 that it takes by default.
FULL = Sample(lag_ms=0, memory_bytes=0, sockets=19_999, waiting_commits=0)
OVERLOADED = Sample(lag_ms=60_000, memory_bytes=0, sockets=0, waiting_commits=0)


class Node:
    """A node whose seconds a test makes up. The real ones between them are of no account: each row of equal
    ones is judged in one turn of the loop."""

    def __init__(self, world: World) -> None:
        self.world = world

    def spend(self, sample: Sample, seconds: int) -> None:
        for _ in range(seconds):
            self.world.server.load_watch.note(sample)

    async def knock(self) -> tuple[int, Goodbye]:
        """How a new socket is refused."""
        async with self.world.socket(Encoding.MSGPACK) as socket:
            [goodbye] = decode_server(await socket.recv(), Encoding.MSGPACK).messages
            await socket.wait_closed()
            assert isinstance(goodbye, Goodbye)
            assert socket.close_code is not None
            return socket.close_code, goodbye

    async def become_guest(self) -> httpx.Response:
        async with httpx.AsyncClient() as client:
            url = f"http://127.0.0.1:{self.world.port}/v1/guest"
            return await client.post(url, json={"name": "Eve"})

    async def metric(self, name: str) -> float:
        async with httpx.AsyncClient() as client:
            text = (await client.get(f"http://127.0.0.1:{self.world.port}/metrics")).text
        return float(next(line for line in text.splitlines() if line.startswith(name)).rpartition(" ")[2])


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    async with world(tmp_path) as served:
        yield Node(served)


async def test_new_sessions_are_refused_clearly_while_those_that_are_there_edit(node: Node) -> None:
    here = node.world
    ann, ben = await here.person("Ann"), await here.person("Ben")
    document = await here.playlist(ann)
    async with here.client(ann) as client:
        await client.open(document)
        node.spend(OVERLOADED, 3)
        close_code, goodbye = await node.knock()
        assert close_code == CloseCode.OVERLOADED
        assert (goodbye.code, goodbye.retry_after_ms) == ("overloaded", 5_000)
        assert await node.metric('tutti_refused_sessions_total{reason="overloaded"}') == 1
        assert await node.metric('tutti_load_state{tutti_load_state="overloaded"}') == 1
        await client.send(Refresh(ann.token), client.append(document, 1, 0, 0))
        assert [row.seq for row in await client.rows(1)] == [1]
        node.spend(IDLE, 10)
        async with here.client(ben):
            await client.send(client.append(document, 2, 1, 1))
            assert [row.seq for row in await client.rows(1)] == [2]
    assert await node.metric('tutti_load_state{tutti_load_state="normal"}') == 1


async def test_who_has_nothing_here_yet_is_refused_first(node: Node) -> None:
    ann = await node.world.person("Ann")
    node.spend(FULL, 3)
    refused = await node.become_guest()
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert refused.json()["error"]["code"] == "overloaded"
    async with node.world.client(ann):
        assert await node.metric('tutti_refused_sessions_total{reason="guests"}') == 1
    node.spend(IDLE, 5)
    assert (await node.become_guest()).status_code == 201


async def test_the_node_stays_ready_and_alive(node: Node) -> None:
    node.spend(OVERLOADED, 3)
    async with httpx.AsyncClient() as client:
        for path in ("/healthz", "/readyz"):
            assert (await client.get(f"http://127.0.0.1:{node.world.port}{path}")).status_code == 200
