"""What people press in a Jam. Knows the page. Does not know what a test is about."""

from playwright.async_api import Page


async def start_jam(page: Page) -> str:
    """The code of a Jam that was started on this page, as an address has it."""
    await page.get_by_role("button", name="Start a Jam").click()
    await page.get_by_role("button", name="Invite").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("img").wait_for()
    code = await dialog.locator("[class*=code]").inner_text()
    await page.keyboard.press("Escape")
    return code.replace("-", "")


async def add(page: Page, title: str) -> None:
    """Finds a song while typing, and adds it."""
    await page.get_by_role("searchbox").press_sequentially(title[:3].lower())
    await page.get_by_role("button", name=f"Add {title}").click()
    await page.get_by_role("searchbox").fill("")
    await page.get_by_role("button", name=f"Vote for {title}").wait_for()


async def play(page: Page) -> None:
    await page.get_by_role("button", name="Play", exact=True).click()
