"""Jams over HTTP: made, looked at, steered, ended, and looked back on. The rules are those of `jam`."""

from xml.etree import ElementTree

import pytest
from msgspec.structs import replace

from collab.codec import pack_body
from collab.config import Settings
from collab.fields import check_entry
from collab.jam_recaps import JamRecaps
from collab.jams import refilled, shortened
from jam.digest import digest
from jam.settings import Limits, Times
from jam.state import dump, load
from storage.rows import Snapshot
from tests.collab.http_world import HttpWorld, Json, Person, refused

BASE = "http://localhost:8300/"
MINUTE = 60_000


def song(name: str, seconds: int = 60) -> Json:
    return {"track": f"demo:{name}", "title": name.upper(), "duration_ms": seconds * 1000}


@pytest.fixture
def world() -> HttpWorld:
    return HttpWorld()


async def start(person: Person, **wish: object) -> Json:
    response = await person.post("/v1/jams", wish)
    assert response.status_code == 201, response.text
    jam: Json = response.json()
    return jam


async def look(person: Person, jam: str) -> Json:
    response = await person.get(f"/v1/jams/{jam}")
    assert response.status_code == 200, response.text
    found: Json = response.json()
    return found


async def do(person: Person, jam: str, what: str, **more: object) -> int:
    response = await person.post(f"/v1/jams/{jam}/commands", {"command": {"do": what, **more}})
    assert response.status_code == 200, response.text
    version: int = response.json()["version"]
    return version


async def joined(world: HttpWorld, jam: Json, name: str = "Mia") -> Person:
    person = await world.guest(name)
    response = await person.post("/v1/jams/join", {"code": jam["code"]["code"]})
    assert response.status_code == 200, response.text
    return person


class TestMaking:
    async def test_a_jam_from_nothing(self, world: HttpWorld) -> None:
        ada = await world.guest("Ada")
        response = await ada.post("/v1/jams", {"name": "Friday", "mode": "votes", "settings": {"volume": 50}})
        assert response.status_code == 201
        jam = response.json()
        assert response.headers["Location"] == jam["href"] == f"{BASE}v1/jams/{jam['id']}"
        assert (jam["name"], jam["status"], jam["role"], jam["version"]) == ("Friday", "live", "host", 0)
        assert (jam["host"]["id"], jam["host"]["display_name"]) == (ada.id, "Ada")
        assert (jam["people"], jam["songs"], jam["playing"], jam["order"]) == (1, 0, None, [])
        state = load(jam["state"])
        assert (state.settings.mode, state.settings.volume) == ("votes", 50)
        assert state.members[ada.id].name == "Ada"
        code = (await ada.get(f"/v1/jams/{jam['id']}/code")).json()
        assert code == jam["code"]

    async def test_a_jam_from_a_playlist(self, world: HttpWorld) -> None:
        ada = await world.guest("Ada")
        playlist = await ada.new_playlist()
        entries = [
            {**song("a"), "uid": "x.1", "note": "mine", "added_by": ada.id, "added_at": 1, "tempo": 12_000},
            {**song("b"), "uid": "x.2", "was": "x.0"},
            {**song("a"), "uid": "x.3"},
        ]
        world.documents.entries[playlist] = entries
        jam = await start(ada, playlist=playlist)
        state = load(jam["state"])
        assert [state.entries[uid].track for uid in jam["order"]] == [
            {**song("a"), "tempo": 12_000},
            song("b"),
        ]
        assert all(entry.fallback for entry in state.entries.values())
        assert jam["starts_in_ms"] == dict(zip(jam["order"], [0, 60_000], strict=True))

    async def test_of_a_long_playlist_the_first_songs(self, world: HttpWorld) -> None:
        ada = await world.guest("Ada")
        playlist = await ada.new_playlist()
        world.documents.entries[playlist] = [{**song(str(n)), "uid": f"x.{n}"} for n in range(600)]
        jam = await start(ada, playlist=playlist)
        assert (jam["songs"], len(jam["order"])) == (500, 500)

    async def test_a_playlist_that_one_may_not_read_gives_no_songs(self, world: HttpWorld) -> None:
        ada, mia = await world.guest("Ada"), await world.guest("Mia")
        playlist = await ada.new_playlist()
        for foreign in (playlist, "P" * 22, "nonsense"):
            assert refused(await mia.post("/v1/jams", {"playlist": foreign})) == (404, "not_found")
        assert (await mia.get("/v1/me/jams")).json()["total"] == 0

    @pytest.mark.parametrize(
        ("wish", "expected"),
        [
            ({"settings": {"times": {}}}, (400, "setting_invalid")),
            ({"settings": {"volume": 101}}, (400, "setting_invalid")),
            ({"settings": {"colour": "red"}}, (400, "setting_invalid")),
            ({"name": ""}, (400, "setting_invalid")),
            ({"name": "a\u202eb"}, (400, "setting_invalid")),
            ({"mode": "anarchy"}, (400, "bad_request")),
            ({"name": 7}, (400, "bad_request")),
        ],
    )
    async def test_settings_that_cannot_be(
        self, world: HttpWorld, wish: Json, expected: tuple[int, str]
    ) -> None:
        ada = await world.guest("Ada")
        assert refused(await ada.post("/v1/jams", wish)) == expected

    async def test_an_operator_may_shorten_the_times(self) -> None:
        world = HttpWorld(Settings(jam_times_divided_by=60))
        jam = await start(await world.guest())
        settings = load(jam["state"]).settings
        assert settings.times == shortened(Times(), 60)
        assert settings.times.host_away_ms == 1_000
        assert min(vars_of(shortened(Times(), 10**9))) == 1
        assert settings.limits == replace(Limits(), add_refill_ms=1_000, votes_ms=166, chats_ms=166)
        assert refilled(Limits(), 10**9).votes_ms == 1


