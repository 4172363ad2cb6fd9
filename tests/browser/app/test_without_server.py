"""The web app opens from what the browser kept of it, and a new build is taken by the next load."""

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


async def until_kept(page: Page) -> None:
    """Waits until the worker answers for this page."""
    await page.evaluate(
        """async () => {
            await navigator.serviceWorker.ready;
            if (navigator.serviceWorker.controller === null) {
                await new Promise(resolve => {
                    navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true });
                });
            }
        }"""
    )


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
            self._server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None))
            self._running = threading.Thread(target=self._server.run, kwargs={"sockets": [listening]})
            self._running.start()
            try:
                yield self
            finally:
                self.close()

    def close(self) -> None:
        self._server.should_exit = True
        self._running.join()


async def until_caches(page: Page, builds: list[int]) -> None:
    """Waits until these builds are kept. Browsers look for another worker a moment after a load."""
    await page.evaluate(
        """async builds => {
            const kept = async () =>
                (await caches.keys()).map(name => Number(/^tutti-app-(\\d)-/.exec(name)[1])).join();
            while ((await kept()) !== builds.join()) {
                await new Promise(requestAnimationFrame);
            }
        }""",
        builds,
    )
