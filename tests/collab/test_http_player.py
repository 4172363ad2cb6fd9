"""A Jam as somebody's player over HTTP. The rules are those of `jam`; the shapes the Spotify Web API's."""

import pytest

from collab.http_player_shapes import QUEUE_MAX
from collab.ids import encode_id
from tests.collab.http_world import HttpWorld, Json
from tests.collab.player_words import (
    PLAYER,
    done,
    jam_of,
    joined,
    pass_time,
    player,
    playlist_of,
    post,
    put,
    refused,
    song,
    start,
    titles,
    uri,
)


@pytest.fixture
def world() -> HttpWorld:
    return HttpWorld()


class TestIdle:
    async def test_nothing_plays(self, world: HttpWorld) -> None:
        ada = await world.guest()
        done(await ada.get(PLAYER))
        done(await ada.get(f"{PLAYER}/currently-playing"))
        assert (await ada.get(f"{PLAYER}/devices")).json() == {"devices": []}
        assert (await ada.get(f"{PLAYER}/queue")).json() == {"currently_playing": None, "queue": []}
        recent = (await ada.get(f"{PLAYER}/recently-played")).json()
        assert (recent["items"], recent["next"], recent["cursors"]) == ([], None, None)

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("PUT", "/play"),
            ("PUT", "/pause"),
            ("POST", "/next"),
            ("POST", "/previous"),
            ("PUT", "/seek?position_ms=1"),
            ("PUT", "/repeat?state=off"),
            ("PUT", "/shuffle?state=true"),
            ("PUT", "/volume?volume_percent=1"),
            ("POST", f"/queue?uri={uri('a')}"),
        ],
    )
    async def test_there_is_no_player(self, world: HttpWorld, method: str, path: str) -> None:
        ada = await world.guest()
        response = await ada.send(method, PLAYER + path)
        assert refused(response) == (404, "no_player", "NO_ACTIVE_DEVICE")
        assert (await ada.get("/v1/me/jams")).json()["total"] == 0

    async def test_in_a_jam_in_which_nothing_plays(self, world: HttpWorld) -> None:
        ada = await world.guest()
        await world.jam(ada.id)
        done(await ada.get(PLAYER))
        [device] = (await ada.get(f"{PLAYER}/devices")).json()["devices"]
        assert (device["is_active"], device["name"]) == (True, "Jam")
        for method, path in (("PUT", "/pause"), ("POST", "/next"), ("PUT", "/seek?position_ms=1")):
            assert refused(await ada.send(method, PLAYER + path))[:2] == (404, "no_player")
        await post(ada, f"/queue?uri={uri('a')}")
        await put(ada, "/volume?volume_percent=30")
        done(await ada.get(PLAYER))
        await put(ada, "/play")
        seen = await player(ada)
        assert (seen["item"]["uri"], seen["device"]["volume_percent"]) == (uri("a"), 30)

    async def test_nobody_asks_without_a_token(self, world: HttpWorld) -> None:
        async with world.client() as client:
            for response in (await client.get(PLAYER), await client.put(f"{PLAYER}/play")):
                assert (response.status_code, response.json()["error"]["code"]) == (401, "token_missing")


