"""People who delete themselves: what goes at once, what others keep, and what is still said of them."""

import msgspec
import pytest

from collab.codec import unpack_body
from collab.departure import Departure
from collab.errors import Refusal
from collab.forgetting import BAN_LASTS_MS, OWN_WISH
from storage.administered import AuditEntry
from storage.store import OutcomeUnknown, User
from tests.collab.http_world import HttpWorld, Person, refused

NAME = "Ada Lovelace"


@pytest.fixture
def world() -> HttpWorld:
    return HttpWorld()


async def go(person: Person) -> None:
    response = await person.send("DELETE", "/v1/me", json={"confirm": person.id})
    assert response.status_code == 204, response.text


async def said(world: HttpWorld, jam: str) -> bytes:
    """All that the store holds of a Jam, as text."""
    [head] = (await world.store.heads([jam])).values()
    bodies = [row.body for row in await world.store.ops(jam, head.horizon, head.version)]
    bodies += [row.body for row in await world.store.snapshots(jam)]
    return b"\n".join(msgspec.json.encode(unpack_body(body)) for body in bodies)


async def test_nothing_happens_without_the_right_confirmation(world: HttpWorld) -> None:
    ada, mia = await world.guest(NAME), await world.guest("Mia")
    for body in ({"confirm": mia.id}, {"confirm": "yes"}, {}, {"confirm": True}):
        assert refused(await ada.send("DELETE", "/v1/me", json=body)) == (400, "bad_request")
    assert (await ada.get("/v1/me")).json()["name"] == NAME


async def test_tokens_end_at_once(world: HttpWorld) -> None:
    ada = await world.guest(NAME)
    tokens = world.services.tokens
    user = await world.store.user(ada.id)
    assert user is not None
    program = await tokens.issue_api(user, "script", 1000, world.times.now_ms)
    await go(ada)
    assert refused(await ada.get("/v1/me")) == (401, "token_invalid")
    async with world.client() as client:
        bearer = {"Authorization": f"Bearer {program.token}"}
        assert refused(await client.get("/v1/me", headers=bearer)) == (401, "token_invalid")
        again = await client.post("/v1/token", json={"refresh_token": ada.session["refresh_token"]})
        assert refused(again) == (401, "token_invalid")
    assert await world.store.user(ada.id) is None
    assert await world.store.api_tokens(ada.id) == []


async def test_what_they_did_stays_without_the_name(world: HttpWorld) -> None:
    ada = await world.guest(NAME)
    shared, own = await ada.new_playlist("Shared"), await ada.new_playlist("Own")
    mia = await world.member(ada, shared, "editor")
    await world.documents.edit(shared, ada.id, {"a": {"description": "by Ada"}})
    await go(ada)
    history = (await mia.get(f"/v1/playlists/{shared}/history")).json()["items"]
    assert history[0]["author"]["id"] == ada.id
    assert history[0]["author"]["display_name"] is None
    members = (await mia.get(f"/v1/playlists/{shared}/members")).json()["members"]
    assert [(member["id"], member["role"]) for member in members] == [(mia.id, "owner")]
    assert own not in await world.store.heads([own])
    for path in (f"/v1/playlists/{shared}", f"/v1/playlists/{shared}/history", f"/v1/users/{ada.id}"):
        assert NAME not in (await mia.get(path)).text


async def test_jams_pass_on_or_end(world: HttpWorld) -> None:
    ada, mia = await world.guest(NAME), await world.guest("Mia")
    alone, shared = await world.jam(ada.id), await world.jam(ada.id)
    code = (await ada.get(f"/v1/jams/{shared}/code")).json()["code"]
    assert (await mia.post("/v1/jams/join", {"code": code})).status_code == 200
    await go(ada)
    passed_on = (await world.jam_rooms.look(shared)).jam
    assert (passed_on.host, passed_on.status, set(passed_on.members)) == (mia.id, "live", {mia.id})
    ended = (await world.jam_rooms.look(alone)).jam
    assert (ended.status, ended.members) == ("ended", {})


