"""The system's Chromium, without a window.

Knows where it is and how it wants to be started; a test that asks for it where there is none fails with what
to do. Does not know pages.
"""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Everything that would look for a network of its own.
_ALONE = (
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# A host whose name says that it is no secure context: no Web Locks, no service worker.
PLAIN_HOST = "tutti.test"


def program() -> str:
    """Where it is. Raises LookupError."""
    for name in (os.environ.get("CHROMIUM", ""), *NAMES):
        path = shutil.which(name) if name else None
        if path is not None:
            return path
    raise LookupError(
        "There is no Chromium here: install Debian's `chromium`, or set CHROMIUM to the program."
    )


@asynccontextmanager
async def chromium(*more: str) -> AsyncIterator[Browser]:
    """A browser with a profile of its own, which reaches `PLAIN_HOST` on the loopback interface; with `more`
    options."""
    async with async_playwright() as playwright:
        rules = f"--host-resolver-rules=MAP {PLAIN_HOST} 127.0.0.1"
        browser = await playwright.chromium.launch(executable_path=program(), args=[*_ALONE, rules, *more])
        try:
            yield browser
        finally:
            await browser.close()
