"""Somebody is told what would go well with a playlist, and takes it."""

from playwright.async_api import Browser, expect

from tests.browser.app.visitors import PHONE, make_playlist, needs_app, paste, until_order, visitor
from tests.browser.household import House

pytestmark = needs_app


async def test_what_stands_beside_a_song_elsewhere_is_suggested_and_taken(
    browser: Browser, home: House
) -> None:
    async with visitor(browser, home.server, PHONE) as ada:
        page = await ada.enter("Ada")
        # Others at this server have songs, too, which must not go well with these.
        for name, ids in (("Sunday", "uvw"), ("Friday", "u")):
            await page.get_by_role("link", name="To the library").click()
            await make_playlist(page, name)
            await paste(page, *ids)
            await until_order(page, ids)
            await page.get_by_text("Saved", exact=True).wait_for()
        await page.get_by_role("button", name="Suggestions").click()
        suggested = page.get_by_role("region", name="Would go well with it")
        await expect(suggested.get_by_role("listitem")).to_have_count(2)
        await expect(suggested.get_by_text("in 1 of your playlists with").first).to_be_visible()
        await suggested.get_by_role("button", name="Add A song").first.click()
        await page.get_by_text("2 songs").first.wait_for()
        # What was taken is suggested no more; nobody need ask.
        await expect(suggested.get_by_role("listitem")).to_have_count(1)
        await suggested.get_by_role("button", name="Add A song").click()
        await suggested.get_by_text("Nothing to suggest yet.").wait_for()
        await suggested.get_by_role("button", name="Hide").click()
        await expect(page.get_by_role("button", name="Suggestions")).to_be_visible()
