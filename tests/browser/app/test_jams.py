"""People share a Jam on pages of the web app."""

from playwright.async_api import Browser, expect

from tests.browser.app.jams import add, play, start_jam
from tests.browser.app.visitors import DESKTOP, PHONE, needs_app, visitor
from tests.browser.household import House

pytestmark = needs_app


async def test_two_phones_hear_the_same_song_and_vote(browser: Browser, musical_home: House) -> None:
    async with (
        visitor(browser, musical_home.server, PHONE) as ada,
        visitor(browser, musical_home.server, PHONE) as ben,
    ):
        hers = await ada.enter("Ada")
        code = await start_jam(hers)
        his = await ben.enter("Ben", f"/j/{code}")
        await add(hers, "Amber")
        await add(hers, "Birch")
        await add(his, "Cedar")
        # Who starts the music hears it; who listens says so.
        await play(hers)
        await his.get_by_role("button", name="Turn on sound here").click()
        for page in (hers, his):
            await page.get_by_text("In sync").wait_for()
        await expect(his.get_by_role("heading", name="Amber")).to_be_visible()

        # A guest's vote brings a song up, and two of two who want to skip do.
        await his.get_by_role("button", name="Vote for Birch").click()
        await expect(hers.get_by_role("button", name="Vote for Birch, 2 votes")).to_be_visible()
        await hers.get_by_role("button", name="Next song").click()
        await expect(his.get_by_role("heading", name="Amber")).not_to_be_visible()

        await his.get_by_role("tab", name="Chat").click()
        await his.get_by_label("Say something").fill("That beat!")
        await his.keyboard.press("Enter")
        await hers.get_by_role("tab", name="Chat").click()
        await hers.get_by_text("That beat!").wait_for()


async def test_the_code_is_typed_at_the_door(browser: Browser, home: House) -> None:
    async with visitor(browser, home.server) as ada, visitor(browser, home.server, PHONE) as ben:
        code = await start_jam(await ada.enter("Ada"))
        his = await ben.open()
        await his.get_by_role("button", name="Have a Jam code?").click()
        field = his.get_by_label("Jam code")
        await expect(field).to_be_focused()
        await field.fill("K7QX")
        await his.get_by_role("button", name="Next").click()
        await expect(his.get_by_role("alert")).to_contain_text("eight letters and digits")
        await field.fill(code.lower())
        await his.keyboard.press("Enter")
        await his.get_by_label("What shall the others call you?").fill("Ben")
        await his.get_by_role("button", name="Come in").click()
        await expect(his.get_by_role("heading", name="Ada’s Jam")).to_be_visible()


async def test_a_new_code_is_made_after_a_question(browser: Browser, home: House) -> None:
    async with visitor(browser, home.server) as ada, visitor(browser, home.server, PHONE) as ben:
        hers = await ada.enter("Ada")
        code = await start_jam(hers)
        await hers.get_by_role("button", name="Invite").click()
        await hers.get_by_role("button", name="New code …").click()
        await hers.get_by_role("button", name="Cancel").click()
        await hers.get_by_role("button", name="New code …").click()
        await hers.get_by_role("button", name="Make a new code").click()
        shown = hers.get_by_role("dialog").locator("[class*=code]")
        await expect(shown).not_to_have_text(f"{code[:4]}-{code[4:]}")
        his = await ben.enter("Ben", f"/j/{code}")
        await his.get_by_text("This code opens nothing").wait_for()


async def test_somebody_is_thrown_out_and_the_old_code_opens_nothing(browser: Browser, home: House) -> None:
    async with visitor(browser, home.server, DESKTOP) as ada, visitor(browser, home.server, PHONE) as ben:
        hers = await ada.enter("Ada")
        code = await start_jam(hers)
        his = await ben.enter("Ben", f"/j/{code}")
        await his.get_by_role("tab", name="Queue").wait_for()
        await hers.get_by_role("tab", name="People").click()
        await hers.get_by_role("button", name="What to do with Ben").click()
        await hers.get_by_role("menuitem", name="Throw out").click()
        await his.get_by_text("This Jam is not here any more").wait_for()
        await his.goto(f"{home.server}/j/{code}")
        await his.get_by_text("This code opens nothing").wait_for()


async def test_the_host_lets_people_in_and_hands_over(browser: Browser, home: House) -> None:
    async with visitor(browser, home.server) as ada, visitor(browser, home.server) as ben:
        hers = await ada.enter("Ada")
        code = await start_jam(hers)
        await hers.get_by_role("button", name="More").click()
        await hers.get_by_role("menuitem", name="Settings").click()
        await hers.get_by_role("switch", name="Let people in one by one").check()
        await hers.keyboard.press("Escape")
        his = await ben.enter("Ben", f"/j/{code}")
        await his.get_by_text("The host has to let you in").wait_for()
        await hers.get_by_role("tab", name="People").click()
        await hers.get_by_role("button", name="Let in").click()
        await his.get_by_role("heading", name="Ada’s Jam").wait_for()
        await hers.get_by_role("button", name="What to do with Ben").click()
        await hers.get_by_role("menuitem", name="Make host").click()
        await his.get_by_role("button", name="Play", exact=True).wait_for()
        await his.get_by_role("button", name="More").click()
        await his.get_by_role("menuitem", name="End the Jam").click()
        for page in (hers, his):
            await page.get_by_role("heading", name="What Ada’s Jam was").wait_for()
