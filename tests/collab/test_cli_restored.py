"""`tutti backup` and `tutti restored`, as an operator runs them."""

import asyncio
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from storage.postgres import open_postgres
from tests.collab.command import refused, serving, tutti
from tests.collab.test_cli import guest
from tests.contracts.backends import after, batch, op
from tests.documents.files import ROOT
from tests.servers import postgres_programs


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


async def test_a_dump_of_postgres_comes_back(
    postgres_url: str, empty_postgres_url: str, tmp_path: Path
) -> None:
    """With the two commands that `docs/OPERATIONS.md` names."""
    assert "docs/OPERATIONS.md" in refused(tutti("backup", "x.db", "--database-url", postgres_url))
    store = await open_postgres(postgres_url)
    head = await store.create_document("doc", "playlist", "before", "ada", b"empty", 1)
    assert await store.commit([batch(head, op(1))]) == [True]
    dump = tmp_path / "tutti.dump"
    page = (ROOT / "docs/OPERATIONS.md").read_text()
    for command, url in (
        ("pg_dump --format=custom --file=tutti.dump", postgres_url),
        ("pg_restore --exit-on-error --single-transaction --dbname", empty_postgres_url),
    ):
        assert command in page
        program, *arguments = command.split()
        rest = [url] if program == "pg_dump" else [url, dump]
        words = [postgres_programs() / program, *arguments, *rest]
        await asyncio.to_thread(subprocess.run, words, cwd=tmp_path, check=True, capture_output=True)
    assert await store.commit([batch(after(head, batch(head, op(1))), op(2))]) == [True]
    await store.close()
    run = tutti("restored", "--database-url", empty_postgres_url)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("restored 1 documents")
    store = await open_postgres(empty_postgres_url)
    [restored] = await store.all_documents()
    assert (restored.version, restored.changes) == (1, 2)
    assert restored.epoch != "before"
    await store.close()


def test_where_nothing_is(data: Path) -> None:
    assert "no Tutti database" in refused(tutti("restored", "--data", data))
    assert not data.exists()
