"""`tutti history`, `tutti diff` and `tutti compact` on a database, as a person runs them."""

import json
from pathlib import Path

import pytest

from collab.codec import pack_body
from collab.playlist import empty_playlist
from ot.build import insert_at, move_range, remove_range, set_attribute
from ot.op import encode
from storage.rows import Commit, OpRow, Snapshot
from storage.sqlite import open_sqlite
from storage.store import User
from tests.collab.command import refused, tutti

PLAYLIST = "P" * 22
DAY_MS = 24 * 3600 * 1000


def song(letter: str) -> dict[str, str]:
    return {"uid": letter, "track": f"demo:{letter}", "title": letter.upper()}


@pytest.fixture
async def data(tmp_path: Path) -> Path:
    """Four versions, one a day from 1970 on, with a snapshot at the second."""
    ops = (
        insert_at(0, 0, [song(letter) for letter in "abc"]),
        remove_range(3, 1),
        move_range(2, 1, 1, 0),
        set_attribute("name", "Ours"),
    )
    store = await open_sqlite(tmp_path)
    try:
        for person in ("Ann", "Ben"):
            await store.add_user(User(person.lower(), person, "guest", 0))
        state = empty_playlist({"name": "Mix"})
        await store.create_document(PLAYLIST, "playlist", "epoch", "ann", pack_body(state), 0)
        rows = tuple(
            OpRow(version, "client", version, ("ann", "ben")[version % 2], version * DAY_MS, pack_body(body))
            for version, body in enumerate(map(encode, ops), 1)
        )
        assert await store.commit([Commit(PLAYLIST, "epoch", 0, 0, rows, ())]) == [True]
        body = pack_body(state | {"entries": [song("a"), song("c")]})
        await store.add_snapshot(PLAYLIST, "epoch", Snapshot(2, body))
    finally:
        await store.close()
    return tmp_path


def said(*arguments: object) -> list[str]:
    run = tutti(*arguments)
    assert run.returncode == 0, run
    return run.stdout.splitlines()


def test_the_past_in_a_terminal(data: Path) -> None:
    assert said("history", PLAYLIST, "--data", data, "--changes", 2) == [
        "version 4  1970-01-05 00:00:00  Ann",
        "  = name: Ours",
        "version 3  1970-01-04 00:00:00  Ben",
        "  > 1 to 0  C",
        "version 2  1970-01-03 00:00:00  Ann",
        "  - 1  B",
        "version 1  1970-01-02 00:00:00  Ben",
        "  + 0  A",
        "  + 1  B",
        "  … and 1 more",
    ]
    assert said("history", PLAYLIST, "--data", data, "--entry", "b") == [
        "version 1  1970-01-02 00:00:00  Ben  + 1  B",
        "version 2  1970-01-03 00:00:00  Ann  - 1  B",
    ]
    assert said("diff", PLAYLIST, 1, "--data", data) == ["  = name: Ours", "  - 1  B", "  > 2 to 0  C"]
    op = json.loads(said("diff", PLAYLIST, 2, 3, "--op", "--data", data)[0])
    assert op == {"l": [["d", 0, 1], ["k", 1], ["p", 1]]}


def test_what_is_not_there_is_said_in_a_sentence(data: Path) -> None:
    assert "no such" in refused(tutti("history", "Q" * 22, "--data", data))
    assert "no such version" in refused(tutti("diff", PLAYLIST, 1, 9, "--data", data))
    assert "no such entry" in refused(tutti("history", PLAYLIST, "--entry", "z", "--data", data))
    assert "no Tutti database" in refused(tutti("history", PLAYLIST, "--data", data / "elsewhere"))


def test_what_was_compacted_is_no_longer_told(data: Path) -> None:
    assert said("compact", "--keep-versions", 1, "--data", data) == ["forgot 2 versions of 1 documents"]
    assert said("history", PLAYLIST, "--data", data)[-1] == "versions up to 2 are no longer kept"
    assert "no longer kept" in refused(tutti("diff", PLAYLIST, 1, "--data", data))
    assert said("compact", "--keep-days", 30, "--data", data) == ["forgot 0 versions of 0 documents"]
