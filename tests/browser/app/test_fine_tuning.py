"""Whoever hears an echo moves a slider, and is told once what the browser does without."""

from playwright.async_api import Browser, expect

from tests.browser.app.jams import add, play, start_jam
from tests.browser.app.visitors import PHONE, needs_app, visitor
from tests.browser.household import House, seen


@needs_app
@seen("musical_home", "plain-http")
async def test_an_output_is_nudged_and_keeps_it(browser: Browser, musical_home: House) -> None:
    # On plain http a browser withholds the most, and the page says so.
    async with visitor(browser, musical_home.server, PHONE) as ada:
        page = await ada.enter("Ada")
        await start_jam(page)
        await add(page, "Amber")
        await play(page)
        lacks = page.get_by_role("region", name="What this browser does without")
        await lacks.get_by_text("This page came over plain http").wait_for()
        await lacks.get_by_role("button", name="Understood").click()
        await lacks.wait_for(state="detached")

        slider = page.get_by_role("slider", name="Fine tuning")
        await page.get_by_role("button", name="Fine tuning").click()
        await slider.press("ArrowRight")
        await slider.press("ArrowRight")
        await expect(slider).to_have_attribute("aria-valuetext", "+10 ms")

        await page.reload()
        await page.get_by_role("button", name="Turn on sound here").click()
        await page.get_by_role("button", name="Fine tuning").click()
        await expect(slider).to_have_value("10")
        assert await lacks.count() == 0
        await page.get_by_role("button", name="Back to zero").click()
        await expect(slider).to_have_value("0")
