"""The whole web app: what it looks like, whom it shuts out, what it lets nobody do."""

import os
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.app.payloads import PAYLOADS
from tests.browser.app.visitors import (
    DESKTOP,
    PHONE,
    WEB,
    Scheme,
    make_playlist,
    needs_app,
    paste,
    until_order,
    visitor,
)
from tests.browser.household import House
from tutti_client import connect, guest

pytestmark = needs_app

# Where to put what is seen; by default it is thrown away.
SHOTS = os.environ.get("TUTTI_SCREENSHOTS", "")


async def look(page: Page, name: str, folder: Path) -> None:
    await page.screenshot(path=Path(SHOTS or folder) / f"{name}.png", animations="disabled")


async def accept(url: str, token: str, secret: str) -> None:
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as http:
        (await http.post(f"{url}/v1/invites/accept", json={"secret": secret})).raise_for_status()


async def faults(page: Page) -> list[str]:
    """What axe finds that is serious."""
    await page.evaluate((WEB / "node_modules/axe-core/axe.min.js").read_text())
    found = await page.evaluate("axe.run()")
    return [
        f"{one['id']}: {one['help']} ({one['nodes'][0]['html'][:160]})"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("device", ["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page_can_be_read_by_everybody(
    browser: Browser, home: House, tmp_path: Path, device: str, scheme: Scheme
) -> None:
    shape = PHONE if device == "phone" else DESKTOP
    async with visitor(browser, home.server, shape, scheme) as ada:
        page = await ada.open()
        await page.get_by_role("button", name="Come in").wait_for()

        async def check(name: str) -> None:
            await look(page, f"{name}-{device}-{scheme}", tmp_path)
            assert await faults(page) == [], name

        await check("door")
        await page.get_by_label("What shall the others call you?").fill("Ada")
        await page.keyboard.press("Enter")
        await page.get_by_text("No playlist yet").wait_for()
        await check("library-empty")
        await make_playlist(page, "Friday evening")
        await page.get_by_text("No songs yet").wait_for()
        await check("playlist-empty")
        await paste(page, *"abc")
        await until_order(page, "abc")
        await page.get_by_role("row").nth(1).click()
        await check("playlist")
        await page.get_by_role("button", name="Share").click()
        await page.get_by_role("dialog").get_by_text("Ada").first.wait_for()
        await check("share")
        await page.keyboard.press("Escape")
        await page.get_by_role("link", name="To the library").click()
        await page.get_by_text("3 songs").wait_for()
        await check("library")
        await page.get_by_role("button", name="Start a Jam").click()
        await page.get_by_text("Nothing plays yet").wait_for()
        await check("jam")
        await page.get_by_role("button", name="Invite").click()
        await page.get_by_role("dialog").get_by_role("img").wait_for()
        await check("invite")
        await page.keyboard.press("Escape")
        await page.goto(f"{home.server}/p/0000000000000000000000")
        await page.get_by_text("This playlist is not shared with you").wait_for()
        await check("not-shared")


async def test_names_and_titles_run_nothing(browser: Browser, home: House) -> None:
    async with visitor(browser, home.server) as ada:
        page = await ada.with_playlist()
        playlist_id = page.url.rpartition("/")[2]
        session = await page.evaluate("Object.values(localStorage).find(text => text.includes('token'))")
        assert "refreshToken" in session
        await page.get_by_role("button", name="Share").click()
        await page.get_by_role("button", name="Copy an invite link").click()
        secret = (await page.get_by_label("Invite link").input_value()).rpartition("#")[2]
        await page.keyboard.press("Escape")
        ben = await guest(home.url, "Ben")
        async with connect(home.url, token=ben) as tutti:
            await accept(home.url, await ben(), secret)
            playlist = await tutti.open_playlist(playlist_id)
            playlist.append(
                {"track": f"demo:{number}", "title": payload, "artists": [payload], "album": payload}
                for number, payload in enumerate(PAYLOADS)
            )
            playlist.set_attribute("name", PAYLOADS[0])
            await playlist.saved()
            await page.get_by_text(f"{len(PAYLOADS)} songs").first.wait_for()
            for number in range(0, len(PAYLOADS), 10):
                await page.get_by_role("row").first.focus()
                await page.evaluate("y => window.scrollTo(0, y)", number * 60)
            assert await page.evaluate("window.ran === undefined")
            assert await page.locator("img[src=x], svg[onload], iframe, object, embed").count() == 0


async def test_what_is_said_while_a_dialog_is_open_can_be_sent_away(browser: Browser, home: House) -> None:
    async with visitor(browser, home.server) as ada:
        await ada.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = await ada.with_playlist()
        await page.get_by_role("button", name="Share").click()
        await page.get_by_role("button", name="Copy an invite link").click()
        said = page.get_by_role("listitem").filter(has_text="The link is copied")
        await said.get_by_role("button", name="Dismiss").click()
        await expect(said).to_have_count(0)
        await page.get_by_role("dialog").get_by_role("button", name="Close").click()
        await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_another_device_becomes_the_same_person(browser: Browser, home: House) -> None:
    async with visitor(browser, home.server) as laptop, visitor(browser, home.server, PHONE) as phone:
        first = await laptop.with_playlist()
        await first.get_by_role("button", name="You: Ada").click()
        await first.get_by_role("menuitem", name="Use another device").click()
        code = await first.get_by_role("dialog").locator("[class*=code]").inner_text()
        second = await phone.open()
        await second.get_by_role("button", name="Already use Tutti on another device?").click()
        await second.get_by_label("Link code").fill(code.lower())
        await second.get_by_role("button", name="Continue as me").click()
        await second.get_by_text("Friday").wait_for()
        await second.reload()
        await second.get_by_role("button", name="You: Ada").wait_for()
