"""A Jam as somebody's player over HTTP. The rules are those of `jam`; the shapes the Spotify Web API's."""

from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
import pytest

from collab import deeds
from collab.errors import Refusal
from collab.http_player_shapes import QUEUE_MAX
from collab.ids import encode_id
from jam.state import Jam
from tests.collab.http_world import HttpWorld, Json, Person
from tests.collab.http_world import refused as plainly_refused

PLAYER = "/v1/me/player"
MINUTE = 60_000


def song(name: str, seconds: int = 60) -> Json:
    return {"track": f"spotify:track:{name * 22}", "title": name.upper(), "duration_ms": seconds * 1000}


def uri(name: str) -> str:
    return f"spotify:track:{name * 22}"


@pytest.fixture
def world() -> HttpWorld:
    return HttpWorld()


async def playlist_of(world: HttpWorld, person: Person, names: str, title: str = "Friday") -> str:
    playlist = await person.new_playlist(title)
    world.documents.entries[playlist] = [
        {**song(name), "uid": f"x.{number}"} for number, name in enumerate(names, 1)
    ]
    return playlist


async def put(person: Person, path: str, body: Json | None = None) -> None:
    done(await person.send("PUT", f"{PLAYER}{path}", **({} if body is None else {"json": body})))


async def post(person: Person, path: str) -> None:
    done(await person.send("POST", f"{PLAYER}{path}"))


def done(response: httpx.Response) -> None:
    assert response.status_code == 204, response.text
    assert response.content == b""


def refused(response: httpx.Response) -> tuple[int, str, str]:
    """Status, code and reason of an error, whose shape is checked on the way."""
    error = response.json()["error"]
    assert error.keys() == {"status", "message", "code", "reason"}
    assert error["status"] == response.status_code
    assert error["message"].endswith("."), error["message"]
    return response.status_code, error["code"], error["reason"]


async def player(person: Person) -> Json:
    response = await person.get(PLAYER)
    assert response.status_code == 200, response.text
    seen: Json = response.json()
    return seen


async def titles(person: Person) -> str:
    """What plays, and what follows, by the letters that their ids are made of."""
    queue = (await person.get(f"{PLAYER}/queue")).json()
    playing = queue["currently_playing"]
    return "".join(item["uri"][-1].upper() if item else "-" for item in (playing, *queue["queue"]))


async def jam_of(world: HttpWorld, person: Person) -> tuple[str, Jam]:
    """The Jam that this person is in, the newest if there are several."""
    [newest, *_] = (await person.get("/v1/me/jams")).json()["items"]
    return newest["id"], (await world.jam_rooms.look(newest["id"])).jam


async def joined(world: HttpWorld, jam: str, host: Person, name: str = "Mia") -> Person:
    person = await world.guest(name)
    code = (await host.get(f"/v1/jams/{jam}/code")).json()["code"]
    assert (await person.post("/v1/jams/join", {"code": code})).status_code == 200
    return person


async def start(world: HttpWorld, person: Person, names: str = "abcd", **more: object) -> str:
    """A Jam that plays these."""
    playlist = await playlist_of(world, person, names)
    await put(person, "/play", {"context_uri": f"spotify:playlist:{playlist}", **more})
    return (await jam_of(world, person))[0]


async def pass_time(world: HttpWorld, jam: str, ms: int) -> None:
    """In small steps, as a server that looks often."""
    until_ms = world.times.now_ms + ms
    while world.times.now_ms < until_ms:
        world.times.now_ms = min(until_ms, world.times.now_ms + 1_000)
        await world.jam_rooms.pass_time(jam)


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


