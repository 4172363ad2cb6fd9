"""The SDK at a node of the tests: where it is, what a list shows, and waiting until it does."""

import asyncio
from collections.abc import Callable

from tests.collab.serving import HUNG_S
from tests.integration.world import World
from tutti_client import Playlist


def url(node: World) -> str:
    return f"http://127.0.0.1:{node.port}"


def titles(playlist: Playlist) -> str:
    return "".join(str(entry["title"]) for entry in playlist.entries)


def songs(names: str) -> list[dict[str, str]]:
    return [{"track": f"tutti:track:{name}", "title": name} for name in names]


async def until(playlist: Playlist, is_so: Callable[[], bool]) -> None:
    """Waits for changes until something is so."""
    async with asyncio.timeout(HUNG_S):
        changes = playlist.changes()
        while not is_so():
            await anext(changes)


async def present(playlist: Playlist, is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(HUNG_S):
        while not is_so():
            await playlist.members_changed()
