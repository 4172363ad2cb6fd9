"""What people see when something goes wrong, and that the page goes on."""

import asyncio
import sqlite3
from contextlib import closing

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.app.visitors import (
    PHONE,
    invite_link,
    make_playlist,
    needs_app,
    paste,
    rows,
    until_order,
    visitor,
)
from tests.browser.household import House

pytestmark = needs_app

# The browser's word for who this is, as the SDK keeps it.
_KEPT = "Object.keys(localStorage).find(key => localStorage[key].includes('refreshToken'))"


async def call(page: Page, method: str, path: str) -> httpx.Response:
    """The API, as whoever is at this page."""
    kept = await page.evaluate(f"JSON.parse(localStorage[{_KEPT}])")
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {kept['token']}"}) as http:
        answer = await http.request(method, path)
    return answer.raise_for_status()


async def until_saved(page: Page) -> None:
    await page.get_by_text("Saved", exact=True).first.wait_for()


async def test_who_comes_in_while_the_server_is_away_is_told_and_tries_again(
    browser: Browser, home: House
) -> None:
    async with visitor(browser, home.server) as ada:
        page = await ada.open()
        await page.get_by_label("What shall the others call you?").fill("Ada")
        home.kill()
        await page.get_by_role("button", name="Come in").click()
        await page.get_by_text("The server does not answer at the moment").wait_for()
        home.start()
        await page.get_by_role("button", name="Come in").click()
        await page.get_by_role("button", name="You: Ada").wait_for()


async def test_a_server_that_dies_in_the_middle_of_a_drag_takes_nothing_with_it(
    browser: Browser, home: House
) -> None:
    async with visitor(browser, home.server) as ada, visitor(browser, home.server) as ben:
        hers = await ada.with_playlist("abcd")
        his = await ben.invited(hers, "abcd")
        held = await rows(hers).nth(0).bounding_box()
        assert held is not None
        await hers.mouse.move(held["x"] + 90, held["y"] + 30)
        await hers.mouse.down()
        await hers.mouse.move(held["x"] + 100, held["y"] + 60, steps=3)
        await hers.get_by_text("1 song lifted").wait_for(state="attached")
        home.kill()
        await hers.get_by_text("Offline. What you do is kept here").wait_for()
        # Below them all, wherever what the page says has moved the list.
        await hers.mouse.move(held["x"] + 100, 780, steps=5)
        await hers.mouse.up()
        await until_order(hers, "bcda")
        await hers.get_by_text("Waits for the server").wait_for()
        home.start()
        await until_order(his, "bcda")
        await until_saved(hers)


@pytest.mark.parametrize("is_expired", [False, True], ids=["taken back", "expired"])
async def test_a_link_that_holds_no_more_says_so(browser: Browser, home: House, is_expired: bool) -> None:
    async with visitor(browser, home.server) as ada, visitor(browser, home.server) as ben:
        hers = await ada.with_playlist()
        link = await invite_link(hers)
        invites = f"{home.url}/v1/playlists/{hers.url.rpartition('/')[2]}/invites"
        [invite] = (await call(hers, "GET", invites)).json()["invites"]
        if is_expired:
            # A week goes by.
            with closing(sqlite3.connect(home.database)) as database, database:
                expire = "UPDATE invites SET expires_ms = created_ms + 1 WHERE id = ?"
                assert database.execute(expire, (invite["id"],)).rowcount == 1
        else:
            await call(hers, "DELETE", f"{invites}/{invite['id']}")
        his = await ben.enter("Ben", link)
        await his.get_by_role("alert").get_by_text("This link opens nothing").wait_for()
        await his.get_by_role("button", name="To the library").click()
        await his.get_by_text("No playlist yet").wait_for()


async def test_who_is_taken_out_while_looking_is_told(browser: Browser, home: House) -> None:
    async with visitor(browser, home.server) as ada, visitor(browser, home.server, PHONE) as ben:
        hers = await ada.with_playlist("a")
        his = await ben.invited(hers, "a")
        await hers.get_by_role("button", name="Share").click()
        await hers.get_by_role("button", name="Take Ben out").click()
        await his.get_by_text("This playlist is not here any more").wait_for()
        await his.get_by_role("button", name="To the library").click()
        await his.get_by_text("No playlist yet").wait_for()


async def test_two_tabs_are_one_person_whose_keys_outlive_each_other(browser: Browser, home: House) -> None:
    async with visitor(browser, home.server) as ada:
        first = await ada.with_playlist("a")
        second = await ada.open(first.url.removeprefix(home.server))
        await until_order(second, "a")
        keys = set()
        for tab, added in ((first, "b"), (second, "c")):
            # The key is over, and both need another one at the same moment: each is good once.
            await first.evaluate(
                f"""() => {{
                    const name = {_KEPT}, kept = JSON.parse(localStorage[name]);
                    localStorage[name] = JSON.stringify({{ ...kept, untilMs: 0 }});
                }}"""
            )
            await asyncio.gather(first.reload(), second.reload())
            for page in (first, second):
                await until_saved(page)
            keys.add(await first.evaluate(f"JSON.parse(localStorage[{_KEPT}]).refreshToken"))
            await paste(tab, added)
            # Who adds before the other's song has come puts theirs before it.
            for page in (first, second):
                await until_order(page, "ab" if added == "b" else "abc")
        assert len(keys) == 2
        # Who is alone is not shown to themselves: two people would be.
        await expect(first.get_by_role("list", name="Who is here")).to_have_count(0)


async def test_a_browser_that_keeps_nothing_is_told_what_that_means(browser: Browser, home: House) -> None:
    async with visitor(browser, home.server) as ada, visitor(browser, home.server) as ben:
        await ada.context.add_init_script(
            """for (const name of ["indexedDB", "localStorage"]) {
                Object.defineProperty(window, name, {
                    get() { throw new DOMException("denied", "SecurityError"); },
                });
            }"""
        )
        hers = await ada.enter("Ada")
        await hers.get_by_text("This browser keeps nothing for later").wait_for()
        await make_playlist(hers, "Friday")
        await paste(hers, *"ab")
        his = await ben.invited(hers, "ab")
        home.kill()
        await hers.get_by_text("What you do lives as long as this page is open").wait_for()
        await paste(hers, "c")
        home.start()
        await until_order(his, "abc")


async def test_a_reload_right_after_an_edit_loses_nothing(browser: Browser, home: House) -> None:
    async with visitor(browser, home.server) as ada:
        page = await ada.with_playlist()
        wanted = ""
        for added in "abcdefghij":
            await paste(page, added)
            await page.reload()
            wanted += added
            await until_order(page, wanted)
        await until_saved(page)
