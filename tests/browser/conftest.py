"""One browser, one site and a server or two for all the pages that a process tests.

To start them takes longer than most tests do. What a test opens in the browser is closed behind it, and a
server that it killed is started again. Whoever uses a page is somebody new, with lists and Jams of their own.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.chromium import chromium
from tests.browser.household import House, house, musical_house
from tests.browser.site import site


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever asks the browser something does so in the loop in which it was started."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def running_browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def browser(running_browser: Browser) -> AsyncIterator[Browser]:
    """In which nobody was yet."""
    yield running_browser
    for context in running_browser.contexts:
        await context.close()


@pytest.fixture(scope="session")
def site_port() -> Iterator[int]:
    with site() as port:
        yield port


@pytest.fixture(scope="session")
def running_house(tmp_path_factory: pytest.TempPathFactory, site_port: int) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("house") / "data", site_port) as made:
        yield made


@pytest.fixture(scope="session")
def running_musical_house(tmp_path_factory: pytest.TempPathFactory, site_port: int) -> Iterator[House]:
    with musical_house(tmp_path_factory.mktemp("house"), site_port) as made:
        yield made


@pytest.fixture
def home(request: pytest.FixtureRequest, running_house: House) -> House:
    """A house that runs, for secure contexts if nobody says otherwise; a test may kill it."""
    return _let_in(running_house, request)


@pytest.fixture
def musical_home(request: pytest.FixtureRequest, running_musical_house: House) -> House:
    """The same with a few songs; none but these can be put into a list."""
    return _let_in(running_musical_house, request)


def _let_in(house: House, request: pytest.FixtureRequest) -> House:
    house.is_secure = getattr(request, "param", True)
    house.start()
    return house
