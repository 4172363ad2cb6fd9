"""A database of the previous version, in this one: nothing is lost, and every key still opens."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from collab.cli_migrate import migrate
from collab.cli_replay_jam import replay_jam
from ot.digest import digest
from tests.collab import command
from tests.previous.kept import POSTGRES, SECRET, SQLITE, Keys, hash_of, prolonged, put_postgres, put_sqlite
from tests.previous.version import Previous
from tutti_client import Guest, Tutti, connect, guest

DOCUMENTS = 6
PATIENCE_S = 60


@dataclass(frozen=True)
class Kept:
    """A database, as `kept` puts it somewhere."""

    keys: Keys
    data: Path
    url: str | None = None

    @property
    def where(self) -> tuple[object, ...]:
        """The options that say so, beside the data folder."""
        return () if self.url is None else ("--database-url", self.url)


@pytest.fixture
def sqlite(tmp_path: Path) -> Kept:
    data = tmp_path / "data"
    put_sqlite(data)
    return Kept(Keys.of(SQLITE), data)


@pytest.fixture
def postgres(tmp_path: Path, empty_postgres_url: str) -> Kept:
    put_postgres(empty_postgres_url)
    return Kept(Keys.of(POSTGRES), tmp_path / "data", empty_postgres_url)


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_it_goes_on_in_this_version(
    database: str, previous: Previous, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    kept: Kept = request.getfixturevalue(database)
    migrate(kept.data, kept.url)
    for jam, noted in kept.keys.jams.items():
        log = tmp_path / jam
        replay_jam(log, jam, kept.data, kept.url)
        assert hash_of(log) == noted
    with command.serving(kept.data, *kept.where, TUTTI_SECRET=SECRET) as server:
        asyncio.run(use(server.url, kept.keys))
        server.stop()
    # And back, on the tables as they are.
    with previous.serving("--data", kept.data, *kept.where, TUTTI_SECRET=SECRET) as url:
        asyncio.run(edit_as_robot(url, kept.keys))
    # With the Jam that was begun now.
    verified = command.tutti("verify", "--data", kept.data, *kept.where)
    assert verified.stdout == f"verified {DOCUMENTS + 1} documents, 0 findings\n"


async def use(url: str, keys: Keys) -> None:
    """Everybody comes back by their key, finds all as it was, and edits."""
    robot = prolonged(keys.api_token)
    stranger = await guest(url, "Dan")
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {await stranger()}"}) as http:
        accept = f"{url}/v1/invites/accept"
        refused = await http.post(accept, json={"secret": keys.invites["revoked"]})
        assert refused.status_code == 404, refused.text
        (await http.post(accept, json={"secret": keys.invites["editor"]})).raise_for_status()
    ada, ben, cem = (Guest(url, keys.refresh_tokens[name]) for name in ("Ada", "Ben", "Cem"))
    async with (
        asyncio.timeout(PATIENCE_S),
        connect(url, token=ada) as hers,
        connect(url, token=ben) as his,
        connect(url, token=robot) as its,
        connect(url, token=cem) as viewer,
        connect(url, token=stranger) as new,
    ):
        assert [tutti.name for tutti in (hers, his, its, viewer)] == ["Ada", "Ben", "robot", "Cem"]
        for id, held in keys.playlists.items():
            playlist = await hers.open_playlist(id)
            assert [playlist.version, digest(playlist.replica.document)] == held
        together = next(iter(keys.playlists))
        await edit_together(together, [hers, his, its, new])
        assert (await viewer.open_playlist(together)).role == "viewer"
        jam = await hers.start_jam("Next", playlist=together)
        assert await jam.add({"track": "demo:new", "title": "New", "duration_ms": 60_000})


async def edit_as_robot(url: str, keys: Keys) -> None:
    async with asyncio.timeout(PATIENCE_S), connect(url, token=prolonged(keys.api_token)) as tutti:
        playlist = await tutti.open_playlist(next(iter(keys.playlists)))
        playlist.remove(0)
        await playlist.saved()


async def edit_together(playlist: str, people: Sequence[Tutti]) -> None:
    lists = [await tutti.open_playlist(playlist) for tutti in people]
    entries = len(lists[0].entries)
    for number, each in enumerate(lists):
        each.insert(number, {"track": f"demo:new {number}", "title": f"New {number}"})
    for each in lists:
        changes = each.changes()
        while len(each.entries) < entries + len(people):
            await anext(changes)
        await each.saved()
    assert len({digest(each.replica.document) for each in lists}) == 1