async def test_a_name_is_gone_from_jams(world: HttpWorld) -> None:
    ada, mia, eve = await world.guest(NAME), await world.guest("Mia"), await world.guest("Eve")
    jam = await world.jam(mia.id)
    code = (await mia.get(f"/v1/jams/{jam}/code")).json()["code"]
    for person in (ada, eve):
        assert (await person.post("/v1/jams/join", {"code": code})).status_code == 200
    for person in (ada, mia):
        await world.in_jam(jam, person.id, "say", text="Good evening")
    hosted = await world.jam(ada.id)
    left = (await world.store.heads([jam]))[jam]
    assert NAME.encode() in await said(world, jam)
    await go(ada)
    await world.services.forgetting.run()
    for document in (jam, hosted):
        assert NAME.encode() not in await said(world, document)
    look = await mia.get(f"/v1/jams/{jam}")
    recap = await mia.get(f"/v1/jams/{jam}/recap")
    assert look.status_code == recap.status_code == 200
    assert NAME not in look.text + recap.text
    chat = look.json()["state"]["chat"]
    assert [(line["by"], line["name"]) for line in chat] == [(ada.id, ""), (mia.id, "Ada")]
    now = (await world.store.heads([jam]))[jam]
    assert now.epoch != left.epoch
    assert now.version == left.version + 1, "they left, and nothing else was written"
    await world.services.forgetting.forget(ada.id)
    assert (await world.store.heads([jam]))[jam] == now, "there is nothing to forget any more"
    await world.in_jam(jam, eve.id, "say", text="The Jam goes on")


async def test_who_waits_at_the_door_is_forgotten(world: HttpWorld) -> None:
    ada, mia = await world.guest(NAME), await world.guest("Mia")
    jam = await world.jam(mia.id)
    await world.in_jam(jam, mia.id, "set", settings={"approval": True})
    code = (await mia.get(f"/v1/jams/{jam}/code")).json()["code"]
    assert (await ada.post("/v1/jams/join", {"code": code})).status_code in (200, 202)
    await go(ada)
    await world.services.forgetting.run()
    assert NAME.encode() not in await said(world, jam)


async def test_an_operators_deletion_is_followed_too(world: HttpWorld) -> None:
    ada, mia = await world.guest(NAME), await world.guest("Mia")
    jam = await world.jam(mia.id)
    code = (await mia.get(f"/v1/jams/{jam}/code")).json()["code"]
    await ada.post("/v1/jams/join", {"code": code})
    entry = AuditEntry(world.times.now_ms, "root", "delete_user", ada.id)
    assert await world.store.erase_user(entry, kind="playlist", keep="owner")
    await world.services.forgetting.run()
    assert NAME.encode() not in await said(world, jam)


async def test_a_guests_ban_ends_when_no_token_is_left(world: HttpWorld) -> None:
    ada, bob = await world.guest(NAME), await world.guest("Bob")
    await world.store.add_user(account := User("account", "Carl", "account", 0))
    await go(ada)
    await world.services.departure.delete(account.id)
    await world.store.ban(AuditEntry(world.times.now_ms, "root", "ban", bob.id))
    await world.services.forgetting.run()
    assert set(await world.store.banned()) == {ada.id, "account", bob.id}
    world.times.now_ms += BAN_LASTS_MS
    await world.services.forgetting.run()
    assert set(await world.store.banned()) == {"account", bob.id}
    assert (await world.store.audit())[-1].why == OWN_WISH
    assert refused(await ada.get("/v1/me"))[0] == 401


class Mute:
    """A store whose answer to the deletion is lost, before it was done or after."""

    def __init__(self, world: HttpWorld, done: bool) -> None:
        self._world = world
        self._done = done

    def __getattr__(self, name: str) -> object:
        return getattr(self._world.store, name)

    async def erase_user(self, entry: AuditEntry, **more: str) -> bool:
        if self._done:
            await self._world.store.erase_user(entry, kind=more["kind"], keep=more["keep"])
        raise OutcomeUnknown("lost")


@pytest.mark.parametrize("done", [True, False])
async def test_a_lost_answer_is_looked_up(world: HttpWorld, done: bool) -> None:
    ada = await world.guest(NAME)
    of = world.services
    mute: object = Mute(world, done)
    departure = Departure(of.store, mute, of.jams, of.bans, of.rooms, of.forgetting, of.ambient)  # type: ignore[arg-type]
    if done:
        await departure.delete(ada.id)
        with pytest.raises(Refusal):
            of.bans.check(ada.id)
    else:
        with pytest.raises(OutcomeUnknown):
            await departure.delete(ada.id)
        assert (await ada.get("/v1/me")).status_code == 200
