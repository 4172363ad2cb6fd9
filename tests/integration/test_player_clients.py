"""Remote controls written for the Spotify Web API steer a Jam, each by its own library; a socket hears it.

spotipy is Ada's, who hosts; tekore, whose models take nothing that is not as it should be, is a guest's.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import spotipy
import tekore

from collab.ambient import real_ambient
from collab.auth import Identity
from collab.ids import UserId, encode_id
from collab.jam_rooms import HubJamRooms
from collab.jams import Jams
from collab.messages import Open, Opened, Ops, ServerMessage
from collab.music.library import Library
from collab.player import Player
from collab.player_jams import PlayerJams
from collab.request_names import Names
from collab.seating import Seat
from jam.digest import digest
from jam.events import decode_event
from jam.lineup import Lineup
from jam.state import load
from jam.step import follow
from tests.collab.music.shelf import Shelf
from tests.collab.serving import HUNG_S
from tests.integration.world import Person, WireClient, World, new_id, world

Json = dict[str, Any]

# Its models say of each member that they do not know that they pass it over.
pytestmark = pytest.mark.filterwarnings("ignore:.*contains unknown attribute")
TIMES_DIVIDED_BY = 20


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path, jam_times_divided_by=TIMES_DIVIDED_BY) as node:
        yield node


@pytest.fixture
def base(node: World, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where both libraries ask."""
    url = f"http://127.0.0.1:{node.port}/v1/"
    monkeypatch.setattr("tekore._client.base.prefix", url)
    return url


class Spotipy:
    """The library blocks, and the server runs in this process: so each call has a thread."""

    def __init__(self, base: str, token: str) -> None:
        self._client = spotipy.Spotify(auth=token, retries=0, status_retries=0, requests_timeout=HUNG_S)
        self._client.prefix = base

    async def __call__(self, method: str, *arguments: Any, **more: Any) -> Any:
        return await asyncio.to_thread(getattr(self._client, method), *arguments, **more)


class Watch:
    """What a socket hears of a Jam: the names of its events, and the Jam that they lead to."""

    def __init__(self, client: WireClient, state: Json) -> None:
        self._client = client
        self.lineup = Lineup(load(state))
        self.heard: list[str] = []
        # Of the Jam, by version.
        self.digests: dict[int, str] = {}

    async def until(self, is_so: Callable[["Watch"], bool]) -> None:
        while not is_so(self):
            for row in (await self._client.receive(Ops)).ops:
                self.heard.append(row.op["event"])
                self.lineup = follow(self.lineup, decode_event(row.op))
                self.digests[row.version] = digest(self.lineup.jam)

    async def hears(self, event: str) -> None:
        """Hears on, up to an event of this name."""
        heard = len(self.heard)
        await self.until(lambda watch: event in watch.heard[heard:])


def track(name: str) -> str:
    return "spotify:track:" + encode_id(name.encode().rjust(16, b"-"))


def song(name: str, seconds: int = 300) -> Json:
    return {"track": track(name), "title": name, "artists": ["Ada"], "duration_ms": seconds * 1000}


async def a_playlist(node: World, ada: Person, names: str) -> str:
    playlist = await node.playlist(ada)
    async with node.client(ada) as client:
        await client.open(playlist)
        for number, name in enumerate(names):
            await client.send(client.append(playlist, number + 1, number, number, **song(name)))
        await client.rows(len(names))
    return playlist


async def ask(base: str, person: Person, method: str, path: str, body: Json | None = None) -> Json:
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {person.token}"}) as client:
        response = await client.request(method, base + path, json=body)
    assert response.is_success, response.text
    found: Json = response.json() if response.content else {}
    return found


async def refused(of: Any) -> spotipy.SpotifyException:
    with pytest.raises(spotipy.SpotifyException) as caught:
        await of
    return caught.value


