"""Which of their Jams is somebody's player, and what it played."""

import pytest

from tests.collab.http_world import HttpWorld
from tests.collab.player_words import (
    MINUTE,
    PLAYER,
    done,
    jam_of,
    joined,
    pass_time,
    player,
    post,
    put,
    refused,
    start,
    uri,
)


@pytest.fixture
def world() -> HttpWorld:
    return HttpWorld()


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
