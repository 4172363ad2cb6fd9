"""`tutti backup` and `tutti restored`, as an operator runs them."""

import shutil
from pathlib import Path

import httpx
import pytest

from tests.collab.command import refused, serving, tutti
from tests.collab.test_cli import guest


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_a_backup_of_a_running_server_comes_back(data: Path, tmp_path: Path) -> None:
    copy = tmp_path / "nightly.db"
    with serving(data) as server, guest(server.url) as ada:
        playlist = ada.post("/me/playlists", json={"name": "Friday"}).json()["id"]
        invite = ada.post(f"/playlists/{playlist}/invites", json={"role": "editor"}).json()
        jam = ada.post("/jams", json={}).json()
        run = tutti("backup", copy, "--data", data)
        assert (run.returncode, run.stderr) == (0, "")
        assert run.stdout.startswith(f"{copy} is a copy of the database")
        assert ada.put(f"/playlists/{playlist}", json={"name": "Saturday"}).status_code == 200
        assert "in use" in refused(tutti("restored", "--data", data))
        assert server.stop() == 0
    shutil.copy(copy, data / "tutti.db")
    assert "run `tutti restored`" in refused(tutti("serve", "--data", data, "--port", 0))
    run = tutti("restored", "--data", data)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.splitlines()[0] == "restored 2 documents, ended 1 join codes and 1 invite links"
    run = tutti("verify", "--data", data)
    assert (run.returncode, run.stdout) == (0, "verified 2 documents, 0 findings\n")
    with serving(data) as server, guest(server.url, "Ben") as ben:
        ada = httpx.Client(base_url=f"{server.url}/v1", headers=ada.headers)
        with ada:
            assert ada.get(f"/playlists/{playlist}").json()["name"] == "Friday"
            code = ada.get(f"/jams/{jam['id']}/code").json()["code"]
            assert code != jam["code"]
            joined = ben.post("/jams/join", json={"code": code})
            assert joined.status_code == 200, joined.text
        assert ben.post("/jams/join", json={"code": jam["code"]}).status_code != 200
        assert ben.post("/invites/accept", json={"secret": invite["secret"]}).status_code == 404


def test_postgres_is_declared_restored_and_backed_up_with_its_own_tools(postgres_url: str) -> None:
    run = tutti("restored", "--database-url", postgres_url)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("restored 0 documents")
    assert "docs/OPERATIONS.md" in refused(tutti("backup", "x.db", "--database-url", postgres_url))


def test_where_nothing_is(data: Path) -> None:
    assert "no Tutti database" in refused(tutti("restored", "--data", data))
    assert not data.exists()
