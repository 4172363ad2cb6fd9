"""A server that may be killed and started again, and the pages of people who use it.

Every page that fails on its own (an exception that nobody took) fails its test. Knows processes and pages.
Does not know what people do.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Browser, BrowserContext, Page

from tests.browser.chromium import PLAIN_HOST
from tests.collab.command import Serving, serving

_HOSTS = {True: "127.0.0.1", False: PLAIN_HOST}


class House:
    """A server on one port with one folder; `is_secure` says whether its pages are secure contexts."""

    def __init__(self, data: Path, site_port: int, *options: object, is_secure: bool) -> None:
        self._data = data
        self._options = options
        self._host = _HOSTS[is_secure]
        self.site = f"http://{self._host}:{site_port}"
        self._port = 0
        self._running: Any = None
        self._serving: Serving | None = None

    @property
    def url(self) -> str:
        """For programs."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def server(self) -> str:
        """For pages."""
        return f"http://{self._host}:{self._port}"

    def start(self) -> None:
        # The port is drawn when it starts first.
        self._running = serving(
            self._data,
            "--allow-origin",
            self.site,
            "--allow-host",
            PLAIN_HOST,
            *self._options,
            port=self._port,
        )
        self._serving = self._running.__enter__()
        self._port = self._serving.port

    def kill(self) -> None:
        """SIGKILL."""
        running, self._running = self._running, None
        if running is not None:
            running.__exit__(None, None, None)


@contextmanager
def house(data: Path, site_port: int, *options: object, is_secure: bool = True) -> Iterator[House]:
    """A house that runs; `options` are those of `tutti serve`."""
    made = House(data, site_port, *options, is_secure=is_secure)
    made.start()
    try:
        yield made
    finally:
        made.kill()


@dataclass
class Device:
    """A browser profile of somebody."""

    context: BrowserContext
    house: House
    errors: list[str]

    async def page(self) -> Page:
        """A tab in which `list.html` is loaded."""
        page = await self.context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        await page.goto(f"{self.house.site}/list.html")
        await page.wait_for_function("window.page !== undefined")
        return page


@asynccontextmanager
async def device(browser: Browser, house: House) -> AsyncIterator[Device]:
    """A profile of its own, thrown away at the end."""
    context = await browser.new_context()
    made = Device(context, house, [])
    try:
        yield made
        assert made.errors == []
    finally:
        await context.close()


async def shared_with(house: House, user: str, token: str) -> str:
    """A playlist of whoever has this token, which `user` may edit."""
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as http:
        made = await http.post(f"{house.url}/v1/me/playlists", json={"name": "Friday"})
        playlist = str(made.json()["id"])
        path = f"{house.url}/v1/playlists/{playlist}/members/{user}"
        (await http.put(path, json={"role": "editor"})).raise_for_status()
    return playlist
