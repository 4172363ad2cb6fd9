"""A browser, a site and a server for pages; all are the test's own."""

from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser

from tests.browser.chromium import chromium
from tests.browser.site import site


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def site_port() -> Iterator[int]:
    with site() as port:
        yield port
