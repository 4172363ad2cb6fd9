"""Somebody brings a playlist as a file, reads what became of it, and takes it away again."""

from playwright.async_api import Browser, expect

from tests.browser.app.visitors import PHONE, needs_app, visitor
from tests.browser.household import House

pytestmark = needs_app

M3U = b"""#EXTM3U
#PLAYLIST:Brought along
#EXTINF:214,James Arthur - Empty Space
spotify:track:1uru26I2JKd2mQZt0MDCUe
#EXTINF:100,Ada - On my disk only
music/ada.mp3
"""


def chosen(name: str, content: bytes) -> dict[str, object]:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


async def test_a_file_becomes_a_playlist_and_a_playlist_a_file(browser: Browser, home: House) -> None:
    async with visitor(browser, home.server, PHONE) as ada:
        page = await ada.enter("Ada")
        await page.get_by_role("button", name="Import a playlist").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("The file").set_input_files(chosen("x.xspf", b"<playlist>\n</list>"))
        await dialog.get_by_role("button", name="Import").click()
        await expect(dialog.get_by_role("alert")).to_have_text("Line 2: This is no XML.")
        await dialog.get_by_label("The file").set_input_files(chosen("mine.m3u", M3U))
        await dialog.get_by_role("button", name="Import").click()
        await expect(dialog.get_by_role("heading", name="“Brought along” is here")).to_be_visible()
        await expect(dialog.get_by_text("1 of 2 songs are in it.")).to_be_visible()
        left_out = dialog.get_by_role("listitem")
        await expect(left_out).to_have_count(1)
        await expect(left_out).to_contain_text("Ada – On my disk only")
        await dialog.get_by_role("button", name="Open the playlist").click()
        await page.get_by_role("heading", name="Brought along").wait_for()
        await expect(page.get_by_text("Empty Space").first).to_be_visible()

        await page.get_by_role("button", name="More").first.click()
        await page.get_by_role("menuitem", name="Download as …").click()
        async with page.expect_download() as coming:
            await page.get_by_role("dialog").get_by_role("button", name="CSV").click()
        download = await coming.value
        assert download.suggested_filename == "Brought along.csv"
        text = (await download.path()).read_text()
        assert '"spotify:track:1uru26I2JKd2mQZt0MDCUe","Empty Space"' in text
        await expect(page.get_by_role("dialog")).to_have_count(0)
