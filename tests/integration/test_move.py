"""A node of two is told to stop while people edit: they move, and nobody notices."""

import asyncio
import signal
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest

from tests.collab.command import PATIENCE_S, Serving
from tests.collab.serving import HUNG_S
from tests.integration.moving import assert_holds, edit_all, note_offline, two_nodes
from tests.integration.test_two_nodes import make_playlist
from tutti_client import connect, guest

PEOPLE = 6


class Balancer:
    """Sends whoever comes to the first of its nodes that lets them in; the one that stops comes first, so
    only a closed port keeps anybody away from it. Remembers what was asked for."""

    def __init__(self, *nodes: Serving) -> None:
        self._nodes = nodes
        self.requests: list[str] = []
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> "Balancer":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for node in self._nodes:
            with suppress(OSError):
                there, back = await asyncio.open_connection("127.0.0.1", node.port)
                break
        else:
            writer.close()
            return
        request = await reader.readline()
        self.requests.append(request.decode())
        back.write(request)
        for source, target in ((reader, back), (there, writer)):
            task = asyncio.create_task(_pump(source, target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await source.read(64 * 1024):
            target.write(data)
            await target.drain()
    target.close()


async def test_clients_of_a_node_that_stops_move_without_being_offline(
    tmp_path: Path, postgres_url: str, valkey_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(asyncio.timeout(2 * HUNG_S))
        options = ("--database-url", postgres_url, "--redis-url", valkey_server)
        here, there = await stack.enter_async_context(two_nodes(tmp_path, *options))
        balancer = await stack.enter_async_context(Balancer(here, there))
        token = await (await guest(balancer.url, "Ada"))()
        document = await asyncio.to_thread(make_playlist, here, token)
        people = [
            await stack.enter_async_context(connect(balancer.url, token=token, document=document))
            for _ in range(PEOPLE)
        ]
        witness = await stack.enter_async_context(connect(there.url, token=token))
        seen = await witness.open_playlist(document)
        playlists = [await tutti.open_playlist(document) for tutti in people]
        jam = await people[0].start_jam("Friday")
        party = await people[1].join_jam((await jam.code()).code)

        with monkeypatch.context() as patched:
            offline = note_offline(patched)
            editing = asyncio.create_task(edit_all(people, playlists))
            here.process.send_signal(signal.SIGTERM)
            tracks = await editing
            assert await asyncio.to_thread(here.process.wait, PATIENCE_S) == 0
            assert not offline, "everybody was connected all the time"
        await assert_holds(seen, tracks)
        await jam.add({"track": "demo:One", "title": "One", "duration_ms": 180_000})
        follow = party.changes()
        while not party.queue:
            await anext(follow)
    sockets = [line for line in balancer.requests if "/v1/socket" in line]
    assert len(sockets) == 2 * PEOPLE
    assert all(f"/v1/socket?document={document} " in line for line in sockets)
