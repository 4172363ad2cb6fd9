"""People edit playlists on pages of the web app."""

from playwright.async_api import Browser, expect

from tests.browser.app.visitors import (
    DESKTOP,
    PHONE,
    make_playlist,
    needs_app,
    paste,
    rows,
    until_order,
    visitor,
)
from tests.browser.household import House, seen

pytestmark = needs_app


@seen("home", "secure", "plain-http")
async def test_two_people_edit_one_list_at_once(browser: Browser, home: House) -> None:
    async with visitor(browser, home.server) as ada, visitor(browser, home.server, PHONE) as ben:
        hers = await ada.with_playlist("abcd")
        his = await ben.invited(hers, "abcd")

        await rows(hers).nth(3).click()
        await hers.keyboard.press("Alt+Home")
        await paste(his, "e")
        for page in (hers, his):
            await until_order(page, "dabce")
        await his.get_by_role("button", name="Undo").first.click()
        await until_order(hers, "dabc")
        assert await hers.get_by_role("list", name="Who is here").get_by_role("listitem").count() == 2


async def test_an_entry_is_dragged_by_mouse_with_all_that_are_chosen(browser: Browser, home: House) -> None:
    async with visitor(browser, home.server) as ada:
        page = await ada.with_playlist("abcdef")
        await rows(page).nth(0).click()
        await rows(page).nth(2).click(modifiers=["Control"])
        held = await rows(page).nth(0).bounding_box()
        target = await rows(page).nth(4).bounding_box()
        assert held is not None
        assert target is not None
        await page.mouse.move(held["x"] + 90, held["y"] + 30)
        await page.mouse.down()
        await page.mouse.move(held["x"] + 100, held["y"] + 60, steps=3)
        await expect(page.locator("[class*=lifted]")).to_have_count(2)
        await page.mouse.move(target["x"] + 100, target["y"] + target["height"], steps=5)
        # A hand is slower than a program: where it stands is seen before it lets go.
        await page.evaluate("() => new Promise(seen => setTimeout(() => requestAnimationFrame(seen), 100))")
        await page.mouse.up()
        await until_order(page, "bdeacf")
        # One step, however many moves it was.
        await page.keyboard.press("Control+z")
        await until_order(page, "abcdef")


async def test_an_entry_is_dragged_by_a_finger_that_holds_it(browser: Browser, home: House) -> None:
    async with visitor(browser, home.server, PHONE) as ada:
        page = await ada.with_playlist("abcd")
        held = await rows(page).nth(0).bounding_box()
        assert held is not None
        touch = await page.context.new_cdp_session(page)
        x, y = held["x"] + 80, held["y"] + 20

        async def send(kind: str, at_y: float | None) -> None:
            points = [] if at_y is None else [{"x": x, "y": at_y}]
            await touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        await send("touchStart", y)
        # It is lifted once it was held: then the others say that something is carried.
        await page.locator("[class*=lifted]").wait_for()
        for step in range(1, 6):
            await send("touchMove", y + step * 30)
        await send("touchEnd", None)
        await until_order(page, "bcda"[0:2] + "ad")


async def test_everything_is_done_by_keys(browser: Browser, home: House) -> None:
    async with visitor(browser, home.server) as ada:
        page = await ada.with_playlist("abcde")
        await rows(page).first.focus()
        press = page.keyboard.press
        await press("ArrowDown")
        await press("Alt+ArrowDown")
        await until_order(page, "acbde")
        # The keyboard goes with it.
        await press("Alt+ArrowDown")
        await until_order(page, "acdbe")
        await press("Alt+ArrowUp")
        await until_order(page, "acbde")
        await press("Escape")
        await press("End")
        await press("Shift+ArrowUp")
        await press("Delete")
        await until_order(page, "acb")
        await press("Control+z")
        await until_order(page, "acbde")
        await press("Control+Shift+z")
        await until_order(page, "acb")
        await press("Home")
        await press("Control+a")
        await page.get_by_text("3 songs selected").wait_for()


async def test_what_was_done_offline_outlives_the_page_and_arrives(browser: Browser, home: House) -> None:
    async with visitor(browser, home.server) as ada, visitor(browser, home.server) as ben:
        hers = await ada.with_playlist("ab")
        his = await ben.invited(hers, "ab")
        await ada.context.set_offline(True)
        home.kill()
        await hers.get_by_text("Offline. What you do is kept here").wait_for()
        await paste(hers, "c")
        await until_order(hers, "abc")
        await hers.get_by_text("Waits for the server").wait_for()
        await hers.close()
        home.start()
        await ada.context.set_offline(False)
        # Any page of hers brings it home.
        await (await ada.open("/")).get_by_role("button", name="You: Ada").wait_for()
        await until_order(his, "abc")


async def test_a_list_of_ten_thousand_is_drawn_where_it_is_looked_at(browser: Browser, home: House) -> None:
    async with visitor(browser, home.server, DESKTOP) as ada:
        page = await ada.enter("Ada")
        await make_playlist(page, "Everything")
        for start in range(0, 10_000, 500):
            await paste(page, *(str(number) for number in range(start + 1, start + 501)))
            await page.get_by_text(f"{start + 500:,} songs").first.wait_for()
        assert await rows(page).count() < 60
        await rows(page).first.focus()
        await page.keyboard.press("End")
        await page.get_by_role("row", name="10000").wait_for()
        assert await rows(page).count() < 60
        await page.keyboard.press("Alt+Home")
        await page.get_by_text("moved to place 1.").wait_for(state="attached")
        await page.keyboard.press("Control+z")
        await page.get_by_text("Saved", exact=True).wait_for()


async def test_words_make_room_for_what_is_chosen_and_go_with_their_page(
    browser: Browser, home: House
) -> None:
    async with visitor(browser, home.server, PHONE) as ada:
        page = await ada.with_playlist("abc")
        await expect(page.get_by_text("3 songs added")).to_be_visible()
        await rows(page).nth(1).click()
        bar = page.get_by_role("toolbar", name="1 song selected")
        await expect(bar).to_be_visible()
        await expect(page.get_by_text("3 songs added")).to_have_count(0)
        await paste(page, "d")
        await expect(page.get_by_text("1 song added")).to_be_visible()
        await expect(bar).to_be_hidden()
        await page.get_by_role("link", name="To the library").click()
        await page.get_by_role("button", name="Start a Jam").wait_for()
        await expect(page.get_by_text("1 song added")).to_have_count(0)
