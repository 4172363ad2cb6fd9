"""Nodes and SDKs of two versions at once: whoever meets whom, all end equal (P18)."""

import asyncio
import json
from pathlib import Path

import httpx

from tests.collab import command
from tests.previous.meeting import Owner, meeting
from tests.previous.version import PATIENCE_S, Previous
from tutti_client import Guest, connect

SECRET = "a secret that the nodes of both versions know"
EDITS = 60
# A node that does not see the host doubts them after a second, and the one that does answers.
QUICK = ("--jam-times-divided-by", 60)
DOUBTS = 6
SOUND = "verified 3 documents, 0 findings\n"


def test_either_sdk_works_with_this_server(previous: Previous, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with command.serving(data) as server:
        with meeting(previous, [server.url]) as people:
            people.ends_equal(people.edit(EDITS))
        server.stop()
    assert command.tutti("verify", "--data", data).stdout == SOUND


def test_either_sdk_works_with_its_server(previous: Previous, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with previous.serving("--data", data) as url, meeting(previous, [url]) as people:
        people.ends_equal(people.edit(EDITS))


def test_what_its_sdk_kept_on_a_device_is_saved_by_this_sdk(previous: Previous, tmp_path: Path) -> None:
    file = tmp_path / "device"
    with command.serving(tmp_path / "data") as server:
        with Owner(server.url) as owner:
            playlist, _ = owner.make_playlist("Friday")
        away = previous.running("away.py", server.url, owner.refresh_token, playlist, str(file))
        said, _ = away.communicate(timeout=PATIENCE_S)
        refresh_token, uids = json.loads(said)

        async def come_back() -> None:
            async with connect(server.url, token=Guest(server.url, refresh_token), offline=file) as tutti:
                kept = await tutti.open_playlist(playlist)
                await kept.saved()
                assert [entry["uid"] for entry in kept.entries] == uids[::-1]
                assert kept.version == 1

        asyncio.run(come_back())


def test_a_node_of_each_serve_the_same_documents(
    previous: Previous, empty_postgres_url: str, valkey_server: str, tmp_path: Path
) -> None:
    """As in an upgrade: the old node runs, the tables are migrated, a new node comes beside it."""
    database = ("--database-url", empty_postgres_url)
    options = (*database, "--redis-url", valkey_server, *QUICK)
    assert previous.tutti("migrate", *database).returncode == 0
    with previous.serving("--data", tmp_path / "old", *options, TUTTI_SECRET=SECRET) as old:
        assert command.tutti("migrate", *database).returncode == 0
        with command.serving(tmp_path / "new", *options, TUTTI_SECRET=SECRET) as new:
            with meeting(previous, [old, new.url]) as people:
                versions = people.ends_equal(people.edit(EDITS))
                versions[people.jam] += DOUBTS
                people.ends_equal(versions)
                # And once more, on what the doubts left.
                people.ends_equal(people.edit(EDITS))
            # An old node that dies meanwhile is started again.
            with previous.serving("--data", tmp_path / "again", *options, TUTTI_SECRET=SECRET) as again:
                assert httpx.get(f"{again}/readyz").json()["ready"]
            new.stop()
    assert command.tutti("verify", *database).stdout == SOUND
