"""Where it is measured: a list, its owner without a page, and people with a browser each.

Knows how people come in. Does not know what is measured.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import httpx
from playwright.async_api import Browser, BrowserContext, Page

from tests.browser.app.visitors import DESKTOP, WEB
from tutti_client import Playlist, connect, guest

BUILT: Final = WEB / "dist" / "index.html"
_PERSON: Final = "JSON.parse(Object.values(localStorage).find(kept => kept.includes('refreshToken'))).userId"


@dataclass(frozen=True, slots=True)
class Scene:
    """`playlist` is the owner's own view of it."""

    browser: Browser
    server: str
    playlist: Playlist
    token: str

    @asynccontextmanager
    async def visitor(self, name: str) -> AsyncIterator[BrowserContext]:
        """A new browser of somebody who may edit the list, and whose page is closed."""
        context = await self.browser.new_context(**DESKTOP)
        try:
            page = await context.new_page()
            await page.goto(self.server)
            await page.get_by_label("What shall the others call you?").fill(name)
            await page.keyboard.press("Enter")
            await page.get_by_text("No playlist yet").wait_for()
            await self.admit(await page.evaluate(_PERSON))
            await page.close()
            yield context
        finally:
            await context.close()

    async def admit(self, user: str) -> None:
        """To the list, as one who may edit it."""
        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {self.token}"}) as http:
            path = f"{self.server}/v1/playlists/{self.playlist.id}/members/{user}"
            (await http.put(path, json={"role": "editor"})).raise_for_status()

    async def open(self, context: BrowserContext) -> Page:
        """The list, when it is drawn."""
        page = await context.new_page()
        await page.goto(f"{self.server}/p/{self.playlist.id}")
        await page.get_by_text(f"{len(self.playlist.entries):,} songs").first.wait_for()
        await page.get_by_role("row").first.wait_for()
        return page


@asynccontextmanager
async def scene(browser: Browser, server: str, entries: int) -> AsyncIterator[Scene]:
    """A list of so many."""
    owner = await guest(server, "Owner")
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {await owner()}"}) as http:
        made = await http.post(f"{server}/v1/me/playlists", json={"name": "Everything"})
    async with connect(server, token=owner) as tutti:
        playlist = await tutti.open_playlist(str(made.json()["id"]))
        playlist.append(
            {
                "track": f"demo:{number}",
                "title": f"Song {number}",
                "artists": [f"Artist {number % 97}", "Somebody"],
                "album": f"Album {number % 311}",
                "duration_ms": 180_000 + number,
            }
            for number in range(entries)
        )
        await playlist.saved()
        yield Scene(browser, server, playlist, await owner())