class TestRoles:
    async def test_next_of_a_guest_is_a_vote(self, world: HttpWorld) -> None:
        ada = await world.guest()
        jam = await start(world, ada)
        mia = await joined(world, jam, ada)
        early = await mia.send("POST", f"{PLAYER}/next")
        assert refused(early)[:2] == (409, "skip_too_early")
        assert early.headers["Retry-After"] == "6"
        await pass_time(world, jam, 10_000)
        await post(mia, "/next")
        state = (await world.jam_rooms.look(jam)).jam
        assert (list(state.skip.voters), state.timeline.play) == ([mia.id], 1)
        assert await titles(mia) == "ABCD"
        leo = await joined(world, jam, ada, "Leo")
        await post(leo, "/next")
        await pass_time(world, jam, 4_000)
        assert await titles(mia) == "BCD", "two of three"

    async def test_a_guest_withdraws_their_own_song(self, world: HttpWorld) -> None:
        ada = await world.guest()
        jam = await start(world, ada)
        mia = await joined(world, jam, ada)
        await post(mia, f"/queue?uri={uri('m')}")
        await post(ada, "/next")
        assert "skipping_next" not in (await player(mia))["actions"]["disallows"]
        await post(mia, "/next")
        assert await titles(mia) == "BCD"

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("PUT", "/play"),
            ("PUT", "/pause"),
            ("POST", "/previous"),
            ("PUT", "/seek?position_ms=1"),
            ("PUT", "/seek?position_ms=999999"),
            ("PUT", "/repeat?state=off"),
            ("PUT", "/repeat?state=track"),
            ("PUT", "/shuffle?state=true"),
            ("PUT", "/shuffle?state=false"),
            ("PUT", "/volume?volume_percent=80"),
        ],
    )
    async def test_what_a_guest_may_not_do(self, world: HttpWorld, method: str, path: str) -> None:
        ada = await world.guest()
        jam = await start(world, ada)
        mia = await joined(world, jam, ada)
        before = (await world.jam_rooms.look(jam)).head.version
        response = await mia.send(method, PLAYER + path)
        reason = "VOLUME_CONTROL_DISALLOW" if "volume" in path else "REMOTE_CONTROL_DISALLOW"
        assert refused(response) == (403, "forbidden", reason)
        assert (await world.jam_rooms.look(jam)).head.version == before

    async def test_a_guest_plays_no_list_and_starts_no_jam_by_mistake(self, world: HttpWorld) -> None:
        ada = await world.guest()
        jam = await start(world, ada)
        mia = await joined(world, jam, ada)
        response = await mia.send("PUT", f"{PLAYER}/play", json={"uris": [uri("x")]})
        assert refused(response) == (403, "forbidden", "REMOTE_CONTROL_DISALLOW")
        assert "leave it" in response.json()["error"]["message"]
        assert (await mia.post(f"/v1/jams/{jam}/commands", {"command": {"do": "leave"}})).status_code == 200
        await put(mia, "/play", {"uris": [uri("x")]})
        assert ((await player(mia))["item"]["uri"], await titles(ada)) == (uri("x"), "ABCD")

    async def test_switches_open_and_close(self, world: HttpWorld) -> None:
        ada = await world.guest()
        jam = await start(world, ada)
        mia = await joined(world, jam, ada)
        closed = {"guests_volume": True, "guests_skip": False, "guests_add": False}
        await world.in_jam(jam, ada.id, "set", settings=closed)
        await put(mia, "/volume?volume_percent=20")
        assert (await player(ada))["device"]["volume_percent"] == 20
        await pass_time(world, jam, 10_000)
        for path in ("/next", f"/queue?uri={uri('m')}"):
            assert refused(await mia.send("POST", PLAYER + path))[:2] == (403, "forbidden")
        assert (await player(mia))["actions"]["disallows"]["skipping_next"] is True

    async def test_a_listener_looks_on(self, world: HttpWorld) -> None:
        ada = await world.guest()
        jam = await start(world, ada)
        mia = await joined(world, jam, ada)
        await world.in_jam(jam, ada.id, "promote", user=mia.id, role="listener")
        seen = await player(mia)
        assert seen["device"]["is_restricted"] is True
        assert seen["actions"]["disallows"]["skipping_next"] is True
        for path in ("/next", f"/queue?uri={uri('m')}"):
            assert refused(await mia.send("POST", PLAYER + path))[:2] == (403, "forbidden")

    async def test_who_takes_over_steers(self, world: HttpWorld) -> None:
        ada = await world.guest()
        jam = await start(world, ada)
        mia = await joined(world, jam, ada)
        await world.in_jam(jam, ada.id, "hand_over", user=mia.id)
        await post(mia, "/next")
        await post(ada, "/next")
        assert await titles(ada) == "CD", "the old host is a co-host"

    async def test_limits_of_guests_hold(self, world: HttpWorld) -> None:
        ada = await world.guest()
        jam = await start(world, ada)
        mia = await joined(world, jam, ada)
        for name in "lmnop":
            await post(mia, f"/queue?uri={uri(name)}")
        response = await mia.send("POST", f"{PLAYER}/queue?uri={uri('q')}")
        assert refused(response)[:2] == (409, "too_many_waiting")
        await world.in_jam(jam, ada.id, "clear")
        response = await mia.send("POST", f"{PLAYER}/queue?uri={uri('q')}")
        assert refused(response) == (429, "too_many_adds", "RATE_LIMITED")
        assert 0 < int(response.headers["Retry-After"]) <= 60


