"""People at the web app, each with a browser profile of their own.

Whatever a page does that no page may do (an exception that nobody took, a breach of its policy, an error in
the console) fails the test. Knows what people see and press. Does not know what a test is about.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page

WEB = Path(__file__).parents[3] / "clients" / "web"

needs_app = pytest.mark.skipif(
    not (WEB / "dist" / "index.html").is_file(), reason="`make web` builds the app"
)

PHONE: Any = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESKTOP: Any = {"viewport": {"width": 1280, "height": 800}}
Scheme = Literal["light", "dark"]

# A server that refuses, or is away, is no fault of the page's: it says so where it is shown. On plain http a
# browser says that it does not isolate the page.
_EXPECTED = (
    "Failed to load resource",
    "WebSocket connection to",
    "The Cross-Origin-Opener-Policy header has been ignored",
)


@dataclass
class Visitor:
    """Somebody with one browser; `page` is the tab that they look at."""

    context: BrowserContext
    url: str
    faults: list[str] = field(default_factory=list)

    async def open(self, path: str = "/") -> Page:
        """Another tab."""
        page = await self.context.new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._heard)
        await page.goto(f"{self.url}{path}")
        return page

    async def enter(self, name: str, path: str = "/") -> Page:
        """Says a name at the door, and is in."""
        page = await self.open(path)
        await page.get_by_label("What shall the others call you?").fill(name)
        await page.get_by_role("button", name="Come in").click()
        await page.get_by_role("button", name=f"You: {name}").wait_for()
        return page

    async def with_playlist(self, ids: str = "") -> Page:
        """Comes in as Ada, and makes the playlist Friday of these tracks, each a letter."""
        page = await self.enter("Ada")
        await make_playlist(page, "Friday")
        if ids:
            await paste(page, *ids)
            await until_order(page, ids)
        return page

    async def invited(self, hers: Page, ids: str) -> Page:
        """Comes in as Ben, by a link to the playlist of that page, which has these tracks."""
        page = await self.enter("Ben", await invite_link(hers))
        await until_order(page, ids)
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(_EXPECTED):
            self.faults.append(message.text)


@asynccontextmanager
async def visitor(
    browser: Browser, url: str, device: Any = DESKTOP, scheme: Scheme = "light"
) -> AsyncIterator[Visitor]:
    context = await browser.new_context(**device, color_scheme=scheme)
    made = Visitor(context, url)
    try:
        yield made
        assert not made.faults, made.faults
    finally:
        await context.close()


async def make_playlist(page: Page, name: str) -> None:
    await page.get_by_role("button", name="New playlist").first.click()
    await page.get_by_role("dialog").get_by_label("What is it called?").fill(name)
    await page.get_by_role("button", name="Create").click()
    await page.get_by_role("textbox", name="Name of the playlist").wait_for()


async def invite_link(page: Page) -> str:
    """The path and secret of a link for editors, made on a playlist's page."""
    await page.get_by_role("button", name="Share").click()
    await page.get_by_role("button", name="Copy an invite link").click()
    link = await page.get_by_label("Invite link").input_value()
    await page.get_by_role("button", name="Close").click()
    return link[link.index("/invite") :]


async def paste(page: Page, *ids: str) -> None:
    """Adds tracks by their links; an id is a short text."""
    links = " ".join(f"spotify:track:{given:0>22}" for given in ids)
    await page.get_by_role("searchbox").fill(links)
    await page.get_by_role("searchbox").press("Enter")


def rows(page: Page) -> Locator:
    return page.get_by_role("grid").get_by_role("row")


async def until_order(page: Page, wanted: str) -> None:
    """Waits until the entries in sight stand so."""
    await page.wait_for_function(
        """wanted => [...document.querySelectorAll("[role=row]")]
            .sort((one, other) => one.ariaRowIndex - other.ariaRowIndex)
            .map(row => row.querySelector("[class*=artists]").innerText.split(":").at(-1).replace(/^0+/, ""))
            .join("") === wanted""",
        arg=wanted,
    )
