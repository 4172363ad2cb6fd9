"""What the server knows of somebody, on their screen: a copy of it, and its end."""

import json

from playwright.async_api import Browser, expect

from tests.browser.app.visitors import PHONE, needs_app, until_order, visitor
from tests.browser.household import House

pytestmark = needs_app


async def test_somebody_takes_their_data_along_and_is_gone(browser: Browser, home: House) -> None:
    async with visitor(browser, home.server) as ada, visitor(browser, home.server, PHONE) as ben:
        hers = await ada.with_playlist("ab")
        his = await ben.invited(hers, "ab")
        await his.get_by_role("button", name="You: Ben").click()
        await his.get_by_role("menuitem", name="My data").click()
        dialog = his.get_by_role("dialog")
        async with his.expect_download() as coming:
            await dialog.get_by_role("button", name="Download it").click()
        copy = json.loads((await (await coming.value).path()).read_text())
        assert "Ben" in json.dumps(copy)

        # It says what it means, and does nothing before that is ticked.
        await expect(dialog.get_by_text("This cannot be undone.")).to_be_visible()
        delete = dialog.get_by_role("button", name="Delete me")
        await expect(delete).to_be_disabled()
        await dialog.get_by_label("I want to be deleted for good.").check()
        await delete.click()
        await expect(his.get_by_role("heading", name="Play it together")).to_be_visible()
        await his.reload()
        await expect(his.get_by_label("What shall the others call you?")).to_be_visible()

        await hers.reload()
        await until_order(hers, "ab")
        await hers.get_by_role("button", name="Share").click()
        people = hers.get_by_role("dialog").get_by_role("listitem")
        await expect(people.filter(has_text="Ada")).to_be_visible()
        await expect(people.filter(has_text="Ben")).to_have_count(0)
