"""What a household does first: a playlist, a Jam, sound, and somebody who joins by the code.

With TUTTI_PICTURES, a folder, what is seen becomes the README's pictures (`make pictures`).
"""

import io
import os
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Page, expect

from tests.browser.app.visitors import DESKTOP, PHONE, invite_link, make_playlist, needs_app, visitor
from tests.browser.household import house
from tests.collab.music.files import picture, tag_mp3, write

pytestmark = needs_app

PICTURES = os.environ.get("TUTTI_PICTURES", "")
# Small enough to be in a repository, sharp enough to be read.
QUALITY = 86
BYTES_MAX = 120_000
SONGS = (
    ("Harbour Lights", "Ines Vollmer", "Low Tide", "#2f6f73", 42),
    ("Paper Kites", "The Gravel Choir", "Kites", "#d08a4e", 37),
    ("Slow Ferry", "Ines Vollmer", "Low Tide", "#2f6f73", 51),
    ("Quarter Moon", "Otis Lindqvist", "Night Bus", "#4a4a8a", 33),
    ("Night Bus Home", "Otis Lindqvist", "Night Bus", "#4a4a8a", 47),
    ("Tin Roof", "Marta & the Rain", "Weather", "#7b9e4c", 39),
)


def songs(folder: Path) -> Path:
    """A small shelf of tones that are called like music."""
    for number, (title, artist, album, colour, seconds) in enumerate(SONGS):
        path = write(folder / f"{title}.mp3", seconds, 196.0 * 1.122**number)
        names = {"TIT2": [title], "TPE1": [artist], "TALB": [album]}
        tag_mp3(path, names, [(3, "image/jpeg", picture(colour))])
    return folder


async def show(page: Page, name: str, folder: Path) -> None:
    """A picture of the page without passing words; PNGs of pages are four times as large as this."""
    dismiss = page.get_by_role("button", name="Dismiss")
    while await dismiss.count() > 0:
        await dismiss.first.click()
    await page.evaluate("window.scrollTo(0, 0)")
    drawn = await page.screenshot(animations="disabled", caret="hide")
    kept = Path(PICTURES or folder) / f"{name}.webp"
    Image.open(io.BytesIO(drawn)).convert("RGB").save(kept, quality=QUALITY, method=6)
    assert kept.stat().st_size <= BYTES_MAX


async def add(page: Page, title: str) -> None:
    search = page.get_by_role("searchbox")
    await search.fill(title.lower())
    await page.get_by_role("button", name=f"Add {title}").click()
    await search.fill("")


async def test_a_playlist_a_jam_and_sound(browser: Browser, site_port: int, tmp_path: Path) -> None:
    with house(tmp_path / "data", site_port, "--music", songs(tmp_path / "music")) as home:
        async with (
            visitor(browser, home.server, DESKTOP) as ada,
            visitor(browser, home.server, {**PHONE, "device_scale_factor": 2}, "dark") as ben,
        ):
            hers = await ada.enter("Ada")
            await make_playlist(hers, "Friday evening")
            for title, *_ in SONGS[:5]:
                await add(hers, title)
                await hers.get_by_role("row").filter(has_text=title).wait_for()
            his = await ben.enter("Ben", await invite_link(hers))
            await add(his, "Tin Roof")
            await hers.get_by_role("row").filter(has_text="Tin Roof").wait_for()
            await his.get_by_role("row").filter(has_text="Paper Kites").click()
            await hers.get_by_role("row").filter(has_text="Harbour Lights").click()
            await expect(hers.get_by_role("list", name="Who is here").get_by_role("listitem")).to_have_count(
                2
            )
            await hers.wait_for_function(
                "[...document.querySelectorAll('[role=row] img')].every(image => image.complete)"
            )
            await show(hers, "playlist", tmp_path)

            await hers.get_by_role("link", name="To the library").click()
            await hers.get_by_role("button", name="Start a Jam").click()
            await hers.get_by_role("button", name="Invite").click()
            dialog = hers.get_by_role("dialog")
            await dialog.get_by_role("img").wait_for()
            code = (await dialog.locator("[class*=code]").inner_text()).replace("-", "")
            await show(hers, "invite", tmp_path)
            await hers.keyboard.press("Escape")
            await his.goto(f"{home.server}/j/{code}")
            for title in ("Harbour Lights", "Paper Kites", "Quarter Moon"):
                await add(hers, title)
                await hers.get_by_role("button", name=f"Vote for {title}").wait_for()
            await add(his, "Slow Ferry")
            await hers.get_by_role("button", name="Play", exact=True).click()
            await his.get_by_role("button", name="Turn on sound here").click()
            for page in (hers, his):
                await page.get_by_text("In sync").first.wait_for()
            await his.get_by_role("button", name="Vote for Quarter Moon").click()
            await hers.get_by_role("button", name="Vote for Quarter Moon, 2 votes").wait_for()
            await hers.get_by_role("tab", name="People").click()
            await show(hers, "jam", tmp_path)
            await show(his, "jam-phone", tmp_path)
