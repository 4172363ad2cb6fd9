import pytest

from collab.auth import Tokens
from collab.device_links import FAILURES_MAX, LIFE_MS, DeviceLinks
from collab.errors import Refusal
from collab.guests import Guests
from storage.memory import MemoryStore
from storage.store import User
from tests.collab.http_world import SECRET, STRANGER, HttpWorld, Times


class World:
    def __init__(self) -> None:
        self.store = MemoryStore()
        self.times = Times()
        ambient = self.times.ambient()
        self.guests = Guests(self.store, Tokens(SECRET, self.store, ambient), ambient)
        self.links = DeviceLinks(self.store, self.guests, ambient)

    async def refused(self, typed: str, address: str = STRANGER) -> str:
        with pytest.raises(Refusal) as caught:
            await self.links.follow(typed, address)
        return caught.value.code


async def test_another_device_is_the_same_person_and_lives_on_its_own() -> None:
    world = World()
    ada = await world.guests.create("Ada")
    link = await world.links.make(ada.user.id)
    there = await world.links.follow(f" {link.code.lower()[:4]}-{link.code.lower()[4:]} ", STRANGER)
    assert there.user == ada.user
    # Each device goes on with tokens of its own, and signing one out leaves the other.
    await world.guests.revoke(ada.refresh_token)
    assert (await world.guests.refresh(there.refresh_token)).user == ada.user


async def test_a_code_works_once() -> None:
    world = World()
    link = await world.links.make((await world.guests.create("Ada")).user.id)
    await world.links.follow(link.code, STRANGER)
    assert await world.refused(link.code) == "key_invalid"


async def test_a_code_ends() -> None:
    world = World()
    link = await world.links.make((await world.guests.create("Ada")).user.id)
    world.times.now_ms += LIFE_MS
    assert await world.refused(link.code) == "key_invalid"


async def test_whoever_guesses_waits_and_others_do_not() -> None:
    world = World()
    link = await world.links.make((await world.guests.create("Ada")).user.id)
    for _ in range(FAILURES_MAX):
        assert await world.refused("BBBB-BBBB") == "key_invalid"
    assert await world.refused(link.code) == "rate_limited"
    assert (await world.links.follow(link.code, "198.51.100.4")).user.name == "Ada"


async def test_neither_is_a_code_a_refresh_token_nor_the_other_way() -> None:
    world = World()
    ada = await world.guests.create("Ada")
    link = await world.links.make(ada.user.id)
    with pytest.raises(Refusal, match="token"):
        await world.guests.refresh(link.code)
    assert await world.refused(ada.refresh_token) == "key_invalid"


async def test_people_of_another_issuer_sign_in_there() -> None:
    world = World()
    user = User(id="4mXk0a9Vb2Qz7RtYpLwNcE", name="Ada", kind="account", created_ms=0)
    await world.store.add_user(user)
    with pytest.raises(Refusal) as caught:
        await world.links.make(user.id)
    assert caught.value.code == "forbidden"


async def test_over_http() -> None:
    world = HttpWorld()
    ada = await world.guest("Ada")
    made = await ada.post("/v1/me/link", {})
    assert made.status_code == 201
    session = await world.client().post("/v1/guest/link", json={"code": made.json()["code"]})
    assert session.status_code == 200
    assert session.json()["user"] == {"id": ada.id, "name": "Ada"}
    again = await world.client().post("/v1/guest/link", json={"code": made.json()["code"]})
    assert (again.status_code, again.json()["error"]["code"]) == (404, "key_invalid")
