"""Nodes and SDKs of two versions at once: whoever meets whom, all end equal (P18)."""

from pathlib import Path

import httpx

from tests.collab import command
from tests.previous.meeting import meeting
from tests.previous.version import Previous

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
