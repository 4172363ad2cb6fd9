"""A whole node with a music folder: what people may put into playlists and Jams there."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from collab.config import Settings
from collab.errand import Errand, new_id
from collab.errors import Refusal
from collab.hub import Hub
from collab.metrics import Metrics
from collab.music.library import id_of_path
from collab.music.scan import Scanner
from collab.server import open_node
from collab.songs import track_uri
from ot.build import insert_at
from ot.op import encode
from ot.value import Entry
from storage.sqlite import open_sqlite
from tests.collab.music.files import tag_mp3, write

SONG, GONE, FOREIGN = track_uri(id_of_path("song.mp3")), track_uri("x" * 22), "spotify:track:x"


class Guest:
    """Somebody who came to the node, and what they may do there."""

    def __init__(self, hub: Hub, client: httpx.AsyncClient, session: Any) -> None:
        self._hub = hub
        self._client = client
        self._user: str = session["user"]["id"]
        self._headers = {"Authorization": f"Bearer {session['token']}"}

    async def send(self, method: str, path: str, body: Any = None) -> Any:
        answer = await self._client.request(method, path, json=body, headers=self._headers)
        return answer.json()

    async def ask(self, jam: str, command: Any) -> Any:
        return await self.send("POST", f"{jam}/commands", {"command": command})

    async def new_playlist(self) -> str:
        playlist: str = (await self.send("POST", "/v1/me/playlists", {"name": "Mix"}))["id"]
        return playlist

    async def add(self, playlist: str, *tracks: str) -> None:
        """Puts them first. Raises Refusal."""
        client, now_ms = new_id(), int(1000 * time.time())
        entries: list[Entry] = [
            {"uid": f"{client}.{number}", "track": track, "added_by": self._user, "added_at": now_ms}
            for number, track in enumerate(tracks, 1)
        ]
        length = len(await self.tracks(playlist))
        op = encode(insert_at(length, 0, entries))
        await Errand(playlist, "playlist", self._user, op, client=client).run(self._hub)

    async def tracks(self, playlist: str) -> list[str]:
        """As entries hold them."""
        page = await self.send("GET", f"/v1/playlists/{playlist}/tracks")
        return [item["track"]["tutti_uri"] or item["track"]["uri"] for item in page["items"]]


@asynccontextmanager
async def node(settings: Settings) -> AsyncIterator[Guest]:
    async with open_node(settings) as server:
        transport = httpx.ASGITransport(server.app, client=("127.0.0.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8300") as client:
            session = (await client.post("/v1/guest", json={"name": "Ada"})).json()
            yield Guest(server.hub, client, session)


@pytest.fixture
async def with_music(tmp_path: Path) -> Settings:
    """A node's settings, whose catalogue knows a song already."""
    root = tmp_path / "music"
    tag_mp3(write(root / "song.mp3"), {"TIT2": "As it is", "TPE1": "Grace"})
    store = await open_sqlite(tmp_path / "data")
    await Scanner(root, store.catalogue, Metrics(), lambda: 1).scan()
    await store.close()
    return Settings(data=tmp_path / "data", music=root)


async def test_a_playlist_takes_only_tracks_that_there_are(with_music: Settings) -> None:
    async with node(with_music) as guest:
        playlist = await guest.new_playlist()
        await guest.add(playlist, SONG)
        for unknown in (GONE, FOREIGN):
            with pytest.raises(Refusal) as caught:
                await guest.add(playlist, SONG, unknown)
            assert caught.value.code == "unknown_track"
        assert await guest.tracks(playlist) == [SONG]


async def test_in_a_jam_songs_are_what_the_catalogue_says(with_music: Settings) -> None:
    async with node(with_music) as guest:
        jam = f"/v1/jams/{(await guest.send('POST', '/v1/jams', {}))['id']}"
        await guest.ask(jam, {"do": "add", "track": {"track": SONG, "title": "Claimed"}})
        [queued] = (await guest.send("GET", jam))["state"]["entries"].values()
        assert (queued["track"]["title"], queued["track"]["artists"]) == ("As it is", ["Grace"])
        refused = await guest.ask(jam, {"do": "add", "track": {"track": GONE}})
        assert refused["error"]["code"] == "unknown_track"


async def test_a_server_without_a_music_folder_takes_any_track(tmp_path: Path) -> None:
    async with node(Settings(data=tmp_path, samples=False)) as guest:
        playlist = await guest.new_playlist()
        await guest.add(playlist, GONE, FOREIGN)
        assert await guest.tracks(playlist) == [GONE, FOREIGN]