async def test_an_evening_of_two_remote_controls(node: World, base: str) -> None:
    ada, mia = await node.person("Ada"), await node.person("Mia")
    playlist = await a_playlist(node, ada, "abcdef")
    control = Spotipy(base, ada.token)
    assert await control("current_playback") is None
    assert (await control("devices"))["devices"] == []
    nothing = await refused(control("pause_playback"))
    assert (nothing.http_status, nothing.reason) == (404, "NO_ACTIVE_DEVICE")

    await control(
        "start_playback",
        context_uri=f"spotify:playlist:{playlist}",
        offset={"position": 1},
        position_ms=10_000,
    )
    seen = await control("current_playback")
    assert (seen["item"]["name"], seen["item"]["uri"], seen["is_playing"]) == ("b", track("b"), True)
    assert seen["progress_ms"] >= 10_000
    jam = seen["device"]["id"]
    assert (await control("currently_playing"))["item"] == seen["item"]
    code = (await ask(base, ada, "GET", f"jams/{jam}/code"))["code"]
    await ask(base, mia, "POST", "jams/join", {"code": code})

    async with node.client(ada) as one, node.client(mia) as two, tekore_client(mia) as guest:
        opened = await one.open(jam)
        await two.open(jam)
        assert opened.snapshot is not None
        watch = Watch(one, opened.snapshot.state)

        playback = await guest.playback()
        assert (playback.device.id, playback.item.id, playback.is_playing) == (
            jam,
            track("b").rpartition(":")[2],
            True,
        )
        assert playback.actions.disallows.seeking
        assert not playback.actions.disallows.skipping_next
        await guest.playback_queue_add(track("m"))
        await watch.hears("added")
        coming = [item.uri for item in (await guest.playback_queue()).queue]
        assert coming == [track(name) for name in "mcdef"], "queued songs come before the playlist's"
        assert [item["uri"] for item in (await control("queue"))["queue"]] == coming

        await control("pause_playback")
        await watch.hears("paused")
        await control("seek_track", 30_000)
        seen = await control("current_playback")
        assert (seen["is_playing"], seen["progress_ms"]) == (False, 30_000)
        await control("start_playback")
        await watch.hears("resumed")
        for method, value in (("volume", 35), ("repeat", "context")):
            await control(method, value)
            await watch.hears("settings_set")
        await control("shuffle", True)
        await watch.hears("shuffled")
        playback = await guest.playback()
        assert (playback.device.volume_percent, str(playback.repeat_state)) == (35, "context")
        assert playback.shuffle_state
        await control("shuffle", False)
        await watch.hears("fallback_set")
        await control("repeat", "off")
        assert [item["uri"] for item in (await control("queue"))["queue"]] == coming

        with pytest.raises(tekore.Forbidden):
            await guest.playback_pause()
        for_host = await refused(Spotipy(base, mia.token)("seek_track", 1))
        assert (for_host.http_status, for_host.reason) == (403, "REMOTE_CONTROL_DISALLOW")

        await control("next_track")
        await watch.until(lambda watch: playing(watch) == track("m"))
        await guest.playback_next()
        await watch.until(lambda watch: playing(watch) == track("c"))
        await control("previous_track")
        await watch.until(lambda watch: playing(watch) == track("m"))
        await control("next_track")
        await watch.until(lambda watch: playing(watch) == track("c"))

        await skip(Spotipy(base, mia.token))
        await watch.hears("skip_voted")
        assert (await guest.playback_currently_playing()).item.uri == track("c"), "one of two is a wish"
        recent = await guest.playback_recently_played(limit=2)
        assert [play.track.uri for play in recent.items] == [track("m"), track("b")]
        assert (await control("current_user_recently_played", limit=1))["items"][0]["track"]["name"] == ""
        await guest.playback_transfer(jam)
        [device] = await guest.playback_devices()
        assert (device.id, device.is_active) == (jam, True)
        await control("transfer_playback", jam)

        await control("start_playback", uris=[track("x"), track("y")], offset={"uri": track("y")})
        await watch.until(lambda watch: playing(watch) == track("y"))
        alike = await ask(base, ada, "GET", f"jams/{jam}")
        await watch.until(lambda watch: alike["version"] in watch.digests)
        assert watch.digests[alike["version"]] == digest(load(alike["state"]))

        await ask(base, ada, "DELETE", f"jams/{jam}")
        await watch.hears("ended")
        assert await control("current_playback") is None
        assert await guest.playback() is None


def playing(watch: Watch) -> str:
    jam = watch.lineup.jam
    return str(jam.entries[jam.timeline.entry].track["track"]) if jam.timeline.entry else ""


async def skip(control: Spotipy) -> None:
    """Asks for it as soon as the song has been heard a little."""
    try:
        await control("next_track")
    except spotipy.SpotifyException as early:
        await asyncio.sleep(int(early.headers["Retry-After"]))
        await control("next_track")


@asynccontextmanager
async def tekore_client(person: Person) -> AsyncIterator[tekore.Spotify]:
    client = tekore.Spotify(person.token, asynchronous=True)
    try:
        yield client
    finally:
        await client.close()


class Onlooker:
    """Hears what happens in a room without being there. A `collab.listener.Observer`."""

    def __init__(self, node: World, person: Person, room: str) -> None:
        self.id = new_id()
        self.heard: list[str] = []
        self._news = asyncio.Event()
        seat = Seat(self.id, person.id, "", self.id, is_seen=False)
        node.server.hub.enter_as(self, seat, Open(room))

    async def hears(self, event: str, after: int = 0) -> None:
        """`after`: of so many events before it is not spoken."""
        async with asyncio.timeout(HUNG_S):
            while event not in self.heard[after:]:
                self._news.clear()
                await self._news.wait()

    def overhear(self, messages: Sequence[ServerMessage]) -> None:
        for message in messages:
            if isinstance(message, Ops):
                self.heard += [row.op["event"] for row in message.ops]
                self._news.set()

    def tell(self, message: ServerMessage) -> None:
        snapshot = message.snapshot if isinstance(message, Opened) else None
        if snapshot is not None and snapshot.state["status"] == "dormant":
            self.heard.append("fell_dormant")
            self._news.set()

    def evicted(self, document: str) -> None:
        pass

    def failed(self, document: str) -> None:
        pass


