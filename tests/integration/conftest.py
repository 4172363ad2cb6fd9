"""A node of the test’s own, for whoever needs none in particular."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.world import World, world


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as node:
        yield node
