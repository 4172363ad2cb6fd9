"""The web app opens from what the browser kept of it, and a new build is taken by the next load."""

import asyncio
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from playwright.async_api import Browser, Page
from starlette.applications import Starlette

from collab.binding import listen, port_of
from collab.http_web import WebEndpoints
from tests.browser.app.visitors import WEB, needs_app, until_order, visitor
from tests.browser.household import House, seen

pytestmark = needs_app

# A page that is asked something waits for its answer for ever.
PATIENCE_S = 60


async def until_kept(page: Page) -> None:
    """Waits until the worker answers for this page."""
    await page.wait_for_function("() => navigator.serviceWorker.controller !== null")


async def test_the_app_opens_and_is_edited_while_the_server_is_gone(browser: Browser, home: House) -> None:
    async with visitor(browser, home.server) as ada:
        page = await ada.with_playlist("abc")
        await page.get_by_text("Saved", exact=True).first.wait_for()
        await page.get_by_role("link", name="To the library").click()
        await page.get_by_role("link", name="Friday").wait_for()
        await until_kept(page)

        home.kill()
        await page.reload()
        await page.get_by_text("Offline. What you do is kept here").wait_for()
        await page.get_by_role("link", name="Friday").click()
        await until_order(page, "abc")
        await page.get_by_role("row").nth(2).click()
        await page.keyboard.press("Alt+Home")
        await until_order(page, "cab")
        await page.reload()
        await until_order(page, "cab")

        home.start()
        await page.get_by_text("Saved", exact=True).first.wait_for()
        assert await page.evaluate("crossOriginIsolated")
        kept = await page.evaluate(
            """async () => {
                const opened = (await caches.keys()).map(name => caches.open(name));
                const requests = (await Promise.all(opened)).map(cache => cache.keys());
                return (await Promise.all(requests)).flat().map(({ url }) => new URL(url).pathname);
            }"""
        )
        assert "/" in kept
        assert not [path for path in kept if path.startswith("/v1")]


@seen("home", "plain-http")
async def test_on_plain_http_everything_comes_from_the_server(browser: Browser, home: House) -> None:
    async with visitor(browser, home.server) as ada:
        page = await ada.enter("Ada")
        assert not await page.evaluate("'serviceWorker' in navigator")


@seen("home", "plain-http")
async def test_a_page_says_that_the_server_has_a_newer_app(browser: Browser, home: House) -> None:
    # Without a service worker, too, so here is none.
    async with visitor(browser, home.server) as ada:
        page = await ada.enter("Ada")
        words = page.get_by_text("A newer version of Tutti is here")

        async def come_back() -> None:
            home.kill()
            await page.get_by_text("Offline.").wait_for()
            async with page.expect_response(f"{home.server}/"):
                home.start()

        await come_back()
        assert await words.count() == 0
        newer = (WEB / "dist" / "index.html").read_text().replace("/assets/index-", "/assets/index-2-")
        await page.route(f"{home.server}/", lambda route: route.fulfill(body=newer))
        await come_back()
        await words.wait_for()
        await page.unroute_all()
        await page.get_by_role("button", name="Reload").click()
        await page.get_by_text("No playlist yet").wait_for()


class Shop:
    """A server of the app's files alone, in a folder of its own, whose builds change."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(WEB / "dist", folder)
        self._index = (folder / "index.html").read_text()
        self._worker = (folder / "sw.js").read_text()

    def put(self, build: int) -> None:
        """Another build: the document and the worker differ."""
        (self.folder / "index.html").write_text(self._index.replace("<title>Tutti", f"<title>Tutti {build}"))
        worker = self._worker.replace('"version":"', f'"version":"{build}-')
        (self.folder / "sw.js").write_text(worker)

    @contextmanager
    def open(self) -> Iterator["Shop"]:
        with listen("127.0.0.1", 0) as listening:
            self.port = port_of(listening)
            app = Starlette(routes=WebEndpoints(self.folder).routes())
            config = uvicorn.Config(app, lifespan="off", log_config=None, timeout_graceful_shutdown=1)
            server = uvicorn.Server(config)
            running = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
            running.start()
            try:
                yield self
            finally:
                server.should_exit = True
                running.join()


async def until_in_charge(page: Page, builds: list[int]) -> None:
    """Waits until the last of these builds has taken over, and just these are kept.

    A browser looks for another worker a moment after a load, and forgets to if that load's own is replaced
    meanwhile: who loads again has to wait until the new one is in charge, not only until it is fetched.
    """
    waits = page.evaluate(
        """async builds => {
            for (;;) {
                const names = await caches.keys();
                const kept = names.map(name => Number(/^tutti-app-(\\d)-/.exec(name)[1]));
                const { installing, waiting, active } = await navigator.serviceWorker.ready;
                const isSettled = installing === null && waiting === null && active.state === "activated";
                if (isSettled && kept.join() === builds.join()) return;
                await new Promise(resolve => setTimeout(resolve, 20));
            }
        }""",
        builds,
    )
    await asyncio.wait_for(waits, PATIENCE_S)


async def test_a_new_build_is_taken_by_the_next_load(browser: Browser, tmp_path: Path) -> None:
    shop = Shop(tmp_path / "dist")
    shop.put(1)
    page = await browser.new_page()
    with shop.open():
        await page.goto(f"http://127.0.0.1:{shop.port}/")
        assert await page.title() == "Tutti 1"
        await until_kept(page)
        await until_in_charge(page, [1])
        # What is still open of the build before finds its parts.
        for build, kept in ((2, [1, 2]), (3, [2, 3])):
            shop.put(build)
            await page.reload()
            assert await page.title() == f"Tutti {build}"
            await until_in_charge(page, kept)
    for path in ("/", "/p/4mXk0a9Vb2Qz7RtYpLwNcE", "/J/K7QX2MBD"):
        await page.goto(f"http://127.0.0.1:{shop.port}{path}")
        assert await page.title() == "Tutti 3"
        await page.get_by_role("button", name="Come in").wait_for()
