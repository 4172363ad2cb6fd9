"""The page among the examples, as two people use it."""

from playwright.async_api import Browser, Page

from tests.browser.household import Device, House, device
from tests.clients.javascript import needs_javascript

pytestmark = needs_javascript

# What would run if a title ever became anything but text.
NASTY = "<img src=x onerror='document.title = \"broken\"'>"


async def visit(device: Device, name: str, address: str) -> Page:
    """The page, after somebody has said this name."""
    page = await device.context.new_page()
    page.on("pageerror", lambda error: device.errors.append(str(error)))
    page.on("dialog", lambda dialog: dialog.accept(name))
    await page.goto(address)
    await page.wait_for_function("name => here.textContent.includes(name)", arg=name)
    return page


async def shows(page: Page, *titles: str) -> None:
    """Returns when these stand there, in this order."""
    await page.wait_for_function(
        "titles => [...list.children].map(item => item.firstChild.textContent).join() === titles.join()",
        arg=titles,
    )


async def add(page: Page, title: str) -> None:
    await page.get_by_label("Title").fill(title)
    await page.get_by_role("button", name="Add").click()


async def test_two_people_edit_the_list_on_the_page(browser: Browser, home: House) -> None:
    async with device(browser, home) as hers, device(browser, home) as his:
        ada = await visit(hers, "Ada", f"{home.site}/examples/list.html?server={home.server}")
        await add(ada, "One")
        await add(ada, "Two")
        ben = await visit(his, "Ben", ada.url)
        await shows(ben, "One", "Two")
        for page in (ada, ben):
            await page.wait_for_function("here.textContent.split(', ').sort().join() === 'Ada,Ben'")

        await ben.get_by_role("button", name="Up").nth(1).click()
        await shows(ada, "Two", "One")
        await ada.get_by_role("button", name="Remove").nth(0).click()
        await shows(ben, "One")

        await add(ben, NASTY)
        await ada.wait_for_function("list.children.length === 2")
        assert await ada.evaluate("list.children[1].firstChild.textContent") == NASTY
        assert await ada.title() == "A live list"

        await ben.close()
        await ada.wait_for_function("here.textContent === 'Ada'")
