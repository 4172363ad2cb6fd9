"""What people see when something goes wrong, and that the page goes on."""

import asyncio
from pathlib import Path

import httpx
from playwright.async_api import Browser, Page, expect

from tests.browser.app.test_jams import start_jam
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
from tests.browser.household import house
from tests.collab.music.files import sound

pytestmark = needs_app

# The browser's word for who this is, as the SDK keeps it.
_KEPT = "Object.keys(localStorage).find(key => localStorage[key].includes('refreshToken'))"
# A press that nobody made is none to the browser; whatever a test asks the page would count as one.
_PRESSES_ITSELF = """{
    let isPressed = false;
    new MutationObserver(() => {
        const buttons = [...document.querySelectorAll("button")];
        const button = buttons.find(({ innerText }) => innerText === "Turn on sound here");
        if (button !== undefined && !isPressed) {
            isPressed = true;
            button.click();
        }
        if (document.body?.innerText.includes("plays sound only after a click")) console.debug("asked");
    }).observe(document, { childList: true, subtree: true });
}"""
# So short that a host who is gone is replaced while one looks.
_QUICK = ("--jam-times-divided-by", 60)


async def call(page: Page, method: str, path: str) -> httpx.Response:
    """The API, as whoever is at this page."""
    kept = await page.evaluate(f"JSON.parse(localStorage[{_KEPT}])")
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {kept['token']}"}) as http:
        answer = await http.request(method, path)
    return answer.raise_for_status()


async def until_saved(page: Page) -> None:
    await page.get_by_text("Saved", exact=True).first.wait_for()


async def test_who_comes_in_while_the_server_is_away_is_told_and_tries_again(
    browser: Browser, site_port: int, tmp_path: Path
) -> None:
    with house(tmp_path / "data", site_port) as home:
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
    browser: Browser, site_port: int, tmp_path: Path
) -> None:
    with house(tmp_path / "data", site_port) as home:
        async with visitor(browser, home.server) as ada, visitor(browser, home.server) as ben:
            hers = await ada.enter("Ada")
            await make_playlist(hers, "Friday")
            await paste(hers, *"abcd")
            his = await ben.enter("Ben", await invite_link(hers))
            await until_order(his, "abcd")
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


async def test_a_link_that_was_taken_back_says_so(browser: Browser, site_port: int, tmp_path: Path) -> None:
    with house(tmp_path / "data", site_port) as home:
        async with visitor(browser, home.server) as ada, visitor(browser, home.server) as ben:
            hers = await ada.enter("Ada")
            await make_playlist(hers, "Friday")
            link = await invite_link(hers)
            invites = f"{home.url}/v1/playlists/{hers.url.rpartition('/')[2]}/invites"
            [invite] = (await call(hers, "GET", invites)).json()["invites"]
            await call(hers, "DELETE", f"{invites}/{invite['id']}")
            his = await ben.enter("Ben", link)
            await his.get_by_role("alert").get_by_text("This link opens nothing").wait_for()
            await his.get_by_role("button", name="To the library").click()
            await his.get_by_text("No playlist yet").wait_for()


async def test_who_is_taken_out_while_looking_is_told(
    browser: Browser, site_port: int, tmp_path: Path
) -> None:
    with house(tmp_path / "data", site_port) as home:
        async with visitor(browser, home.server) as ada, visitor(browser, home.server, PHONE) as ben:
            hers = await ada.enter("Ada")
            await make_playlist(hers, "Friday")
            await paste(hers, "a")
            his = await ben.enter("Ben", await invite_link(hers))
            await until_order(his, "a")
            await hers.get_by_role("button", name="Share").click()
            await hers.get_by_role("button", name="Take Ben out").click()
            await his.get_by_text("This playlist is not here any more").wait_for()
            await his.get_by_role("button", name="To the library").click()
            await his.get_by_text("No playlist yet").wait_for()


async def test_two_tabs_are_one_person_whose_keys_outlive_each_other(
    browser: Browser, site_port: int, tmp_path: Path
) -> None:
    with house(tmp_path / "data", site_port) as home:
        async with visitor(browser, home.server) as ada:
            first = await ada.enter("Ada")
            await make_playlist(first, "Friday")
            await paste(first, "a")
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
            assert await first.get_by_role("list", name="Who is here").get_by_role("listitem").count() == 1


async def test_a_browser_that_keeps_nothing_is_told_what_that_means(
    browser: Browser, site_port: int, tmp_path: Path
) -> None:
    with house(tmp_path / "data", site_port) as home:
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
            his = await ben.enter("Ben", await invite_link(hers))
            await until_order(his, "ab")
            home.kill()
            await hers.get_by_text("What you do lives as long as this page is open").wait_for()
            await paste(hers, "c")
            home.start()
            await until_order(his, "abc")


