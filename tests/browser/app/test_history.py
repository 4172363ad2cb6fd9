"""People look at what a playlist was, and go back to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.app.visitors import PHONE, invite_link, needs_app, paste, visitor
from tests.browser.household import House
from tutti_client import connect, guest
from tutti_client.playlist import Playlist

pytestmark = needs_app


@asynccontextmanager
async def as_ben(home: House, link: str, playlist_id: str) -> AsyncIterator[Playlist]:
    """The playlist, in the hands of somebody who came by this link with a program."""
    ben = await guest(home.url, "Ben")
    async with (
        connect(home.url, token=ben) as tutti,
        httpx.AsyncClient(headers={"Authorization": f"Bearer {await ben()}"}) as http,
    ):
        secret = {"secret": link.rpartition("#")[2]}
        (await http.post(f"{home.url}/v1/invites/accept", json=secret)).raise_for_status()
        playlist = await tutti.open_playlist(playlist_id)
        yield playlist
        await playlist.saved()


async def edited_by_ben(home: House, link: str, playlist_id: str) -> None:
    """Five songs, one version each; then one goes to the beginning and one goes."""
    async with as_ben(home, link, playlist_id) as playlist:
        for title in ("Amber", "Birch", "Cedar", "Dune", "Ember"):
            playlist.append([{"track": f"demo:{title}", "title": title}])
            await playlist.saved()
        playlist.move(4, 1, 0)
        await playlist.saved()
        playlist.remove(2, 1)


async def titles(page: Page) -> list[str]:
    """Those of the list that is shown, from the top."""
    rows = page.get_by_role("list", name="The list as it was").get_by_role("listitem")
    return [words.split("\n")[0] for words in await rows.locator("[class*=title]").all_inner_texts()]


@pytest.mark.parametrize("device", ["phone", "desktop"])
async def test_the_past_is_looked_at_and_restored(browser: Browser, home: House, device: str) -> None:
    shape = {"device": PHONE} if device == "phone" else {}
    async with visitor(browser, home.server, **shape) as ada:
        page = await ada.with_playlist()
        await edited_by_ben(home, await invite_link(page), page.url.rpartition("/")[2])
        await page.get_by_role("button", name="More").click()
        await page.get_by_role("menuitem", name="History").click()
        slider = page.get_by_role("slider", name="Which version is shown")
        await expect(slider).to_have_value("7")
        await expect(slider).to_have_attribute("aria-valuetext", "Version 7 of 7, now: Ben removed 1 song")

        # Keys go back by versions; what became of the songs stands beside them.
        await slider.press("ArrowLeft")
        await slider.press("ArrowLeft")
        await page.get_by_text("1 song elsewhere now").wait_for()
        assert await titles(page) == ["Amber", "Birch", "Cedar", "Dune", "Ember"]
        await expect(page.get_by_text("gone now", exact=True)).to_have_count(1)
        await expect(page.get_by_text("now at place 1")).to_have_count(1)
        await slider.press("Home")
        await page.get_by_text("The list was empty here.").wait_for()
        await page.get_by_text("4 songs that came later").wait_for()

        # Restoring is for everybody, and is taken back by its notice.
        for _ in range(2):
            await slider.press("ArrowRight")
        await page.get_by_text("Version 2 of 7").wait_for()
        await page.get_by_role("button", name="Restore this version").click()
        await expect(slider).to_have_value("8")
        assert await titles(page) == ["Amber", "Birch"]
        await page.get_by_role("button", name="Undo").click()
        await expect(slider).to_have_value("9")
        assert await titles(page) == ["Ember", "Amber", "Cedar", "Dune"]
        await page.get_by_role("link", name="Back to Friday").click()
        await page.get_by_text("4 songs").first.wait_for()


async def test_a_viewer_sees_the_past_and_cannot_bring_it_back(browser: Browser, home: House) -> None:
    async with visitor(browser, home.server) as ada, visitor(browser, home.server) as ben:
        hers = await ada.with_playlist("a")
        await paste(hers, "b")
        await hers.get_by_role("button", name="Share").click()
        await hers.get_by_role("combobox").first.select_option("viewer")
        await hers.get_by_role("button", name="Copy an invite link").click()
        link = await hers.get_by_label("Invite link").input_value()
        his = await ben.enter("Ben", link[link.index("/invite") :])
        await his.get_by_text("2 songs").first.wait_for()
        await his.goto(f"{hers.url}/history")
        await his.get_by_role("button", name="One version earlier").click()
        await his.get_by_text("1 song came later").wait_for()
        assert await his.get_by_role("button", name="Restore this version").count() == 0


async def test_the_past_of_ten_thousand_songs_is_looked_at_and_restored(
    browser: Browser, home: House
) -> None:
    async with visitor(browser, home.server) as ada:
        page = await ada.with_playlist()
        async with as_ben(home, await invite_link(page), page.url.rpartition("/")[2]) as playlist:
            for start in range(0, 10_000, 2_500):
                added = range(start + 1, start + 2_501)
                playlist.append([{"track": f"demo:{number}", "title": f"Song {number}"} for number in added])
                await playlist.saved()
            playlist.remove(0, 9_000)
            await playlist.saved()
            now = playlist.version
        await page.goto(f"{page.url}/history")
        slider = page.get_by_role("slider", name="Which version is shown")
        await expect(slider).to_have_value(str(now))
        await slider.press("ArrowLeft")
        await page.get_by_text("9,000 songs gone now").wait_for()
        shown = await titles(page)
        assert shown[:2] == ["Song 1", "Song 2"]
        assert len(shown) < 60
        await page.get_by_role("button", name="Restore this version").click()
        await expect(slider).to_have_value(str(now + 1))
        await page.get_by_role("link", name="Back to Friday").click()
        await page.get_by_text("10,000 songs").first.wait_for()
        await page.get_by_text("Song 1", exact=True).wait_for()
