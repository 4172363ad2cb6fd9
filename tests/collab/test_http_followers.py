"""Following over HTTP: who becomes what, who may read, and who cannot come back (P15)."""

import pytest

from collab.members import MEMBERS_MAX
from tests.collab.http_world import HttpWorld, Json, Person, refused

ABSENT = "Z" * 22


@pytest.fixture
def world() -> HttpWorld:
    return HttpWorld()


async def playlist(owner: Person, **attributes: bool) -> str:
    made = await owner.post("/v1/me/playlists", {"name": "Friday", **attributes})
    assert made.status_code == 201, made.text
    document: str = made.json()["id"]
    return document


async def role(person: Person, document: str) -> str | None:
    """None: a stranger to a public one."""
    response = await person.get(f"/v1/playlists/{document}")
    assert response.status_code == 200, response.text
    held: str | None = response.json()["role"]
    return held


async def follow(person: Person, document: str) -> tuple[int, str]:
    response = await person.put(f"/v1/playlists/{document}/followers", {"public": False})
    return refused(response) if response.is_error else (response.status_code, response.text)


async def test_a_public_playlist_is_read_by_everybody_and_written_by_members(world: HttpWorld) -> None:
    ada, eve = await world.guest("Ada"), await world.guest("Eve")
    document = await playlist(ada, public=True)
    url = f"/v1/playlists/{document}"
    assert await role(eve, document) is None
    for path in (f"{url}/items", f"{url}/tracks"):
        assert (await eve.get(path)).status_code == 200
    for response in (
        await eve.put(url, {"name": "Eve's"}),
        await eve.post(f"{url}/items", {"uris": ["demo:1"]}),
        await eve.put(f"{url}/items", {"uris": ["demo:1"]}),
        await eve.put(f"{url}/members/{eve.id}", {"role": "owner"}),
        await eve.post(f"{url}/invites", {"role": "editor"}),
    ):
        assert refused(response) == (403, "forbidden")
    assert (await ada.get(url)).json()["version"] == 0
    assert (await world.client().get(url)).status_code == 401
    await ada.put(url, {"public": False})
    assert refused(await eve.get(url)) == (404, "not_found")
    assert refused(await eve.put(url, {"name": "Eve's"})) == (404, "not_found")


@pytest.mark.parametrize(
    ("attributes", "becomes"),
    [
        ({"public": True}, "viewer"),
        ({"collaborative": True}, "editor"),
        ({"public": True, "collaborative": True}, "editor"),
    ],
)
async def test_what_following_makes_of_somebody(world: HttpWorld, attributes: Json, becomes: str) -> None:
    ada, bob = await world.guest("Ada"), await world.guest("Bob")
    document = await playlist(ada, **attributes)
    for _ in range(2):
        assert await follow(bob, document) == (200, "")
        assert await role(bob, document) == becomes
    assert [item["id"] for item in (await bob.get("/v1/me/playlists")).json()["items"]] == [document]
    assert (await ada.get(f"/v1/playlists/{document}")).json()["followers"]["total"] == 1
    written = await bob.post(f"/v1/playlists/{document}/items", {"uris": ["demo:1"]})
    assert written.status_code == (201 if becomes == "editor" else 403)


async def test_a_private_playlist_is_not_followed(world: HttpWorld) -> None:
    ada, bob = await world.guest("Ada"), await world.guest("Bob")
    for document in (await playlist(ada), ABSENT, "short", await world.jam(ada.id)):
        assert await follow(bob, document) == (404, "not_found")
    assert await follow(ada, await world.jam(ada.id)) == (404, "not_found"), "a Jam is none"


@pytest.mark.parametrize("held", ["viewer", "editor", "owner"])
async def test_a_member_stays_what_they_are(world: HttpWorld, held: str) -> None:
    ada = await world.guest("Ada")
    document = await playlist(ada, collaborative=True)
    mia = await world.member(ada, document, held)
    assert await follow(mia, document) == (200, "")
    assert await role(mia, document) == held


async def test_whoever_leaves_may_come_back(world: HttpWorld) -> None:
    ada, bob = await world.guest("Ada"), await world.guest("Bob")
    document = await playlist(ada, public=True)
    for _ in range(2):
        await follow(bob, document)
        for _ in range(2):
            assert (await bob.delete(f"/v1/playlists/{document}/followers")).status_code == 200
        assert await role(bob, document) is None


@pytest.mark.parametrize("attributes", [{"public": True}, {"collaborative": True}])
async def test_whoever_was_taken_out_cannot_come_back_by_following(
    world: HttpWorld, attributes: Json
) -> None:
    ada, eve = await world.guest("Ada"), await world.guest("Eve")
    document = await playlist(ada, **attributes)
    await follow(eve, document)
    await ada.delete(f"/v1/playlists/{document}/members/{eve.id}")
    for _ in range(2):
        assert await follow(eve, document) == (403, "forbidden")
    library = await eve.put(f"/v1/me/library?uris=spotify:playlist:{document}", {})
    assert refused(library) == (403, "forbidden")
    members = (await ada.get(f"/v1/playlists/{document}/members")).json()["members"]
    assert [member["id"] for member in members] == [ada.id]
    await ada.put(f"/v1/playlists/{document}/members/{eve.id}", {"role": "viewer"})
    assert await role(eve, document) == "viewer", "an owner lets them in again"


