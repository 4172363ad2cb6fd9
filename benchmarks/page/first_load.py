"""How much script a browser fetches until there is something to do, compressed.

Counted is what the page, and the workers beside it, got from the server in a browser that was never here:
until the door is drawn, until the library is, and, for who comes by an address, until a playlist is. Each
file once, by gzip's default level, however the server sent it.
"""

import gzip
from typing import Final

from playwright.async_api import BrowserContext, Response

from benchmarks.page.scene import Scene
from benchmarks.report import Report

_LEVEL: Final = 6
_KB: Final = 1000


class _Scripts:
    """What was fetched by the pages of a context, by address."""

    def __init__(self, context: BrowserContext) -> None:
        self._fetched: dict[str, Response] = {}
        context.on("response", self._saw)

    def _saw(self, response: Response) -> None:
        kind = response.headers.get("content-type", "")
        # What a service worker lays in for later is no part of it.
        if response.ok and "javascript" in kind and response.request.service_worker is None:
            self._fetched[response.url] = response

    async def kilobytes(self) -> float:
        bodies = [await response.body() for response in self._fetched.values()]
        return sum(len(gzip.compress(body, _LEVEL)) for body in bodies) / _KB


async def measure_loads(report: Report, contender: str, scene: Scene) -> None:
    context = await scene.browser.new_context()
    try:
        scripts = _Scripts(context)
        page = await context.new_page()
        await page.goto(scene.server)
        name = page.get_by_label("What shall the others call you?")
        await name.wait_for()
        await page.wait_for_load_state("networkidle")
        report.add(contender, "script until the door, gzip KB", await scripts.kilobytes())
        await name.fill("Ada")
        await page.keyboard.press("Enter")
        await page.get_by_text("No playlist yet").wait_for()
        await page.wait_for_load_state("networkidle")
        report.add(contender, "script until the library, gzip KB", await scripts.kilobytes())
    finally:
        await context.close()
    async with scene.visitor("Ben") as known:
        # As if the browser had never been here but for who it is.
        session = await (await known.new_page()).context.new_cdp_session(known.pages[0])
        await session.send("Network.clearBrowserCache")
        scripts = _Scripts(known)
        page = await scene.open(known)
        await page.wait_for_load_state("networkidle")
        report.add(contender, "script until the playlist, gzip KB", await scripts.kilobytes())