async def test_a_reload_right_after_an_edit_loses_nothing(
    browser: Browser, site_port: int, tmp_path: Path
) -> None:
    with house(tmp_path / "data", site_port) as home:
        async with visitor(browser, home.server) as ada:
            page = await ada.enter("Ada")
            await make_playlist(page, "Friday")
            wanted = ""
            for added in "abcdefghij":
                await paste(page, added)
                await page.reload()
                wanted += added
                await until_order(page, wanted)
            await until_saved(page)


async def test_a_jam_that_is_full_says_how_many_are_in_it(
    browser: Browser, site_port: int, tmp_path: Path
) -> None:
    with house(tmp_path / "data", site_port) as home:
        async with visitor(browser, home.server, PHONE) as ben:
            # A thousand people do not come for this: it is the server's answer to the one after them.
            full = {"status": 409, "code": "jam_full", "message": "This Jam is full: 32 take part."}
            await ben.context.route(
                "**/v1/jams/join", lambda route: route.fulfill(status=409, json={"error": full})
            )
            page = await ben.enter("Ben", "/j/K7QX2MBD")
            await page.get_by_role("alert").get_by_text("This Jam is full: 32 take part.").wait_for()
            await page.get_by_role("button", name="To the library").click()
            await page.get_by_text("No playlist yet").wait_for()


async def test_a_song_that_cannot_be_played_is_named_and_the_jam_goes_on(
    browser: Browser, site_port: int, tmp_path: Path
) -> None:
    music = tmp_path / "music"
    music.mkdir()
    for title in ("Amber", "Birch"):
        (music / f"{title}.ogg").write_bytes(sound("ogg", 30.0))
    with house(tmp_path / "data", site_port, "--music", music) as home:
        async with visitor(browser, home.server) as ada:
            page = await ada.enter("Ada")
            await start_jam(page)
            for title in ("Birch", "Amber"):
                await page.get_by_role("searchbox").fill(title)
                await page.get_by_role("button", name=f"Add {title}").click()
                await page.get_by_role("button", name=f"Vote for {title}").wait_for()
            await page.get_by_role("searchbox").fill("")
            (music / "Birch.ogg").unlink()
            await page.get_by_role("button", name="Play", exact=True).click()
            await page.get_by_text("The file of this song is gone.").wait_for()
            await page.get_by_role("heading", name="Amber").wait_for()
            await page.get_by_text("In sync").wait_for()


async def test_a_browser_that_wants_a_click_before_it_plays_gets_one(
    browser: Browser, site_port: int, tmp_path: Path
) -> None:
    music = tmp_path / "music"
    music.mkdir()
    (music / "Amber.ogg").write_bytes(sound("ogg", 30.0))
    with house(tmp_path / "data", site_port, "--music", music) as home:
        async with visitor(browser, home.server) as ada:
            page = await ada.enter("Ada")
            await start_jam(page)
            await page.get_by_role("searchbox").fill("Amber")
            await page.get_by_role("button", name="Add Amber").click()
            await page.get_by_role("button", name="Vote for Amber").wait_for()
            await page.get_by_role("searchbox").fill("")
            await page.get_by_role("button", name="Play", exact=True).click()
            await page.get_by_text("In sync").wait_for()
            await page.context.add_init_script(_PRESSES_ITSELF)
            async with page.expect_console_message(lambda message: message.text == "asked"):
                await page.reload()
            await page.get_by_text("The browser plays sound only after a click").wait_for()
            await page.get_by_role("button", name="Turn on sound here").click()
            await page.get_by_text("In sync").wait_for()
            await expect(page.get_by_text("The browser plays sound only after a click")).to_have_count(0)
            # The browser says that it refused, too.
            ada.faults[:] = [fault for fault in ada.faults if "AudioContext was not allowed" not in fault]


async def test_a_jam_whose_host_is_gone_goes_on_with_another(
    browser: Browser, site_port: int, tmp_path: Path
) -> None:
    with house(tmp_path / "data", site_port, *_QUICK) as home:
        async with visitor(browser, home.server) as ada, visitor(browser, home.server, PHONE) as ben:
            hers = await ada.enter("Ada")
            code = await start_jam(hers)
            his = await ben.enter("Ben", f"/j/{code.replace('-', '')}")
            await his.get_by_role("heading", name="Ada’s Jam").wait_for()
            await expect(his.get_by_role("button", name="Play", exact=True)).to_have_count(0)
            jam = hers.url.removeprefix(home.server)
            await hers.close()
            await his.get_by_role("button", name="Play", exact=True).wait_for()
            # Who comes back in time has it again.
            hers = await ada.open(jam)
            await hers.get_by_role("button", name="Play", exact=True).wait_for()
            await expect(his.get_by_role("button", name="Play", exact=True)).to_have_count(0)
