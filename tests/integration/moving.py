"""Two nodes, people who edit while one of them stops, and a note of whoever was offline."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from tests.collab.command import Serving, serving
from tutti_client import Playlist, Tutti
from tutti_client.link import Link

SECRET = "a secret that both nodes of this test know"
EDITS = 30


@asynccontextmanager
async def two_nodes(folder: Path, *options: object) -> AsyncIterator[list[Serving]]:
    """`options` name their database and Redis."""
    async with AsyncExitStack() as stack:

        async def start(name: str) -> Serving:
            started = serving(folder / name, *options, TUTTI_SECRET=SECRET)
            node = await asyncio.to_thread(started.__enter__)
            stack.push_async_callback(asyncio.to_thread, started.__exit__, None, None, None)
            return node

        yield list(await asyncio.gather(start("here"), start("there")))


def note_offline(monkeypatch: pytest.MonkeyPatch) -> list[Link]:
    """From now on whoever is offline, for a moment or for good, is noted in the list."""
    offline: list[Link] = []
    disconnected = Link.disconnected

    def note(link: Link) -> None:
        offline.append(link)
        disconnected(link)

    monkeypatch.setattr(Link, "disconnected", note)
    return offline


async def edit_while_moving(tutti: Tutti, playlist: Playlist, name: str) -> list[str]:
    """One edit after the other, from before the move until after it. Returns the tracks."""
    tracks: list[str] = []
    while len(tracks) < EDITS or tutti.sessions < 2:
        tracks.append(f"tutti:track:{name}-{len(tracks)}")
        playlist.append({"track": tracks[-1]})
        assert tutti.is_connected
        if len(tracks) % 5 == 0:
            await playlist.saved()
        await asyncio.sleep(0.01)  # people are not that fast either
    await playlist.saved()
    return tracks


async def edit_all(people: list[Tutti], playlists: list[Playlist]) -> list[str]:
    """All of them. Returns all tracks."""
    editing = [
        edit_while_moving(tutti, playlist, str(number))
        for number, (tutti, playlist) in enumerate(zip(people, playlists, strict=True))
    ]
    return [track for tracks in await asyncio.gather(*editing) for track in tracks]


async def assert_holds(playlist: Playlist, wanted: list[str]) -> None:
    """Each track is there, once."""
    changes = playlist.changes()
    while len(playlist.entries) < len(wanted):
        await anext(changes)
    assert sorted(str(entry["track"]) for entry in playlist.entries) == sorted(wanted)
