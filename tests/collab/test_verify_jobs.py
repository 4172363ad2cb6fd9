"""Several processes find what one finds."""

import gc
import os
from pathlib import Path

import asyncpg
import pytest

from collab import verify_jobs
from collab.codec import pack_body
from collab.config import Settings
from collab.errors import CannotStart
from collab.playlist import empty_playlist
from collab.progress import Advance
from collab.verify import Verified
from storage.postgres import open_postgres
from storage.sqlite import open_sqlite
from tests.collab.command import tutti
from tests.contracts.backends import FullStore

DOCUMENTS = 40
DAMAGED = (3, 17, 39)


def name(number: int) -> str:
    return f"playlist{number:014}"


async def fill(store: FullStore) -> None:
    for number in range(DOCUMENTS):
        body = b"damaged" if number in DAMAGED else pack_body(empty_playlist({"name": "x"}))
        await store.create_document(name(number), "playlist", "epoch", "ada", body, 1)
    await store.close()


def finding(number: int) -> str:
    return f"{name(number)}: the snapshot at version 0 cannot be read"


@pytest.mark.parametrize("jobs", [1, 2])
async def test_every_document_once_and_every_finding(tmp_path: Path, jobs: int) -> None:
    await fill(await open_sqlite(tmp_path))
    lines: list[str] = []
    told: list[int] = []

    def begin(total: int) -> Advance:
        told.append(-total)
        return told.append

    verified = await verify_jobs.verify(Settings(data=tmp_path), jobs, lines.append, begin)
    assert verified == Verified(DOCUMENTS, len(DAMAGED))
    assert sorted(lines) == [finding(number) for number in DAMAGED]
    assert told[0] == -DOCUMENTS
    assert sum(told) == 0
    assert len(told) > 3


async def test_the_command_on_postgres(postgres_url: str) -> None:
    await fill(await open_postgres(postgres_url))
    connection = await asyncpg.connect(postgres_url)
    await connection.execute("INSERT INTO operations VALUES ('lost', 1, 'client', 1, 'ada', 1, '')")
    await connection.close()
    run = tutti("verify", "--jobs", 2, "--progress", TUTTI_DATABASE_URL=postgres_url)
    assert run.returncode == 1
    *found, last = run.stdout.splitlines()
    assert last == f"verified {DOCUMENTS} documents, {len(DAMAGED) + 1} findings"
    assert found[-1] == "lost: there are ops or settled rows, but no head"
    assert sorted(found[:-1]) == [finding(number) for number in DAMAGED]
    assert run.stderr.splitlines()[-1].startswith(f"{DOCUMENTS} of {DOCUMENTS} documents, ")


def die(_settings: Settings, _documents: list[str]) -> None:
    os._exit(1)


async def test_a_process_that_dies_ends_the_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await fill(await open_sqlite(tmp_path))
    monkeypatch.setattr(verify_jobs, "_verify_share", die)
    with pytest.raises(CannotStart, match="--jobs"):
        await verify_jobs.verify(Settings(data=tmp_path), 2, lambda _: None, lambda _: lambda _: None)
    gc.collect()
    assert not caplog.records, "what became of the others was looked at"