class TestPlaying:
    async def test_a_playlist_starts_ones_own_jam(self, world: HttpWorld) -> None:
        ada = await world.guest("Ada")
        jam = await start(world, ada)
        found, state = await jam_of(world, ada)
        assert (found, state.host, state.settings.name) == (jam, ada.id, "Friday")
        world.times.now_ms += 5_000
        seen = await player(ada)
        assert seen["device"] == {
            "id": jam,
            "is_active": True,
            "is_private_session": False,
            "is_restricted": False,
            "name": "Friday",
            "type": "Speaker",
            "volume_percent": 80,
            "supports_volume": True,
        }
        assert (seen["item"]["name"], seen["item"]["uri"]) == ("A", uri("a"))
        assert (seen["is_playing"], seen["currently_playing_type"], seen["context"]) == (True, "track", None)
        assert seen["timestamp"] == state.timeline.anchor_ms
        assert seen["progress_ms"] == world.times.now_ms - state.timeline.anchor_ms > 0
        assert (seen["repeat_state"], seen["shuffle_state"]) == ("off", False)
        assert seen["actions"] == {"disallows": {"resuming": True}}
        playing = (await ada.get(f"{PLAYER}/currently-playing")).json()
        only_whole = {"device", "repeat_state", "shuffle_state", "smart_shuffle"}
        assert playing == {name: value for name, value in seen.items() if name not in only_whole}
        assert await titles(ada) == "ABCD"

    async def test_before_its_start_it_stands_at_the_beginning(self, world: HttpWorld) -> None:
        ada = await world.guest()
        await start(world, ada)
        seen = await player(ada)
        assert (seen["progress_ms"], seen["timestamp"]) == (0, world.times.now_ms)

    @pytest.mark.parametrize(
        ("more", "expected"),
        [
            ({"offset": {"position": 2}}, "CD"),
            ({"offset": {"uri": uri("b")}}, "BCD"),
            ({"offset": {"uri": "tutti:track:" + "d" * 22}}, "D"),
            ({"offset": {}}, "ABCD"),
        ],
    )
    async def test_from_a_song_on(self, world: HttpWorld, more: Json, expected: str) -> None:
        ada = await world.guest()
        await start(world, ada, **more)
        assert await titles(ada) == expected

    async def test_from_a_position_on(self, world: HttpWorld) -> None:
        ada = await world.guest()
        await start(world, ada, position_ms=10_000)
        assert (await player(ada))["progress_ms"] == 10_000
        await put(ada, "/play", {"positionMs": 20_000})
        assert (await player(ada))["progress_ms"] == 20_000

    async def test_beyond_the_song_the_next_one_begins(self, world: HttpWorld) -> None:
        ada = await world.guest()
        await start(world, ada, position_ms=61_000)
        assert await titles(ada) == "BCD"
        await put(ada, "/seek?position_ms=999999999")
        assert await titles(ada) == "CD"

    async def test_tracks(self, world: HttpWorld) -> None:
        ada = await world.guest()
        await put(ada, "/play", {"uris": [uri("x"), "demo:y", uri("x"), uri("z")], "offset": {"position": 1}})
        _, state = await jam_of(world, ada)
        assert state.settings.name == "Jam"
        queue = (await ada.get(f"{PLAYER}/queue")).json()
        assert queue["currently_playing"]["uri"] == "demo:y"
        assert [item["uri"] for item in queue["queue"]] == [uri("x"), uri("z")]

    async def test_another_list_replaces_the_first_and_nothing_of_peoples(self, world: HttpWorld) -> None:
        ada = await world.guest()
        jam = await start(world, ada)
        mia = await joined(world, jam, ada)
        await post(mia, f"/queue?uri={uri('m')}")
        await put(ada, "/play", {"uris": [uri("x"), uri("y")]})
        queue = (await ada.get(f"{PLAYER}/queue")).json()
        assert queue["currently_playing"]["uri"] == uri("x")
        assert [item["uri"] for item in queue["queue"]] == [uri("m"), uri("y")]
        assert (await ada.get("/v1/me/jams")).json()["total"] == 1

    async def test_what_plays_already_begins_again(self, world: HttpWorld) -> None:
        ada = await world.guest()
        jam = await start(world, ada)
        await pass_time(world, jam, 30_000)
        await put(ada, "/pause")
        await put(ada, "/play", {"uris": [uri("a"), uri("x")]})
        seen = await player(ada)
        assert (seen["item"]["uri"], seen["progress_ms"], seen["is_playing"]) == (uri("a"), 0, True)
        assert seen["item"]["name"] == "A", "the Jam knew the song"

    async def test_all_is_repeated_from_the_middle_on(self, world: HttpWorld) -> None:
        ada = await world.guest()
        await start(world, ada)
        await put(ada, "/repeat?state=context")
        await start(world, ada, "wxyz", offset={"position": 2})
        assert await titles(ada) == "YZWX"

    async def test_of_a_long_list_the_first_songs(self, world: HttpWorld) -> None:
        ada = await world.guest()
        playlist = await ada.new_playlist()
        entries = [
            {**song("a"), "track": f"spotify:track:{encode_id(n.to_bytes(16, 'big'))}", "uid": f"x.{n}"}
            for n in range(600)
        ]
        world.documents.entries[playlist] = entries
        await put(ada, "/play", {"context_uri": f"tutti:playlist:{playlist}", "offset": {"position": 10}})
        _, state = await jam_of(world, ada)
        assert len(state.entries) == 500
        queue = (await ada.get(f"{PLAYER}/queue")).json()
        assert queue["currently_playing"]["uri"] == entries[10]["track"]
        assert len(queue["queue"]) == QUEUE_MAX

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ({"context_uri": f"spotify:album:{'a' * 22}"}, (400, "context_unknown", "CONTEXT_DISALLOW")),
            ({"context_uri": "nonsense"}, (400, "context_unknown", "CONTEXT_DISALLOW")),
            ({"context_uri": f"spotify:playlist:{'P' * 22}"}, (404, "not_found", "UNKNOWN")),
            ({"context_uri": "x" * 513}, (400, "bad_request", "UNKNOWN")),
            ({"uris": []}, (400, "bad_request", "UNKNOWN")),
            ({"uris": ["nonsense"]}, (400, "bad_request", "UNKNOWN")),
            ({"uris": [uri("a")] * 501}, (400, "bad_request", "UNKNOWN")),
            ({"uris": [uri("a")], "offset": {"position": 1}}, (400, "bad_request", "UNKNOWN")),
            ({"uris": [uri("a")], "offset": {"position": -1}}, (400, "bad_request", "UNKNOWN")),
            ({"uris": [uri("a")], "offset": {"uri": uri("b")}}, (400, "bad_request", "UNKNOWN")),
            ({"uris": [uri("a")], "position_ms": -1}, (400, "bad_request", "UNKNOWN")),
            ({"uris": [uri("a")], "context_uri": "spotify:playlist:x"}, (400, "bad_request", "UNKNOWN")),
            ([], (400, "bad_request", "UNKNOWN")),
        ],
    )
    async def test_what_cannot_be_played_starts_no_jam(
        self, world: HttpWorld, body: Json, expected: tuple[int, str, str]
    ) -> None:
        ada = await world.guest()
        assert refused(await ada.send("PUT", f"{PLAYER}/play", json=body)) == expected
        assert (await ada.get("/v1/me/jams")).json()["total"] == 0

    async def test_nothing_is_left_of_a_jam_that_could_not_begin(self, world: HttpWorld) -> None:
        """A URI that a request may name, and an entry may not."""
        ada = await world.guest()
        playlist = await ada.new_playlist()
        world.documents.entries[playlist] = [{"track": uri("a"), "duration_ms": -1, "uid": "x.1"}]
        response = await ada.send(
            "PUT", f"{PLAYER}/play", json={"context_uri": f"spotify:playlist:{playlist}"}
        )
        assert refused(response)[:2] == (400, "entry_invalid")
        assert (await ada.get("/v1/me/jams")).json()["total"] == 0

    async def test_an_empty_body_is_none_whatever_it_is_called(self, world: HttpWorld) -> None:
        ada = await world.guest()
        jam = await start(world, ada)
        await put(ada, "/pause")
        done(await ada.send("PUT", f"{PLAYER}/play", headers={"Content-Type": "application/json"}))
        await put(ada, "/play", {})
        assert not (await world.jam_rooms.look(jam)).jam.timeline.paused
        as_form = await ada.send(
            "PUT", f"{PLAYER}/play", content=b"{}", headers={"Content-Type": "text/plain"}
        )
        assert refused(as_form)[:2] == (400, "bad_request")

    async def test_a_name_that_no_jam_can_have(self, world: HttpWorld) -> None:
        ada = await world.guest()
        playlist = await playlist_of(world, ada, "ab", "a\u202eb")
        await put(ada, "/play", {"context_uri": f"spotify:playlist:{playlist}"})
        assert (await player(ada))["device"]["name"] == "Jam"


