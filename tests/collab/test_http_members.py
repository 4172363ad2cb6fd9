import asyncio

import pytest

from collab.invites import LIFE_S, LIVE_MAX
from storage.memory import MemoryStore
from storage.store import Invite
from tests.collab.http_world import HttpWorld, Json, Person, refused


@pytest.fixture
def world() -> HttpWorld:
    return HttpWorld()


async def roles(person: Person, playlist: str) -> dict[str, str]:
    members: list[Json] = (await person.get(f"/v1/playlists/{playlist}/members")).json()["members"]
    return {member["display_name"]: member["role"] for member in members}


async def invite(owner: Person, playlist: str, role: str = "editor") -> Json:
    response = await owner.post(f"/v1/playlists/{playlist}/invites", {"role": role})
    assert response.status_code == 201
    made: Json = response.json()
    return made


async def test_owners_give_and_change_and_take_roles(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    playlist = await ada.new_playlist()
    mia = await world.member(ada, playlist, "viewer", "Mia")
    assert await roles(mia, playlist) == {"Ada": "owner", "Mia": "viewer"}
    response = await ada.put(f"/v1/playlists/{playlist}/members/{mia.id}", {"role": "editor"})
    assert response.json() == {
        "id": mia.id,
        "display_name": "Mia",
        "type": "user",
        "uri": f"spotify:user:{mia.id}",
        "role": "editor",
    }
    assert await roles(ada, playlist) == {"Ada": "owner", "Mia": "editor"}
    assert (await ada.delete(f"/v1/playlists/{playlist}/members/{mia.id}")).status_code == 204
    assert await roles(ada, playlist) == {"Ada": "owner"}


@pytest.mark.parametrize("role", ["viewer", "editor"])
async def test_others_do_not(world: HttpWorld, role: str) -> None:
    ada = await world.guest("Ada")
    playlist = await ada.new_playlist()
    mia = await world.member(ada, playlist, role)
    url = f"/v1/playlists/{playlist}"
    for response in (
        await mia.put(f"{url}/members/{mia.id}", {"role": "owner"}),
        await mia.delete(f"{url}/members/{ada.id}"),
        await mia.get(f"{url}/invites"),
        await mia.post(f"{url}/invites", {"role": "viewer"}),
        await mia.delete(f"{url}/invites/{'I' * 22}"),
    ):
        assert refused(response) == (403, "forbidden")


async def test_the_last_owner_stays(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    playlist = await ada.new_playlist()
    url = f"/v1/playlists/{playlist}/members/{ada.id}"
    assert refused(await ada.put(url, {"role": "editor"})) == (409, "last_owner")
    assert refused(await ada.delete(url)) == (409, "last_owner")
    mia = await world.member(ada, playlist, "owner", "Mia")
    assert (await ada.put(url, {"role": "viewer"})).status_code == 200
    assert await roles(mia, playlist) == {"Ada": "viewer", "Mia": "owner"}


async def test_two_owners_who_demote_each_other_do_not_both_succeed(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    playlist = await ada.new_playlist()
    mia = await world.member(ada, playlist, "owner", "Mia")
    url = f"/v1/playlists/{playlist}/members"
    answers = await asyncio.gather(
        ada.put(f"{url}/{mia.id}", {"role": "viewer"}), mia.put(f"{url}/{ada.id}", {"role": "viewer"})
    )
    assert sorted(answer.status_code for answer in answers) == [200, 403]


async def test_members_come_in_pages_and_one_by_one(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    playlist = await ada.new_playlist()
    mia = await world.member(ada, playlist, "viewer", "Mia")
    bob = await world.member(ada, playlist, "editor", "Bob")
    url = f"/v1/playlists/{playlist}/members"
    whole = f"http://localhost:8300{url}"
    page = (await mia.get(f"{url}?limit=1&offset=1")).json()
    assert [member["display_name"] for member in page.pop("members")] == ["Bob"]
    assert page == {
        "href": f"{whole}?offset=1&limit=1",
        "limit": 1,
        "next": f"{whole}?offset=2&limit=1",
        "offset": 1,
        "previous": f"{whole}?offset=0&limit=1",
        "total": 3,
    }
    assert [member["id"] for member in (await mia.get(page["next"])).json()["members"]] == [mia.id]
    for query in ("limit=0", "limit=1001", "offset=-1"):
        assert refused(await mia.get(f"{url}?{query}")) == (400, "bad_request")
    one = (await mia.get(f"{url}/{bob.id}")).json()
    assert (one["id"], one["display_name"], one["role"]) == (bob.id, "Bob", "editor")
    eve = await world.guest("Eve")
    assert refused(await mia.get(f"{url}/{eve.id}")) == (404, "not_found")
    assert refused(await eve.get(f"{url}/{mia.id}")) == (404, "not_found")


async def test_a_member_leaves_by_themselves(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    playlist = await ada.new_playlist()
    mia = await world.member(ada, playlist, "viewer")
    assert (await mia.delete(f"/v1/playlists/{playlist}/members/{mia.id}")).status_code == 204
    assert await roles(ada, playlist) == {"Ada": "owner"}


async def test_people_and_roles_that_there_are_not(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    playlist = await ada.new_playlist()
    url = f"/v1/playlists/{playlist}/members"
    assert refused(await ada.put(f"{url}/{'Z' * 22}", {"role": "editor"})) == (404, "not_found")
    assert refused(await ada.put(f"{url}/nobody", {"role": "editor"})) == (404, "not_found")
    assert refused(await ada.delete(f"{url}/{'Z' * 22}")) == (404, "not_found")
    mia = await world.guest("Mia")
    assert refused(await ada.put(f"{url}/{mia.id}", {"role": "admin"})) == (400, "bad_request")
    assert refused(await ada.put(f"{url}/{mia.id}", {})) == (400, "bad_request")


async def test_whoever_has_the_link_comes_in(world: HttpWorld) -> None:
    ada, mia = await world.guest("Ada"), await world.guest("Mia")
    playlist = await ada.new_playlist()
    made = await invite(ada, playlist)
    assert made["role"] == "editor"
    assert len(made["secret"]) == 22
    assert made["expires_at"] == world.times.now_ms + LIFE_S * 1000
    response = await mia.post("/v1/invites/accept", {"secret": made["secret"]})
    assert (response.status_code, response.json()) == (200, {"playlist": playlist, "role": "editor"})
    assert await roles(mia, playlist) == {"Ada": "owner", "Mia": "editor"}


async def test_a_secret_is_shown_once(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    playlist = await ada.new_playlist()
    made = await invite(ada, playlist)
    response = await ada.get(f"/v1/playlists/{playlist}/invites")
    [listed] = response.json()["invites"]
    assert listed == {key: value for key, value in made.items() if key != "secret"}
    assert made["secret"] not in response.text


async def test_a_link_never_lowers_a_role(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    playlist = await ada.new_playlist()
    mia = await world.member(ada, playlist, "viewer", "Mia")
    as_viewer, as_editor = await invite(ada, playlist, "viewer"), await invite(ada, playlist)
    secret = {"secret": as_viewer["secret"]}
    assert (await ada.post("/v1/invites/accept", secret)).json()["role"] == "owner"
    assert (await mia.post("/v1/invites/accept", {"secret": as_editor["secret"]})).json()["role"] == "editor"
    assert (await mia.post("/v1/invites/accept", secret)).json()["role"] == "editor"


async def test_revoked_expired_and_unknown_links_answer_alike(world: HttpWorld) -> None:
    ada, mia = await world.guest("Ada"), await world.guest("Mia")
    playlist = await ada.new_playlist()
    expired = await ada.post(f"/v1/playlists/{playlist}/invites", {"role": "editor", "expires_in_s": 60})
    world.times.now_ms += 60_000
    revoked = await invite(ada, playlist)
    assert (await ada.delete(f"/v1/playlists/{playlist}/invites/{revoked['id']}")).status_code == 204
    secrets = (expired.json()["secret"], revoked["secret"], "S" * 22, "", "é")
    answers = [await mia.post("/v1/invites/accept", {"secret": secret}) for secret in secrets]
    assert {refused(answer) for answer in answers} == {(404, "not_found")}
    assert len({answer.text for answer in answers}) == 1
    assert (await ada.get(f"/v1/playlists/{playlist}/invites")).json() == {"invites": []}


async def test_revoking_what_is_not_there(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    one, two = await ada.new_playlist(), await ada.new_playlist()
    made = await invite(ada, one)
    assert refused(await ada.delete(f"/v1/playlists/{two}/invites/{made['id']}")) == (404, "not_found")
    assert len((await ada.get(f"/v1/playlists/{one}/invites")).json()["invites"]) == 1


async def test_who_was_taken_out_does_not_come_back_with_the_old_link(world: HttpWorld) -> None:
    ada, mia = await world.guest("Ada"), await world.guest("Mia")
    playlist = await ada.new_playlist()
    secret = {"secret": (await invite(ada, playlist))["secret"]}
    await mia.post("/v1/invites/accept", secret)
    await ada.delete(f"/v1/playlists/{playlist}/members/{mia.id}")
    assert refused(await mia.post("/v1/invites/accept", secret)) == (404, "not_found")
    stranger = await world.guest("Mia again")
    assert refused(await stranger.post("/v1/invites/accept", secret)) == (404, "not_found")


class RevokedInBetween(MemoryStore):
    """The link is revoked after it was looked up and before the member is written."""

    looked = 0

    async def find_invite(self, secret_hash: bytes) -> Invite | None:
        found = await super().find_invite(secret_hash)
        self.looked += 1
        if found is not None and self.looked == 1:
            await self.revoke_invite(found.document, found.id)
        return found


@pytest.mark.parametrize("before", [None, "viewer"])
async def test_a_link_that_is_revoked_meanwhile_lets_nobody_in(before: str | None) -> None:
    world = HttpWorld(store=RevokedInBetween())
    ada, mia = await world.guest("Ada"), await world.guest("Mia")
    playlist = await ada.new_playlist()
    if before is not None:
        await ada.put(f"/v1/playlists/{playlist}/members/{mia.id}", {"role": before})
    secret = {"secret": (await invite(ada, playlist))["secret"]}
    assert refused(await mia.post("/v1/invites/accept", secret)) == (404, "not_found")
    assert (await roles(ada, playlist)).get("Mia") == before


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"role": "owner"},
        {"role": "admin"},
        {"role": "editor", "expires_in_s": 0},
        {"role": "editor", "expires_in_s": 10**12},
        {"role": "editor", "expires_in_s": 1e9},
        {"role": "editor", "expires_in_s": "60"},
    ],
)
async def test_links_that_are_not_made(world: HttpWorld, body: Json) -> None:
    ada = await world.guest("Ada")
    playlist = await ada.new_playlist()
    assert refused(await ada.post(f"/v1/playlists/{playlist}/invites", body)) == (400, "bad_request")


async def test_links_are_not_without_number(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    playlist = await ada.new_playlist()
    for _ in range(LIVE_MAX):
        await invite(ada, playlist)
    response = await ada.post(f"/v1/playlists/{playlist}/invites", {"role": "editor"})
    assert refused(response) == (400, "bad_request")
    world.times.now_ms += LIFE_S * 1000
    fresh = await world.guest("Ada")
    await world.store.set_member(playlist, fresh.id, "owner")
    await invite(fresh, playlist)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/members"),
        ("PUT", "/members/somebody"),
        ("DELETE", "/members/somebody"),
        ("DELETE", "/followers"),
        ("GET", "/invites"),
        ("POST", "/invites"),
        ("DELETE", "/invites/some"),
        ("GET", "/history"),
        ("GET", "/versions/0"),
        ("POST", "/restore"),
        ("POST", "/take-back"),
        ("PUT", ""),
    ],
)
async def test_paths_of_playlists_find_no_jam(world: HttpWorld, method: str, path: str) -> None:
    """Not even for its host, who could do all of that in a playlist of theirs."""
    ada = await world.guest("Ada")
    jam = "J" * 22
    await world.store.create_document(jam, "jam", "epoch", ada.id, b"", 0, "host")
    body = {"role": "viewer", "version": 0, "user": ada.id, "since": 0, "name": "x"}
    more = {"json": body} if method in ("PUT", "POST") else {}
    assert refused(await ada.send(method, f"/v1/playlists/{jam}{path}", **more)) == (404, "not_found")
    assert await world.store.members(jam) == {ada.id: "host"}
