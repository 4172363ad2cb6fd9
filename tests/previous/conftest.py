"""The previous version, installed once."""

import pytest

from tests.previous.version import Previous


@pytest.fixture(scope="session")
def previous(tmp_path_factory: pytest.TempPathFactory) -> Previous:
    return Previous(tmp_path_factory.mktemp("previous"))
