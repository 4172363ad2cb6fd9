import pytest

from storage.memory import MemoryStore
from storage.rows import Head
from storage.store import OutcomeUnknown, Unavailable
from tests.collab.http_world import HttpWorld, Json, refused

BASE = "http://localhost:8300/v1"


@pytest.fixture
def world() -> HttpWorld:
    return HttpWorld()


def entries(count: int, user: str) -> list[Json]:
    return [
        {
            "uid": f"{'C' * 22}.{number}",
            "track": f"mbid:track:{number}",
            "title": f"Song {number}",
            "artists": ["Nina", "Miles"],
            "album": "Live",
            "duration_ms": 1000 + number,
            "isrc": "USRC17607839",
            "added_by": user,
            "added_at": 1_700_000_000_999,
        }
        for number in range(count)
    ]


async def test_a_new_playlist_has_the_shape_of_spotifys(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    response = await ada.post("/v1/me/playlists", {"name": "Friday", "description": "Loud", "public": True})
    assert response.status_code == 201
    playlist = response.json()
    url = f"{BASE}/playlists/{playlist['id']}"
    assert response.headers["location"] == url
    assert playlist == {
        "id": playlist["id"],
        "name": "Friday",
        "description": "Loud",
        "public": True,
        "collaborative": False,
        "owner": {"id": ada.id, "display_name": "Ada", "type": "user", "uri": f"tutti:user:{ada.id}"},
        "images": [],
        "href": url,
        "external_urls": {},
        "snapshot_id": "epoch.0",
        "tracks": {
            "href": f"{url}/tracks?offset=0&limit=100",
            "items": [],
            "limit": 100,
            "next": None,
            "offset": 0,
            "previous": None,
            "total": 0,
        },
        "type": "playlist",
        "uri": f"tutti:playlist:{playlist['id']}",
        "version": 0,
        "role": "owner",
    }
    assert (await ada.get(f"/v1/playlists/{playlist['id']}")).json() == playlist


async def test_tracks_have_the_shape_of_spotifys(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    playlist = await ada.new_playlist()
    world.documents.entries[playlist] = entries(1, ada.id)
    [item] = (await ada.get(f"/v1/playlists/{playlist}")).json()["tracks"]["items"]
    assert item == {
        "added_at": "2023-11-14T22:13:20Z",
        "added_by": {"id": ada.id, "type": "user", "uri": f"tutti:user:{ada.id}"},
        "is_local": False,
        "uid": f"{'C' * 22}.0",
        "note": None,
        "track": {
            "id": "0",
            "uri": "mbid:track:0",
            "type": "track",
            "name": "Song 0",
            "artists": [{"name": "Nina", "type": "artist"}, {"name": "Miles", "type": "artist"}],
            "album": {"name": "Live", "type": "album"},
            "duration_ms": 1000,
            "external_ids": {"isrc": "USRC17607839"},
            "is_local": False,
        },
    }


async def test_a_bare_entry_is_shown_too(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    playlist = await ada.new_playlist()
    world.documents.entries[playlist] = [{"uid": "c.1", "track": "a:b", "added_at": 2**53 - 1}]
    [item] = (await ada.get(f"/v1/playlists/{playlist}")).json()["tracks"]["items"]
    assert (item["added_at"], item["added_by"]) == (None, None)
    assert (item["track"]["name"], item["track"]["artists"], item["track"]["album"]) == ("", [], None)


async def test_a_long_playlist_comes_in_pages(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    playlist = await ada.new_playlist()
    world.documents.entries[playlist] = entries(250, ada.id)
    tracks = (await ada.get(f"/v1/playlists/{playlist}")).json()["tracks"]
    seen = []
    while True:
        assert tracks["total"] == 250
        seen += [item["track"]["id"] for item in tracks["items"]]
        if tracks["next"] is None:
            break
        tracks = (await ada.get(tracks["next"])).json()
    assert seen == [str(number) for number in range(250)]
    assert tracks["previous"] == f"{BASE}/playlists/{playlist}/tracks?offset=100&limit=100"


async def test_my_playlists_are_those_i_belong_to_newest_first(world: HttpWorld) -> None:
    ada, bob = await world.guest("Ada"), await world.guest("Bob")
    for number in range(5):
        world.times.now_ms += 1
        await ada.new_playlist(f"No {number}")
    shared = await bob.new_playlist("Bob's")
    await bob.put(f"/v1/playlists/{shared}/members/{ada.id}", {"role": "viewer"})
    page = (await ada.get("/v1/me/playlists?limit=2&offset=2")).json()
    assert page["total"] == 6
    assert page["href"] == f"{BASE}/me/playlists?offset=2&limit=2"
    assert page["next"] == f"{BASE}/me/playlists?offset=4&limit=2"
    assert page["previous"] == f"{BASE}/me/playlists?offset=0&limit=2"
    everything = (await ada.get("/v1/me/playlists")).json()
    assert everything["limit"] == 20
    by_name = {item["name"]: item for item in everything["items"]}
    assert by_name["Bob's"]["role"] == "viewer"
    assert by_name["Bob's"]["owner"]["display_name"] == "Bob"
    assert [item["name"] for item in everything["items"] if item["name"] != "Bob's"] == [
        f"No {number}" for number in (4, 3, 2, 1, 0)
    ]
    assert everything["items"][0]["tracks"].keys() == {"href", "total"}


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=51", "limit=x", "limit=-1", "offset=-1", "offset=1e9", "limit="]
)
async def test_pages_that_there_are_not(world: HttpWorld, query: str) -> None:
    ada = await world.guest()
    assert refused(await ada.get(f"/v1/me/playlists?{query}")) == (400, "bad_request")


async def test_a_change_is_a_version_and_leaves_the_rest(world: HttpWorld) -> None:
    ada = await world.guest()
    playlist = await ada.new_playlist("Friday")
    response = await ada.put(f"/v1/playlists/{playlist}", {"description": "Loud"})
    assert (response.status_code, response.content) == (200, b"")
    changed = (await ada.get(f"/v1/playlists/{playlist}")).json()
    assert (changed["name"], changed["description"], changed["version"]) == ("Friday", "Loud", 1)
    assert changed["snapshot_id"] == "epoch.1"
    await ada.put(f"/v1/playlists/{playlist}", {"name": "Saturday", "description": None})
    changed = (await ada.get(f"/v1/playlists/{playlist}")).json()
    assert (changed["name"], changed["description"]) == ("Saturday", None)


async def test_a_change_of_nothing_is_no_version(world: HttpWorld) -> None:
    ada = await world.guest()
    playlist = await ada.new_playlist()
    assert (await ada.put(f"/v1/playlists/{playlist}", {"unknown": 1})).status_code == 200
    assert (await ada.get(f"/v1/playlists/{playlist}")).json()["version"] == 0


@pytest.mark.parametrize("body", [{"name": None}, {"name": 5}, {"public": "yes"}, {"collaborative": None}])
async def test_details_of_another_type(world: HttpWorld, body: Json) -> None:
    ada = await world.guest()
    playlist = await ada.new_playlist()
    assert refused(await ada.put(f"/v1/playlists/{playlist}", body)) == (400, "bad_request")


async def test_a_playlist_needs_a_name(world: HttpWorld) -> None:
    ada = await world.guest()
    assert refused(await ada.post("/v1/me/playlists", {})) == (400, "bad_request")


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("editor", 200), ("owner", 200)])
async def test_who_may_rename(world: HttpWorld, role: str, status: int) -> None:
    ada = await world.guest()
    playlist = await ada.new_playlist()
    mia = await world.member(ada, playlist, role)
    assert (await mia.put(f"/v1/playlists/{playlist}", {"name": "Mine"})).status_code == status


async def test_absent_and_forbidden_answer_alike(world: HttpWorld) -> None:
    ada, eve = await world.guest("Ada"), await world.guest("Eve")
    secret = await ada.new_playlist()
    answers = set()
    for playlist in (secret, "Z" * 22, "short", "Z" * 23, "-" * 22):
        url = f"/v1/playlists/{playlist}"
        for response in (
            await eve.get(url),
            await eve.get(f"{url}/tracks"),
            await eve.put(url, {"name": "Eve's"}),
            await eve.delete(f"{url}/followers"),
            await eve.get(f"{url}/members"),
            await eve.put(f"{url}/members/{eve.id}", {"role": "owner"}),
            await eve.delete(f"{url}/members/{ada.id}"),
            await eve.delete(f"{url}/members/{eve.id}"),
            await eve.get(f"{url}/invites"),
            await eve.post(f"{url}/invites", {"role": "editor"}),
            await eve.delete(f"{url}/invites/{'I' * 22}"),
        ):
            answers.add((refused(response), response.text))
    assert len(answers) == 1
    assert next(iter(answers))[0] == (404, "not_found")


async def test_a_member_who_unfollows_leaves(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    playlist = await ada.new_playlist()
    mia = await world.member(ada, playlist, "editor")
    response = await mia.delete(f"/v1/playlists/{playlist}/followers")
    assert (response.status_code, response.content) == (200, b"")
    assert refused(await mia.get(f"/v1/playlists/{playlist}")) == (404, "not_found")
    assert (await ada.get(f"/v1/playlists/{playlist}")).status_code == 200


async def test_the_only_owner_who_unfollows_deletes(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    playlist = await ada.new_playlist()
    mia = await world.member(ada, playlist, "editor")
    assert (await ada.delete(f"/v1/playlists/{playlist}/followers")).status_code == 200
    assert refused(await ada.get(f"/v1/playlists/{playlist}")) == (404, "not_found")
    assert refused(await mia.get(f"/v1/playlists/{playlist}")) == (404, "not_found")
    assert (await mia.get("/v1/me/playlists")).json()["total"] == 0


async def test_one_of_two_owners_who_unfollows_leaves_it_to_the_other(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    playlist = await ada.new_playlist()
    mia = await world.member(ada, playlist, "owner", "Mia")
    await ada.delete(f"/v1/playlists/{playlist}/followers")
    owner = (await mia.get(f"/v1/playlists/{playlist}")).json()["owner"]
    assert (owner["id"], owner["display_name"]) == (mia.id, "Mia")


class FailingStore(MemoryStore):
    failure: Exception | None = None

    async def heads(self, documents: object) -> dict[str, Head]:
        if self.failure is not None:
            raise self.failure
        return await super().heads(documents)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        (Unavailable("db-host-7 is away"), 503, "unavailable"),
        (OutcomeUnknown("db-host-7 was lost"), 503, "unavailable"),
        (RuntimeError("at line 7"), 500, "internal"),
        (AssertionError("at line 8"), 500, "internal"),
    ],
)
async def test_what_fails_inside_stays_inside(failure: Exception, status: int, code: str) -> None:
    store = FailingStore()
    world = HttpWorld(store=store)
    ada = await world.guest()
    playlist = await ada.new_playlist()
    store.failure = failure
    response = await ada.get(f"/v1/playlists/{playlist}")
    assert refused(response) == (status, code)
    assert str(failure) not in response.text
