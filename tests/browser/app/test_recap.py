"""An evening that is over is looked back upon, and sent around as a picture."""

from pathlib import Path

from playwright.async_api import Browser, expect

from tests.browser.app.test_jams import add, musical, start_jam
from tests.browser.app.visitors import PHONE, needs_app, visitor


@needs_app
async def test_the_evening_is_a_picture_to_keep(browser: Browser, site_port: int, tmp_path: Path) -> None:
    with musical(tmp_path, site_port) as home:
        async with visitor(browser, home.server, PHONE) as ada:
            page = await ada.enter("Ada")
            await start_jam(page)
            await add(page, "Amber")
            await page.get_by_role("button", name="Play", exact=True).click()
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
