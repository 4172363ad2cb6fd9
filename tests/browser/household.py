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
import pytest
from playwright.async_api import Browser, BrowserContext, Page

from storage.sqlite_file import DATABASE_NAME
from tests.browser.chromium import PLAIN_HOST
from tests.collab.command import serving
from tests.collab.music.files import sound

_CONTEXTS = {"secure": True, "plain-http": False}

_SONGS = ("Amber", "Birch", "Cedar", "Dune", "Ember")
_SONG_S = 30.0
_HOSTS = {True: "127.0.0.1", False: PLAIN_HOST}


def seen(fixture: str, *contexts: str) -> pytest.MarkDecorator:
    """Has a test visit the house of this fixture by an address whose pages are such contexts, one by one."""
    given = [_CONTEXTS[name] for name in contexts]
    return pytest.mark.parametrize(fixture, given, ids=contexts, indirect=True)


class House:
    """A server on one port with one folder. Its pages are secure contexts, or not, by the host they name."""

    def __init__(self, data: Path, site_port: int, *options: object) -> None:
        self.is_secure = True
        self._data = data
        self._options = options
        self._site_port = site_port
        self._port = 0
        self._running: Any = None

    @property
    def site(self) -> str:
        """Of the app developer whose pages may talk to it."""
        return f"http://{_HOSTS[self.is_secure]}:{self._site_port}"

    @property
    def music(self) -> Path:
        """The folder of a musical house."""
        return self._data.parent / "music"

    @property
    def database(self) -> Path:
        """The file in which it keeps what is lasting."""
        return self._data / DATABASE_NAME

    @property
    def url(self) -> str:
        """For programs."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def server(self) -> str:
        """For pages."""
        return f"http://{_HOSTS[self.is_secure]}:{self._port}"

    def start(self) -> None:
        """Unless it runs."""
        if self._running is not None:
            return
        origins = (f"http://{host}:{self._site_port}" for host in _HOSTS.values())
        allowed = [option for origin in origins for option in ("--allow-origin", origin)]
        # The port is drawn when it starts first.
        self._running = serving(
            self._data, *allowed, "--allow-host", PLAIN_HOST, *self._options, port=self._port
        )
        self._port = self._running.__enter__().port

    def kill(self) -> None:
        """SIGKILL."""
        running, self._running = self._running, None
        if running is not None:
            running.__exit__(None, None, None)


@contextmanager
def house(data: Path, site_port: int, *options: object) -> Iterator[House]:
    """A house that runs; `options` are those of `tutti serve`."""
    made = House(data, site_port, *options)
    made.start()
    try:
        yield made
    finally:
        made.kill()


@contextmanager
def musical_house(folder: Path, site_port: int) -> Iterator[House]:
    """A house with a few songs in the folder `music`."""
    music = folder / "music"
    music.mkdir()
    for number, title in enumerate(_SONGS):
        (music / f"{title}.ogg").write_bytes(sound("ogg", _SONG_S, 220.0 * 1.2**number))
    with house(folder / "data", site_port, "--music", music) as made:
        yield made


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