def vars_of(times: Times) -> list[int]:
    return [getattr(times, name) for name in times.__struct_fields__]


class TestLooking:
    async def test_members_see_the_state_and_others_nothing(self, world: HttpWorld) -> None:
        ada = await world.guest("Ada")
        jam = await start(ada)
        mia, eve = await joined(world, jam), await world.guest("Eve")
        await do(mia, jam["id"], "add", track=song("a"))
        seen, hosts = await look(mia, jam["id"]), await look(ada, jam["id"])
        assert seen["role"] == "guest"
        assert {**seen, "role": "host"} == hosts
        assert digest(load(seen["state"])) == digest((await world.jam_rooms.look(jam["id"])).jam)
        for response in (
            await eve.get(f"/v1/jams/{jam['id']}"),
            await eve.get(f"/v1/jams/{jam['id']}/recap"),
            await eve.get(f"/v1/jams/{jam['id']}/recap.svg"),
            await eve.post(f"/v1/jams/{jam['id']}/playlist", {}),
            await eve.post(f"/v1/jams/{jam['id']}/commands", {"command": {"do": "leave"}}),
            await eve.delete(f"/v1/jams/{jam['id']}"),
            await ada.get(f"/v1/jams/{'J' * 22}"),
            await ada.get(f"/v1/jams/{await ada.new_playlist()}"),
        ):
            assert refused(response) == (404, "not_found")

    async def test_ones_own_jams(self, world: HttpWorld) -> None:
        ada, mia = await world.guest("Ada"), await world.guest("Mia")
        names = ["one", "two", "three"]
        for name in names:
            await start(ada, name=name)
            world.times.now_ms += 1
        await start(mia, name="hers")
        page = (await ada.get("/v1/me/jams?limit=2")).json()
        assert [jam["name"] for jam in page["items"]] == ["three", "two"]
        assert (page["total"], page["next"]) == (3, f"{BASE}v1/me/jams?offset=2&limit=2")
        assert "state" not in page["items"][0]