class TestSteering:
    async def test_pause_and_play(self, world: HttpWorld) -> None:
        ada = await world.guest()
        jam = await start(world, ada)
        await pass_time(world, jam, 10_000)
        at = (await player(ada))["progress_ms"]
        await put(ada, "/pause")
        await put(ada, "/pause")
        world.times.now_ms += 5_000
        seen = await player(ada)
        assert (seen["is_playing"], seen["progress_ms"]) == (False, at)
        assert seen["actions"]["disallows"] == {"pausing": True}
        await put(ada, "/play")
        assert (await player(ada))["is_playing"] is True

    async def test_next_and_previous(self, world: HttpWorld) -> None:
        ada = await world.guest()
        jam = await start(world, ada)
        await post(ada, "/next")
        assert await titles(ada) == "BCD"
        await post(ada, "/previous")
        assert await titles(ada) == "ABCD"
        await pass_time(world, jam, 10_000)
        await post(ada, "/previous")
        assert (await titles(ada), (await player(ada))["progress_ms"]) == ("ABCD", 0)

    async def test_seek(self, world: HttpWorld) -> None:
        ada = await world.guest()
        await start(world, ada)
        await put(ada, "/seek?position_ms=42000")
        assert (await player(ada))["progress_ms"] == 42_000
        for wrong in ("", "?position_ms=", "?position_ms=-1", "?position_ms=1.5", "?position_ms=x"):
            response = await ada.send("PUT", f"{PLAYER}/seek{wrong}")
            assert refused(response)[:2] == (400, "bad_request")

    @pytest.mark.parametrize(("state", "setting"), [("track", "one"), ("context", "all"), ("off", "off")])
    async def test_repeat(self, world: HttpWorld, state: str, setting: str) -> None:
        ada = await world.guest()
        jam = await start(world, ada)
        await put(ada, f"/repeat?state={state}")
        assert (await player(ada))["repeat_state"] == state
        assert (await world.jam_rooms.look(jam)).jam.settings.repeat == setting
        response = await ada.send("PUT", f"{PLAYER}/repeat?state=all")
        assert refused(response)[:2] == (400, "bad_request")

    async def test_volume(self, world: HttpWorld) -> None:
        ada = await world.guest()
        jam = await start(world, ada)
        await put(ada, "/volume?volume_percent=0")
        assert (await world.jam_rooms.look(jam)).jam.settings.volume == 0
        response = await ada.send("PUT", f"{PLAYER}/volume?volume_percent=101")
        assert refused(response) == (400, "setting_invalid", "UNKNOWN")

    async def test_shuffle_and_back(self, world: HttpWorld) -> None:
        ada = await world.guest()
        jam = await start(world, ada, "abcdefgh")
        mia = await joined(world, jam, ada)
        await post(mia, f"/queue?uri={uri('m')}")
        own = await titles(ada)
        await put(ada, "/shuffle?state=true")
        assert (await player(ada))["shuffle_state"] is True
        shuffled = await titles(ada)
        assert (shuffled[:2], sorted(shuffled)) == (own[:2], sorted(own))
        assert shuffled != own
        await put(ada, "/shuffle?state=true")
        assert await titles(ada) == shuffled, "it is set, not toggled"
        await put(ada, "/shuffle?state=false")
        assert (await titles(ada), (await player(ada))["shuffle_state"]) == (own, False)
        for wrong in ("", "?state=1", "?state=True"):
            assert refused(await ada.send("PUT", f"{PLAYER}/shuffle{wrong}"))[:2] == (400, "bad_request")

    async def test_of_two_songs_the_other_comes_first(self, world: HttpWorld) -> None:
        ada = await world.guest()
        await start(world, ada, "abc")
        await put(ada, "/shuffle?state=true")
        assert await titles(ada) == "ACB"

    async def test_without_a_list_there_is_nothing_to_shuffle(self, world: HttpWorld) -> None:
        ada = await world.guest()
        await start(world, ada, "ab")
        seen = await player(ada)
        assert seen["actions"]["disallows"] == {"resuming": True, "toggling_shuffle": True}
        response = await ada.send("PUT", f"{PLAYER}/shuffle?state=true")
        assert refused(response) == (403, "no_context", "NOT_PLAYING_CONTEXT")
        await put(ada, "/shuffle?state=false")

    async def test_what_is_queued_comes_before_the_list(self, world: HttpWorld) -> None:
        ada = await world.guest()
        jam = await start(world, ada)
        await post(ada, f"/queue?uri={uri('c')}")
        await post(ada, f"/queue?uri={uri('x')}")
        queue = (await ada.get(f"{PLAYER}/queue")).json()["queue"]
        assert [item["uri"] for item in queue] == [uri("c"), uri("x"), uri("b"), uri("d")]
        assert queue[0]["name"] == "C", "what the Jam knows of a song is kept"
        entry = next(iter(e for e in (await world.jam_rooms.look(jam)).jam.entries.values() if e.score))
        assert entry.added_by == ada.id
        assert refused(await ada.send("POST", f"{PLAYER}/queue?uri={uri('a')}")) == (
            409,
            "already_playing",
            "ALREADY_PLAYING",
        )
        for wrong in ("", "?uri=", "?uri=nonsense", f"?uri=spotify:album:{'a' * 22}", f"?uri=a:{'b' * 600}"):
            assert refused(await ada.send("POST", f"{PLAYER}/queue{wrong}"))[:2] == (400, "bad_request")