class TestMeanwhile:
    """What happens between a look and the command that follows from it."""

    @pytest.fixture
    def before_commands(self, world: HttpWorld, monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], Any]]:
        """What happens before each command, the last one first."""
        hooks: list[Callable[[], Any]] = []
        command = world.jam_rooms.command

        async def later(*arguments: Any) -> int:
            if hooks:
                await hooks.pop()()
            return await command(*arguments)

        monkeypatch.setattr(world.jam_rooms, "command", later)
        return hooks

    async def test_another_host(self, world: HttpWorld, before_commands: list[Callable[[], Any]]) -> None:
        ada = await world.guest()
        jam = await start(world, ada)
        mia = await joined(world, jam, ada)

        async def hand_over() -> None:
            host = (await world.jam_rooms.look(jam)).jam.host
            other = mia.id if host == ada.id else ada.id
            before_commands.append(nothing)
            await world.in_jam(jam, host, "hand_over", user=other)

        before_commands += [hand_over, nothing, hand_over]
        await post(ada, "/next")
        assert await titles(ada) == "BCD", "it is asked for again in the reign that is"

    async def test_a_host_who_changes_each_time(
        self, world: HttpWorld, before_commands: list[Callable[[], Any]]
    ) -> None:
        ada = await world.guest()
        jam = await start(world, ada)
        mia = await joined(world, jam, ada)

        async def hand_over() -> None:
            host = (await world.jam_rooms.look(jam)).jam.host
            other = mia.id if host == ada.id else ada.id
            before_commands.extend([hand_over, nothing])
            await world.in_jam(jam, host, "hand_over", user=other)

        before_commands.append(hand_over)
        response = await ada.send("POST", f"{PLAYER}/next")
        assert refused(response) == (409, "old_reign", "UNKNOWN")
        before_commands.clear()
        assert await titles(ada) == "ABCD"

    async def test_the_song_ends_by_itself(
        self, world: HttpWorld, before_commands: list[Callable[[], Any]]
    ) -> None:
        ada = await world.guest()
        jam = await start(world, ada)
        mia = await joined(world, jam, ada)
        await pass_time(world, jam, 59_000)
        for person, expected in ((ada, "BCD"), (mia, "CD")):
            before_commands.append(partial(pass_time, world, jam, 60_000))
            await post(person, "/next")
            assert await titles(ada) == expected, "no second song is skipped"
        before_commands.append(partial(pass_time, world, jam, 60_000))
        response = await ada.send("PUT", f"{PLAYER}/seek?position_ms=1")
        assert refused(response) == (409, "other_play", "NO_SPECIFIC_TRACK")

    async def test_the_song_is_taken_out_before_it_plays(
        self, world: HttpWorld, before_commands: list[Callable[[], Any]]
    ) -> None:
        ada = await world.guest()
        jam = await start(world, ada)

        async def take_out() -> None:
            entries = (await world.jam_rooms.look(jam)).jam.entries
            [entry] = [id for id, entry in entries.items() if entry.track["track"] == uri("x")]
            before_commands.append(nothing)
            await world.in_jam(jam, ada.id, "remove", entry=entry)

        before_commands += [take_out, nothing]
        response = await ada.send("PUT", f"{PLAYER}/play", json={"uris": [uri("x")]})
        assert refused(response) == (409, "entry_gone", "UNKNOWN")
        assert (await titles(ada))[0] == "A"

    async def test_a_failure_after_a_commit_is_not_one_to_repeat(
        self, world: HttpWorld, before_commands: list[Callable[[], Any]]
    ) -> None:
        ada = await world.guest()
        await start(world, ada)

        async def fail() -> None:
            raise Refusal("busy")

        before_commands.append(fail)
        response = await ada.send("POST", f"{PLAYER}/next")
        assert plainly_refused(response) == (503, "busy"), "nothing was written"

        async def written() -> None:
            deeds.note()

        before_commands += [fail, written]
        response = await ada.send("PUT", f"{PLAYER}/play", json={"uris": [uri("x")]})
        assert plainly_refused(response) == (409, "outcome_unknown")

    async def test_a_press_with_a_key_counts_once(self, world: HttpWorld) -> None:
        ada = await world.guest()
        await start(world, ada)
        key = {"headers": {"Idempotency-Key": "press 1"}}
        for _ in range(2):
            done(await ada.send("POST", f"{PLAYER}/next", **key))
        assert await titles(ada) == "BCD"
        other = await ada.send("POST", f"{PLAYER}/previous", **key)
        assert plainly_refused(other) == (422, "key_reused")
        refusals = [
            await ada.send("PUT", f"{PLAYER}/volume?volume_percent=101", headers={"Idempotency-Key": "loud"})
            for _ in range(2)
        ]
        assert {refused(response) for response in refusals} == {(400, "setting_invalid", "UNKNOWN")}


