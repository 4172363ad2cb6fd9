"""A node of two is told to stop while people edit: they move, and nobody notices."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest

from tests.collab.command import PATIENCE_S, Serving, serving
from tests.collab.serving import HUNG_S
from tests.integration.test_two_nodes import make_playlist
from tutti_client import Jam, Playlist, Tutti, connect, guest
from tutti_client.link import Link

SECRET = "a secret that both nodes of this test know"
PEOPLE = 6
EDITS = 30


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


@pytest.fixture
async def nodes(tmp_path: Path, postgres_url: str, valkey_server: str) -> AsyncIterator[list[Serving]]:
    async with AsyncExitStack() as stack:

        async def start(name: str) -> Serving:
            options = ("--database-url", postgres_url, "--redis-url", valkey_server)
            started = serving(tmp_path / name, *options, TUTTI_SECRET=SECRET)
            node = await asyncio.to_thread(started.__enter__)
            stack.push_async_callback(asyncio.to_thread, started.__exit__, None, None, None)
            return node

        yield list(await asyncio.gather(start("here"), start("there")))


async def edit(tutti: Tutti, playlist: Playlist, name: str) -> int:
    """One edit after the other, from before the move until after it; how many."""
    edits = 0
    while edits < EDITS or tutti.sessions < 2:
        edits += 1
        playlist.append({"track": f"tutti:track:{name}-{edits}"})
        assert tutti.is_connected
        if edits % 5 == 0:
            await playlist.saved()
        await asyncio.sleep(0.01)
    await playlist.saved()
    return edits


async def test_clients_of_a_node_that_stops_move_without_being_offline(
    nodes: list[Serving], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = nodes
    offline: list[Link] = []
    disconnected = Link.disconnected

    def note(link: Link) -> None:
        offline.append(link)
        disconnected(link)

    async with AsyncExitStack() as stack:
        await stack.enter_async_context(asyncio.timeout(2 * HUNG_S))
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
        jams = await open_jam(people)
        monkeypatch.setattr(Link, "disconnected", note)

        editing = [
            asyncio.create_task(edit(tutti, playlist, str(number)))
            for number, (tutti, playlist) in enumerate(zip(people, playlists, strict=True))
        ]
        here.process.send_signal(signal.SIGTERM)
        edits = await asyncio.gather(*editing)
        assert await asyncio.to_thread(here.process.wait, PATIENCE_S) == 0
        assert not offline, "everybody was connected all the time"

        wanted = {
            f"tutti:track:{person}-{number}"
            for person, made in enumerate(edits)
            for number in range(1, made + 1)
        }
        changes = seen.changes()
        while len(seen.entries) < len(wanted):
            await anext(changes)
        tracks = [entry["track"] for entry in seen.entries]
        assert len(tracks) == len(wanted), "nothing is there twice"
        assert set(tracks) == wanted
        await jams[0].add({"track": "demo:One", "title": "One", "duration_ms": 180_000})
        follow = jams[1].changes()
        while not jams[1].queue:
            await anext(follow)
        monkeypatch.undo()
    sockets = [line for line in balancer.requests if "/v1/socket" in line]
    assert len(sockets) >= 2 * PEOPLE
    assert all(f"/v1/socket?document={document} " in line for line in sockets)


async def open_jam(people: list[Tutti]) -> tuple[Jam, Jam]:
    jam = await people[0].start_jam("Friday")
    return jam, await people[1].join_jam((await jam.code()).code)
