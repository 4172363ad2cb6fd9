"""One server for all lives of one worker; what they leave behind must stand before `tutti verify`."""

from collections.abc import Iterator

import pytest

from tests.collab.command import serving, tutti
from tests.integration.http_clients.live import Live


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    data = tmp_path_factory.mktemp("http_clients") / "data"
    with serving(data) as server:
        yield Live(server.url)
        assert server.stop() == 0
    run = tutti("verify", "--data", data)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.fixture
def tekore_asks_here(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its address is a variable of a module."""
    monkeypatch.setattr("tekore._client.base.prefix", live.base)
