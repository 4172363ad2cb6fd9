"""The music goes on while another page is shown."""

from playwright.async_api import Browser, expect

from tests.browser.app.jams import add, play, start_jam
from tests.browser.app.visitors import DESKTOP, PHONE, make_playlist, needs_app, visitor
from tests.browser.household import House

pytestmark = needs_app


async def test_a_jam_is_heard_and_steered_from_other_pages(browser: Browser, musical_home: House) -> None:
    async with visitor(browser, musical_home.server, PHONE) as ada:
        page = await ada.enter("Ada")
        await start_jam(page)
        await add(page, "Amber")
        bar = page.get_by_role("complementary", name="Heard here")
        await play(page)
        await page.locator("[data-kind=locked]").wait_for()
        assert await bar.count() == 0

        await page.get_by_role("link", name="To the library").click()
        await bar.get_by_text("Amber").wait_for()
        await make_playlist(page, "Friday")
        await bar.get_by_role("button", name="Pause").click()
        await bar.get_by_role("button", name="Play").click()
        await expect(bar.get_by_role("button", name="Pause")).to_be_visible()
        # Nothing of the page lies below it for good.
        covered = await page.evaluate(
            "getComputedStyle(document.documentElement).getPropertyValue('--below')"
        )
        box = await bar.bounding_box()
        assert box is not None
        assert covered == f"{box['height']:g}px"

        # A wide screen has it, too.
        await page.set_viewport_size(DESKTOP["viewport"])
        await bar.get_by_role("link", name="Amber").click()
        await page.locator("[data-kind=locked]").wait_for()
        assert await bar.count() == 0
        await page.get_by_role("link", name="To the library").click()
        await bar.get_by_role("button", name="Silence here").click()
        await bar.wait_for(state="detached")
