"""An evening that is over is looked back upon, and sent around as a picture."""

from playwright.async_api import Browser, expect

from tests.browser.app.jams import add, play, start_jam
from tests.browser.app.visitors import PHONE, needs_app, visitor
from tests.browser.household import House


@needs_app
async def test_the_evening_is_a_picture_to_keep(browser: Browser, musical_home: House) -> None:
    async with visitor(browser, musical_home.server, PHONE) as ada:
        page = await ada.enter("Ada")
        await start_jam(page)
        await add(page, "Amber")
        await play(page)
        await page.get_by_role("button", name="Pause", exact=True).wait_for()
        await page.get_by_role("button", name="More").click()
        await page.get_by_role("menuitem", name="End the Jam").click()
        picture = page.get_by_role("img", name="Ada’s Jam as a picture")
        await expect(picture).to_have_js_property("naturalWidth", 1200)
        async with page.expect_download() as downloading:
            await page.get_by_role("button", name="Share the picture").click()
        download = await downloading.value
        assert download.suggested_filename.endswith("Jam.png")
        assert (await download.path()).read_bytes().startswith(b"\x89PNG")