class TestCommands:
    async def test_a_command_is_decided_as_a_sockets(self, world: HttpWorld) -> None:
        ada = await world.guest("Ada")
        jam = await start(ada)
        mia = await joined(world, jam)
        assert await do(mia, jam["id"], "add", track=song("a")) == 2
        [entry] = (await look(ada, jam["id"]))["order"]
        assert await do(ada, jam["id"], "vote", entry=entry, value=1) == 3
        assert await do(ada, jam["id"], "vote", entry=entry, value=1) == 3, "it changes nothing"
        assert load((await look(ada, jam["id"]))["state"]).entries[entry].score == 2
        assert await do(ada, jam["id"], "fallback", tracks=[["x", song("b")], ["", song("c")]], reign=1) == 4
        assert (await look(ada, jam["id"]))["songs"] == 3

    @pytest.mark.parametrize(
        ("command", "expected"),
        [
            ({"do": "vote", "entry": "gone", "value": 1}, (409, "entry_gone")),
            ({"do": "pause", "reign": 1}, (403, "forbidden")),
            ({"do": "advance", "play": 0}, (403, "forbidden")),
            ({"do": "join", "user": "x", "name": "x", "role": "guest", "generation": 1}, (403, "forbidden")),
            ({"do": "explode"}, (400, "command_malformed")),
            ({"do": "add", "track": {"title": "no track"}}, (400, "entry_invalid")),
            ({"do": "add", "track": {**song("a"), "note": "x"}}, (400, "entry_invalid")),
            ({"do": "say", "text": " "}, (400, "chat_invalid")),
            ({"do": "fallback", "tracks": [7], "reign": 1}, (400, "command_malformed")),
            ({}, (400, "command_malformed")),
            ([], (400, "bad_request")),
            ({"do": "vote", "entry": "e", "value": 1.5}, (400, "bad_request")),
            ({"do": "vote", "entry": "e", "value": 2**60}, (400, "bad_request")),
            ({"do": "add", "track": {"track": {"a": {"b": {"c": {"d": {"e": {}}}}}}}}, (400, "bad_request")),
        ],
    )
    async def test_what_is_refused(
        self, world: HttpWorld, command: object, expected: tuple[int, str]
    ) -> None:
        jam = await start(await world.guest("Ada"))
        mia = await joined(world, jam)
        response = await mia.post(f"/v1/jams/{jam['id']}/commands", {"command": command})
        assert refused(response) == expected
        assert (await look(mia, jam["id"]))["version"] == 1

    async def test_a_command_of_an_old_reign(self, world: HttpWorld) -> None:
        ada = await world.guest("Ada")
        jam = await start(ada)
        mia = await joined(world, jam)
        await do(ada, jam["id"], "hand_over", user=mia.id, reign=1)
        old = {"command": {"do": "play", "reign": 1}}
        assert refused(await ada.post(f"/v1/jams/{jam['id']}/commands", old)) == (409, "old_reign")
        assert (await look(mia, jam["id"]))["host"]["id"] == mia.id

    async def test_who_was_kicked_may_do_nothing(self, world: HttpWorld) -> None:
        ada = await world.guest("Ada")
        jam = await start(ada)
        mia = await joined(world, jam)
        await do(ada, jam["id"], "kick", user=mia.id, reign=1)
        say = {"command": {"do": "say", "text": "still here"}}
        assert refused(await mia.post(f"/v1/jams/{jam['id']}/commands", say)) == (404, "not_found")
        assert (await mia.get("/v1/me/jams")).json()["total"] == 0


class TestEnding:
    async def test_the_host_deletes_it(self, world: HttpWorld) -> None:
        ada = await world.guest("Ada")
        jam = await start(ada)
        mia = await joined(world, jam)
        assert refused(await mia.delete(f"/v1/jams/{jam['id']}")) == (403, "forbidden")
        assert (await ada.delete(f"/v1/jams/{jam['id']}")).status_code == 204
        assert refused(await mia.get(f"/v1/jams/{jam['id']}")) == (404, "not_found")
        assert refused(await mia.post("/v1/jams/join", {"code": jam["code"]["code"]})) == (404, "key_invalid")

    async def test_one_that_has_ended_can_be_looked_at_and_deleted(self, world: HttpWorld) -> None:
        ada = await world.guest("Ada")
        jam = await start(ada)
        await do(ada, jam["id"], "end", reign=1)
        assert (await look(ada, jam["id"]))["status"] == "ended"
        again = await ada.post(f"/v1/jams/{jam['id']}/commands", {"command": {"do": "end", "reign": 1}})
        assert refused(again) == (409, "jam_ended")
        assert (await ada.delete(f"/v1/jams/{jam['id']}")).status_code == 204


async def evening(world: HttpWorld) -> tuple[Person, Person, Json]:
    """Three songs: liked, skipped by its adder, playing; and one of the fallback behind them."""
    ada = await world.guest("Ada")
    jam = await start(ada, name="Friday", mode="queue")
    mia = await joined(world, jam)
    await do(ada, jam["id"], "fallback", tracks=[["", song("d")]], reign=1)
    await do(ada, jam["id"], "add", track=song("a"))
    await do(mia, jam["id"], "add", track=song("b"))
    await do(ada, jam["id"], "add", track=song("c"))
    await do(mia, jam["id"], "vote", entry=(await look(mia, jam["id"]))["order"][0], value=1)
    await do(ada, jam["id"], "play", reign=1)
    await pass_time(world, jam, 61_000)
    await do(mia, jam["id"], "skip", play=2)
    await pass_time(world, jam, 30_000)
    return ada, mia, jam


async def pass_time(world: HttpWorld, jam: Json, ms: int) -> None:
    """In small steps, as a server that looks often."""
    until_ms = world.times.now_ms + ms
    while world.times.now_ms < until_ms:
        world.times.now_ms = min(until_ms, world.times.now_ms + 1_000)
        await world.jam_rooms.pass_time(jam["id"])


