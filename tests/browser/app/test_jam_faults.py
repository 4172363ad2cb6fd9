"""What people see when something goes wrong in a Jam, and that it goes on."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.app.jams import add, play, start_jam
from tests.browser.app.visitors import PHONE, needs_app, visitor
from tests.browser.household import House, house

pytestmark = needs_app

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
# What becomes of a file that was found, and what is said of it then. Nobody else plays these songs.
_SPOILT = {
    "Dune": (Path.unlink, "The file of this song is gone."),
    "Ember": (lambda path: path.write_bytes(b"no music"), "This file is damaged, or no music."),
}
# So short that a host who is gone is replaced while one looks.
_QUICK = ("--jam-times-divided-by", 60)


async def test_a_jam_that_is_full_says_how_many_are_in_it(browser: Browser, home: House) -> None:
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


@pytest.mark.parametrize("title", _SPOILT, ids=["gone", "damaged"])
async def test_a_song_that_cannot_be_played_is_named_and_the_jam_goes_on(
    browser: Browser, musical_home: House, title: str
) -> None:
    async with visitor(browser, musical_home.server) as ada:
        page = await ada.enter("Ada")
        await start_jam(page)
        await add(page, title)
        await add(page, "Amber")
        spoil, words = _SPOILT[title]
        spoil(musical_home.music / f"{title}.ogg")
        await play(page)
        await page.get_by_text(words).wait_for()
        await page.get_by_role("heading", name="Amber").wait_for()
        await page.get_by_text("In sync").wait_for()


async def test_a_browser_that_wants_a_click_before_it_plays_gets_one(
    browser: Browser, musical_home: House
) -> None:
    async with visitor(browser, musical_home.server) as ada:
        page = await ada.enter("Ada")
        await start_jam(page)
        await add(page, "Amber")
        await play(page)
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
            his = await ben.enter("Ben", f"/j/{code}")
            await his.get_by_role("heading", name="Ada’s Jam").wait_for()
            await expect(his.get_by_role("button", name="Play", exact=True)).to_have_count(0)
            jam = hers.url.removeprefix(home.server)
            await hers.close()
            await his.get_by_role("button", name="Play", exact=True).wait_for()
            # Who comes back in time has it again.
            hers = await ada.open(jam)
            await hers.get_by_role("button", name="Play", exact=True).wait_for()
            await expect(his.get_by_role("button", name="Play", exact=True)).to_have_count(0)
