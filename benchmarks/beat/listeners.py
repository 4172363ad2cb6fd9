"""People who listen in browsers: each a context of Chromium with a device of its own.

Knows pages and what runs before them. What they play is the pages'; what was heard is looked for elsewhere.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Page

from benchmarks.beat.desk import PROBES, Desk
from tests.browser.chromium import chromium

PAGES: Final = Path(__file__).parent / "pages"
# No finger starts the music here, and no sound device has to: Chromium then plays into nothing, by a timer.
OPTIONS: Final = ("--autoplay-policy=no-user-gesture-required", "--disable-audio-output")
# What a page may take to load, join and fetch.
PATIENCE_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Device:
    """By how much its clocks are wrong, and its loudspeaker later than the browser's own."""

    ahead_ms: float = 0.0
    ppm: float = 0.0
    late_ms: float = 0.0


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """One in which pages may play at once."""
    async with chromium(*OPTIONS) as running:
        yield running


@asynccontextmanager
async def listener(
    browser: Browser, desk: Desk, address: str, name: str, device: Device = Device()
) -> AsyncIterator[Page]:
    """Somebody's page, loaded, whose recording is `desk.tapes[name]`. An exception that nobody took there is
    raised at the end."""
    context = await browser.new_context()
    context.set_default_timeout(PATIENCE_MS)
    await context.add_init_script(_before_the_page(device))
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        await page.goto(address)
        await page.evaluate("([url, times]) => device.join(url, times)", [desk.url + name, PROBES])
        yield page
        assert not errors, errors
    finally:
        await context.close()


def _before_the_page(device: Device) -> str:
    wrong_time, wrong_device = ((PAGES / name).read_text() for name in ("wrong_time.js", "device.js"))
    told = {"aheadMs": device.ahead_ms, "ppm": device.ppm, "lateMs": device.late_ms}
    since = "{ sinceMs: performance.timeOrigin }"
    # Comments stand before the functions, so each has lines of its own.
    return f"(\n{wrong_device}\n)(\n{wrong_time}\n, {{ ...{json.dumps(told)}, ...{since} }});"
