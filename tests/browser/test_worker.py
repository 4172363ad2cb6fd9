"""The worker that keeps time for a page: where the page is busy, its policy strict, or its tab hidden."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Route

from tests.browser.household import House, house, seen
from tests.browser.site import ISOLATED, site
from tests.clients.javascript import needs_javascript

pytestmark = needs_javascript

# Longer than any way on this machine takes, also where much else runs.
BLOCKED_MS = 100


@asynccontextmanager
async def page_at(browser: Browser, home: House) -> AsyncIterator[Page]:
    """A page that is to be started; what its policy forbids it does not do."""
    page = await browser.new_page()
    try:
        await page.goto(f"{home.site}/worker.html")
        yield page
        await page.evaluate("page.stop()")
        assert await page.evaluate("page.violations") == []
    finally:
        await page.close()


async def start(page: Page, home: House, *, aside: bool = True) -> None:
    """In a Jam."""
    given = {"server": home.server, "name": "Ada", "aside": aside}
    await page.evaluate("given => page.start(given)", given)


@pytest.mark.parametrize("aside", [True, False], ids=["worker", "page"])
async def test_what_comes_while_the_page_is_busy_is_stamped_when_it_comes(
    browser: Browser, home: House, *, aside: bool
) -> None:
    async with page_at(browser, home) as page:
        await page.evaluate("ms => page.blockAfterEachProbe(ms)", BLOCKED_MS)
        await start(page, home, aside=aside)
        rtt_ms = (await page.evaluate("page.measured()"))["rttMs"]
        assert rtt_ms < BLOCKED_MS if aside else rtt_ms >= BLOCKED_MS


async def test_a_tab_that_nobody_sees_goes_on_by_the_timers_of_its_worker(
    browser: Browser, home: House
) -> None:
    async with page_at(browser, home) as page:
        await page.evaluate("page.hide()")
        await start(page, home)
        assert await page.evaluate("page.lack()") is None
        await page.evaluate("page.measured()")
        await page.evaluate("page.tick(1)")


@seen("home", "plain-http")
async def test_it_runs_on_plain_http_in_a_lan(browser: Browser, home: House) -> None:
    async with page_at(browser, home) as page:
        await start(page, home)
        assert await page.evaluate("[page.isSecure, page.lack()]") == [False, None]
        await page.evaluate("page.measured()")


async def test_it_runs_in_a_page_that_is_isolated(browser: Browser, tmp_path: Path) -> None:
    with site(headers=ISOLATED) as port, house(tmp_path / "data", port) as home:
        async with page_at(browser, home) as page:
            await start(page, home)
            assert await page.evaluate("[page.isIsolated, page.lack()]") == [True, None]
            await page.evaluate("page.measured()")


async def test_a_worker_that_does_not_come_is_done_without(browser: Browser, home: House) -> None:
    async with page_at(browser, home) as page:
        await page.context.route("**/probe-worker.js", lambda route: route.abort())
        await start(page, home)
        assert await page.evaluate("page.lack()") == "worker_failed"
        await page.evaluate("page.measured()")


async def test_a_worker_whose_policy_lets_it_not_connect_is_done_without(
    browser: Browser, home: House
) -> None:
    async def strict(route: Route) -> None:
        policy = {"content-security-policy": "default-src 'none'; script-src 'self'"}
        fetched = await route.fetch()
        await route.fulfill(response=fetched, headers={**fetched.headers, **policy})

    async with page_at(browser, home) as page:
        await page.context.route("**/probe-worker.js", strict)
        await start(page, home)
        assert await page.evaluate("page.lack()") == "worker_unconnected"
        await page.evaluate("page.measured()")