async def nothing() -> None:
    pass


class TestWhichJam:
    async def test_the_one_that_one_joined_or_acted_in_last(self, world: HttpWorld) -> None:
        ada, leo = await world.guest("Ada"), await world.guest("Leo")
        first = await start(world, ada, "ab")
        second = await start(world, leo, "xy")
        world.times.now_ms += MINUTE
        mia = await joined(world, second, leo)
        code = (await ada.get(f"/v1/jams/{first}/code")).json()["code"]
        assert (await player(mia))["device"]["id"] == second
        world.times.now_ms += 1
        assert (await mia.post("/v1/jams/join", {"code": code})).status_code == 200
        assert (await player(mia))["device"]["id"] == first
        world.times.now_ms += MINUTE
        await world.in_jam(second, mia.id, "say", text="here again")
        assert (await player(mia))["device"]["id"] == second

    async def test_devices_and_transfer(self, world: HttpWorld) -> None:
        ada = await world.guest("Ada")
        first = await start(world, ada, "ab")
        world.times.now_ms += 10
        second = await world.jam(ada.id)
        devices = (await ada.get(f"{PLAYER}/devices")).json()["devices"]
        assert [(device["id"], device["is_active"]) for device in devices] == [(second, True), (first, False)]
        world.times.now_ms += 10
        await put(ada, "", {"device_ids": [first], "play": False})
        assert (await player(ada))["device"]["id"] == first
        await put(ada, "/pause")
        world.times.now_ms += MINUTE
        await world.in_jam(second, ada.id, "say", text="over here")
        done(await ada.get(PLAYER))
        await put(ada, "", {"device_ids": [first], "play": True})
        seen = await player(ada)
        assert (seen["device"]["id"], seen["is_playing"]) == (first, True)

    async def test_a_command_names_its_jam(self, world: HttpWorld) -> None:
        ada = await world.guest("Ada")
        first = await start(world, ada, "ab")
        world.times.now_ms += 10
        await world.jam(ada.id)
        done(await ada.get(PLAYER))
        await post(ada, f"/next?device_id={first}")
        seen = await player(ada)
        assert (seen["device"]["id"], seen["item"]["uri"]) == (first, uri("b")), "it was acted in last"

    async def test_of_other_peoples_jams_one_learns_nothing(self, world: HttpWorld) -> None:
        ada, eve = await world.guest("Ada"), await world.guest("Eve")
        jam = await start(world, ada)
        await world.jam(eve.id)
        for device in (jam, "J" * 22, "nonsense", await ada.new_playlist()):
            answers = [
                await eve.send("PUT", f"{PLAYER}/pause?device_id={device}"),
                await eve.send("PUT", f"{PLAYER}/play?device_id={device}", json={"uris": [uri("e")]}),
                await eve.send("PUT", PLAYER, json={"device_ids": [device], "play": True}),
                await eve.send("PUT", PLAYER, json={"device_ids": [device]}),
            ]
            assert {refused(answer) for answer in answers} == {(404, "no_player", "NO_ACTIVE_DEVICE")}
            assert len({answer.json()["error"]["message"] for answer in answers}) == 1

    async def test_a_transfer_names_one(self, world: HttpWorld) -> None:
        ada = await world.guest("Ada")
        jam = await start(world, ada)
        for body in ({}, {"device_ids": []}, {"device_ids": [jam, jam]}, {"device_ids": ["x" * 65]}, None):
            response = await ada.send("PUT", PLAYER, **({} if body is None else {"json": body}))
            assert refused(response)[:2] == (400, "bad_request")

    async def test_one_that_has_ended_is_none(self, world: HttpWorld) -> None:
        ada = await world.guest("Ada")
        jam = await start(world, ada)
        await world.in_jam(jam, ada.id, "end")
        for _ in range(2):
            done(await ada.get(PLAYER))
            assert (await ada.get(f"{PLAYER}/devices")).json() == {"devices": []}
        response = await ada.send("PUT", f"{PLAYER}/pause?device_id={jam}")
        assert refused(response)[:2] == (404, "no_player")
        await put(ada, "/play", {"uris": [uri("x")]})
        assert (await player(ada))["device"]["id"] != jam

    async def test_who_was_thrown_out_has_none(self, world: HttpWorld) -> None:
        ada = await world.guest("Ada")
        jam = await start(world, ada)
        mia = await joined(world, jam, ada)
        await world.in_jam(jam, ada.id, "kick", user=mia.id)
        done(await mia.get(PLAYER))
        assert refused(await mia.send("POST", f"{PLAYER}/next"))[:2] == (404, "no_player")

    async def test_where_nobody_was_left(self, world: HttpWorld) -> None:
        ada = await world.guest("Ada")
        jam = await start(world, ada)
        mia = await joined(world, jam, ada)
        await fall_dormant(world, jam)
        seen = await player(ada)
        assert (seen["is_playing"], seen["actions"]["disallows"]) == (False, {"pausing": True})
        done(await mia.get(PLAYER))
        await put(ada, "/play")
        assert (await player(ada))["is_playing"] is True
        assert (await world.jam_rooms.look(jam)).jam.status == "live"
        assert (await player(mia))["is_playing"] is True
        await fall_dormant(world, jam)
        await put(ada, "/play", {"uris": [uri("x"), uri("y")]})
        assert ((await player(ada))["item"]["uri"], (await jam_of(world, ada))[0]) == (uri("x"), jam)
        await fall_dormant(world, jam)
        await put(mia, "/play", {"uris": [uri("z")]})
        assert (await jam_of(world, mia))[0] != jam, "a guest does not wake what is not theirs"