class TestLookingBack:
    async def test_what_the_evening_was(self, world: HttpWorld) -> None:
        ada, mia, jam = await evening(world)
        told = (await mia.get(f"/v1/jams/{jam['id']}/recap")).json()
        assert (told["jam"], told["name"], told["host"]) == (jam["id"], "Friday", ada.id)
        assert [(play["track"]["title"], play["ending"]) for play in told["played"]] == [
            ("A", "finished"),
            ("B", "withdrawn"),
            ("C", "playing"),
        ]
        assert told["played"][0]["votes"] == {ada.id: 1, mia.id: 1}
        assert (told["skipped"], told["liked"]) == ([2], [1, 2, 3])
        assert told["played"][0]["heard_ms"] == 60_000
        [pair] = told["pairs"]
        assert (set(pair["users"]), pair["agreed"]) == ({ada.id, mia.id}, 1)
        assert [person["closest"] for person in told["people"]] == [
            {ada.id: mia.id, mia.id: ada.id}[person["user"]] for person in told["people"]
        ]

    async def test_it_goes_on_with_the_jam(self, world: HttpWorld) -> None:
        ada, _, jam = await evening(world)
        first = (await ada.get(f"/v1/jams/{jam['id']}/recap")).json()
        assert (await ada.get(f"/v1/jams/{jam['id']}/recap")).json() == first
        await pass_time(world, jam, MINUTE)
        later = (await ada.get(f"/v1/jams/{jam['id']}/recap")).json()
        assert [play["track"]["title"] for play in later["played"]] == ["A", "B", "C", "D"]
        bit_by_bit = await world.services.jams.recap(jam["id"], ada.id)
        in_one_go = await JamRecaps(world.store).recap((await world.jam_rooms.look(jam["id"])).head)
        assert bit_by_bit == in_one_go

    async def test_when_its_beginning_is_forgotten(self, world: HttpWorld) -> None:
        ada, _, jam = await evening(world)
        whole = (await ada.get(f"/v1/jams/{jam['id']}/recap")).json()
        await forget(world, jam["id"])
        restarted = HttpWorld(store=world.store)
        restarted.times.now_ms = world.times.now_ms
        told = await restarted.services.jams.recap(jam["id"], ada.id)
        assert [play.play for play in told.played] == [play["play"] for play in whole["played"]]
        assert told.since == told.until > told.started_at

    async def test_as_a_picture(self, world: HttpWorld) -> None:
        ada, _, jam = await evening(world)
        response = await ada.get(f"/v1/jams/{jam['id']}/recap.svg")
        assert response.headers["content-type"] == "image/svg+xml"
        assert ElementTree.fromstring(response.text).tag.endswith("svg")
        assert ">Friday</text>" in response.text

    async def test_saved_as_a_playlist(self, world: HttpWorld) -> None:
        ada, mia, jam = await evening(world)
        await pass_time(world, jam, MINUTE)
        response = await mia.post(f"/v1/jams/{jam['id']}/playlist", {"name": "What a night"})
        assert response.status_code == 201, response.text
        saved = response.json()
        assert response.headers["Location"] == f"{BASE}v1/playlists/{saved['playlist']}"
        assert (saved["version"], saved["songs"]) == (1, 3)
        entries = world.documents.entries[saved["playlist"]]
        assert [(entry["title"], entry.get("note"), entry["added_by"]) for entry in entries] == [
            ("A", "+2", ada.id),
            ("C", "+1", ada.id),
            ("D", None, mia.id),
        ]
        started_at = load(jam["state"]).started_at
        for entry in entries:
            check_entry(entry)
            assert entry["added_at"] >= started_at
        playlist = (await mia.get(f"/v1/playlists/{saved['playlist']}")).json()
        assert (playlist["name"], playlist["owner"]["id"]) == ("What a night", mia.id)
        by_default = (await ada.post(f"/v1/jams/{jam['id']}/playlist", {})).json()["playlist"]
        assert world.documents.attributes[by_default] == {"name": "Friday"}

    async def test_nothing_to_save(self, world: HttpWorld) -> None:
        ada = await world.guest("Ada")
        jam = await start(ada)
        assert refused(await ada.post(f"/v1/jams/{jam['id']}/playlist", {})) == (400, "bad_request")
        assert (await ada.get("/v1/me/playlists")).json()["total"] == 0


async def forget(world: HttpWorld, jam: str) -> None:
    """All events up to now, as compaction does."""
    view = await world.jam_rooms.look(jam)
    await world.store.add_snapshot(
        jam, view.head.epoch, Snapshot(view.head.version, pack_body(dump(view.jam)))
    )
    assert await world.store.forget_ops(jam, view.head.version) == view.head.version