async def test_nobody_gets_past_a_smaller_role_by_leaving_and_following(world: HttpWorld) -> None:
    ada, eve = await world.guest("Ada"), await world.guest("Eve")
    document = await playlist(ada, collaborative=True)
    await follow(eve, document)
    await ada.put(f"/v1/playlists/{document}/members/{eve.id}", {"role": "viewer"})
    await eve.delete(f"/v1/playlists/{document}/followers")
    assert await follow(eve, document) == (200, "")
    assert await role(eve, document) == "viewer"


async def test_a_playlist_has_only_so_many_members(world: HttpWorld) -> None:
    ada, bob = await world.guest("Ada"), await world.guest("Bob")
    document = await playlist(ada, public=True)
    for number in range(MEMBERS_MAX - 1):
        await world.store.set_member(document, f"{number:022}", "viewer")
    assert await follow(bob, document) == (409, "members_full")
    assert await follow(ada, document) == (200, "")


async def test_who_follows(world: HttpWorld) -> None:
    ada, bob, eve = await world.guest("Ada"), await world.guest("Bob"), await world.guest("Eve")
    document = await playlist(ada, public=True)
    await follow(bob, document)
    url = f"/v1/playlists/{document}/followers/contains"
    assert (await eve.get(f"{url}?ids={bob.id},{eve.id},{ada.id}")).json() == [True, False, True]
    assert ((await eve.get(url)).json(), (await bob.get(url)).json()) == ([False], [True])
    for ids in ("", "x", f"{bob.id},", ",".join([bob.id] * 51)):
        assert refused(await eve.get(f"{url}?ids={ids}")) == (400, "bad_request")
    assert (await eve.get(f"{url}?ids={','.join([bob.id] * 50)}")).json() == [True] * 50
    secret = await playlist(ada)
    assert refused(await eve.get(f"/v1/playlists/{secret}/followers/contains")) == (404, "not_found")
    assert refused(await eve.get(f"/v1/playlists/{ABSENT}/followers/contains")) == (404, "not_found")


async def test_a_library_holds_playlists(world: HttpWorld) -> None:
    ada, bob = await world.guest("Ada"), await world.guest("Bob")
    one, two, secret = (
        await playlist(ada, public=True),
        await playlist(ada, collaborative=True),
        await playlist(ada),
    )
    asked = f"?uris=spotify:playlist:{one},tutti:playlist:{two},spotify:playlist:{one}"
    everything = f"/v1/me/library/contains{asked},spotify:playlist:{secret},spotify:track:{one},x"
    response = await bob.send("PUT", f"/v1/me/library{asked}")
    assert (response.status_code, response.content) == (200, b"")
    assert (await bob.get(everything)).json() == [True, True, True, False, False, False]
    assert (await role(bob, one), await role(bob, two)) == ("viewer", "editor")
    response = await bob.delete(f"/v1/me/library{asked}")
    assert (response.status_code, response.content) == (200, b"")
    assert (await bob.get(everything)).json() == [False] * 6
    assert (await bob.delete(f"/v1/me/library?uris=spotify:playlist:{one}")).status_code == 200


async def test_of_playlists_that_cannot_all_be_seen_none_changes(world: HttpWorld) -> None:
    ada, bob = await world.guest("Ada"), await world.guest("Bob")
    one, secret = await playlist(ada, public=True), await playlist(ada)
    both = f"/v1/me/library?uris=spotify:playlist:{one},spotify:playlist:{secret}"
    assert refused(await bob.send("PUT", both)) == (404, "not_found")
    assert await role(bob, one) is None
    await follow(bob, one)
    assert refused(await bob.delete(both)) == (404, "not_found")
    assert await role(bob, one) == "viewer"


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize(
    "uris",
    ["", ",", "spotify:playlist:x", f"spotify:track:{ABSENT}", f"spotify:playlist:{ABSENT},", "x" * 600],
)
async def test_what_a_library_does_not_keep(world: HttpWorld, method: str, uris: str) -> None:
    ada = await world.guest("Ada")
    assert refused(await ada.send(method, f"/v1/me/library?uris={uris}")) == (400, "bad_request")


async def test_too_many_for_a_library(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    uris = ",".join([f"spotify:playlist:{ABSENT}"] * 41)
    assert refused(await ada.get(f"/v1/me/library/contains?uris={uris}")) == (400, "bad_request")
    assert refused(await ada.send("PUT", f"/v1/me/library?uris={uris}")) == (400, "bad_request")


async def test_the_last_owner_removes_for_everybody(world: HttpWorld) -> None:
    ada, bob = await world.guest("Ada"), await world.guest("Bob")
    document = await playlist(ada, public=True)
    await follow(bob, document)
    assert (await ada.delete(f"/v1/me/library?uris=spotify:playlist:{document}")).status_code == 200
    assert refused(await bob.get(f"/v1/playlists/{document}")) == (404, "not_found")


async def test_somebodys_public_playlists_are_seen_in_pages(world: HttpWorld) -> None:
    ada, bob = await world.guest("Ada"), await world.guest("Bob")
    for number in range(5):
        world.times.now_ms += 1
        await playlist(ada, public=number != 2, collaborative=number == 1)
    url = f"/v1/users/{ada.id}/playlists"
    page = (await bob.get(f"{url}?limit=3&offset=1")).json()
    assert (page["total"], len(page["items"]), page["next"]) == (4, 3, None)
    assert page["previous"] == f"http://localhost:8300{url}?offset=0&limit=3"
    assert all(item["public"] and item["role"] is None for item in page["items"])
    assert (await ada.get(url)).json()["total"] == 5