async def fall_dormant(world: HttpWorld, jam: str) -> None:
    members = list((await world.jam_rooms.look(jam)).jam.members)
    await world.jam_rooms.propose(jam, "away", users=members)
    world.times.now_ms += MINUTE
    await world.jam_rooms.propose(jam, "fall_dormant")
    assert (await world.jam_rooms.look(jam)).jam.status == "dormant"


class TestLookingBack:
    async def test_what_was_played(self, world: HttpWorld) -> None:
        ada = await world.guest("Ada")
        jam = await start(world, ada)
        await pass_time(world, jam, 61_000)
        mia = await joined(world, jam, ada)
        await pass_time(world, jam, 1_000)
        await post(ada, "/next")
        recent = (await ada.get(f"{PLAYER}/recently-played")).json()
        assert [item["track"]["name"] for item in recent["items"]] == ["B", "A"]
        assert recent["items"][0]["played_at"] == "2023-11-14T22:14:22.000Z"
        assert recent["cursors"] == {"after": "1700000062000", "before": "1700000061000"}
        assert (recent["next"], recent["limit"]) == (None, 20)
        hers = (await mia.get(f"{PLAYER}/recently-played")).json()
        assert [item["track"]["name"] for item in hers["items"]] == ["B"], "what she was there for"

    async def test_page_by_page(self, world: HttpWorld) -> None:
        ada = await world.guest("Ada")
        jam = await start(world, ada, "abcdef")
        for _ in range(5):
            await pass_time(world, jam, 2_000)
            await post(ada, "/next")
        path, names = f"{PLAYER}/recently-played?limit=2", ""
        while path:
            page = (await ada.get(path)).json()
            names += "".join(item["track"]["name"] for item in page["items"])
            path = (page["next"] or "").removeprefix("http://localhost:8300")
        assert names == "EDCBA"
        first = (await ada.get(f"{PLAYER}/recently-played?limit=2")).json()
        newer = f"{PLAYER}/recently-played?limit=2&after={first['cursors']['before']}"
        assert [item["track"]["name"] for item in (await ada.get(newer)).json()["items"]] == ["E"]
        for wrong in ("limit=0", "limit=51", "after=1&before=2", "after=x", "before=123456789012345"):
            response = await ada.get(f"{PLAYER}/recently-played?{wrong}")
            assert refused(response)[:2] == (400, "bad_request")