async def test_whoever_steers_wakes_a_jam_that_everybody_left(tmp_path: Path) -> None:
    async with world(tmp_path, jam_times_divided_by=60) as node:
        ada = await node.person("Ada")
        control = Spotipy(f"http://127.0.0.1:{node.port}/v1/", ada.token)
        playlist = await a_playlist(node, ada, "ab")
        await control("start_playback", context_uri=f"spotify:playlist:{playlist}")
        [device] = (await control("devices"))["devices"]
        onlooker = Onlooker(node, ada, device["id"])
        await onlooker.hears("fell_dormant")
        seen = await control("current_playback")
        assert (seen["is_playing"], seen["item"]["name"]) == (False, "a")
        assert "resuming" not in seen["actions"]["disallows"]
        heard = len(onlooker.heard)
        await control("start_playback")
        woken = [event for event in onlooker.heard[heard:] if event in ("came_back", "resumed")]
        assert woken == ["came_back", "resumed"]
        await onlooker.hears("fell_dormant", after=heard)
        await control("start_playback", uris=[track("x")])
        seen = await control("current_playback")
        assert (seen["device"]["id"], seen["item"]["uri"]) == (device["id"], track("x"))


async def test_a_press_that_comes_again_is_one_press(node: World) -> None:
    """As after a reply that was lost, or a node that ended before it could say what it did."""
    person = await node.person("Ada")
    ada = Identity(UserId(person.id), "Ada", 0, None)
    ambient = real_ambient(node.clock)
    jams = Jams(HubJamRooms(node.server.hub, node.store, node.documents), node.store, node.documents, ambient)
    player = Player(jams, PlayerJams(jams, node.store), node.documents, ambient)
    for _ in range(2):
        again = player.named(Names(b"a list").id)
        await again.play_tracks(ada, "", [track(name) for name in "abcd"], 0, 0)
    for _ in range(3):
        await player.named(Names(b"a press").id).next(ada.user_id, "")
    [view] = await player.devices(ada.user_id)
    assert [view.jam.entries[id].track["track"] for id in view.order] == [track(name) for name in "bcd"]
    await player.named(Names(b"another").id).next(ada.user_id, "")
    [view] = await player.devices(ada.user_id)
    assert view.jam.timeline.play == 3


async def test_tracks_of_the_catalogue_are_called_as_it_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They have two URIs: existing clients know one, lists and the socket hold the other. No other may be
    played, for an operator named the folder."""
    monkeypatch.setattr("tests.integration.world.Library", partial(Library, is_closed=True))
    folder = tmp_path / "music"
    folder.mkdir()
    shelf = Shelf(folder)
    rows = []
    for name in ("one.mp3", "two.mp3"):
        (folder / name).write_bytes(b"music")
        rows.append(shelf.add(name, title=name.removesuffix(".mp3").title(), duration_ms=60_000))
    async with world(tmp_path, songs=folder) as node:
        await node.store.catalogue.put(rows)
        ada = await node.person("Ada")
        control = Spotipy(f"http://127.0.0.1:{node.port}/v1/", ada.token)
        one, two = (f"spotify:track:{row.id}" for row in rows)
        await control("start_playback", uris=[one])
        await control("add_to_queue", two)
        queue = await control("queue")
        shown = [queue["currently_playing"], *queue["queue"]]
        assert [(item["uri"], item["name"], item["duration_ms"]) for item in shown] == [
            (one, "One", 60_000),
            (two, "Two", 60_000),
        ]
        assert [item["tutti_uri"] for item in shown] == [f"tutti:track:{row.id}" for row in rows]
        jam = (await control("current_playback"))["device"]["id"]
        async with node.client(ada) as client:
            opened = await client.open(jam)
            assert opened.snapshot is not None
            entries = opened.snapshot.state["entries"].values()
        assert {entry["track"]["track"] for entry in entries} == {f"tutti:track:{row.id}" for row in rows}
        stranger = await refused(control("add_to_queue", track("elsewhere")))
        nothing = await refused(control("start_playback", uris=[track("elsewhere")]))
        assert (stranger.http_status, nothing.http_status) == (400, 400)
        assert "no such track" in str(stranger)
        assert (await control("current_playback"))["item"]["uri"] == one
