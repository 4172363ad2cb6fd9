import pytest

from storage.memory import MemoryStore
from storage.rows import Head
from storage.store import OutcomeUnknown, Unavailable
from tests.collab.http_world import HttpWorld, Json, Person, refused

BASE = "http://localhost:8300/v1"
ID = "4iV5W9uYEdYUVa79Axb7Rh"


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


def ref(person: Person) -> Json:
    return {
        "id": person.id,
        "type": "user",
        "uri": f"spotify:user:{person.id}",
        "href": f"{BASE}/users/{person.id}",
        "external_urls": {},
    }


def profile(person: Person, name: str) -> Json:
    return {**ref(person), "display_name": name, "images": [], "followers": {"href": None, "total": 0}}


def named(kind: str, name: str) -> Json:
    return {"id": "", "name": name, "type": kind, "uri": "", "href": "", "external_urls": {}}


def empty_page(url: str) -> Json:
    href = f"{url}?offset=0&limit=100"
    return {"href": href, "items": [], "limit": 100, "next": None, "offset": 0, "previous": None, "total": 0}


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
        "owner": profile(ada, "Ada"),
        "followers": {"href": None, "total": 0},
        "images": [],
        "primary_color": None,
        "href": url,
        "external_urls": {"spotify": f"http://localhost:8300/p/{playlist['id']}"},
        "snapshot_id": "epoch.0",
        "items": empty_page(f"{url}/items"),
        "tracks": empty_page(f"{url}/tracks"),
        "type": "playlist",
        "uri": f"spotify:playlist:{playlist['id']}",
        "version": 0,
        "role": "owner",
    }
    assert (await ada.get(f"/v1/playlists/{playlist['id']}")).json() == playlist


async def test_tracks_have_the_shape_of_spotifys(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    playlist = await ada.new_playlist()
    world.documents.entries[playlist] = [
        {**entries(1, ada.id)[0], "track": f"spotify:track:{ID}"},
        {**entries(2, ada.id)[1], "track": f"tutti:track:{ID}"},
    ]
    theirs, ours = (await ada.get(f"/v1/playlists/{playlist}")).json()["tracks"]["items"]
    track = {
        "id": ID,
        "uri": f"spotify:track:{ID}",
        "tutti_uri": None,
        "type": "track",
        "name": "Song 0",
        "artists": [named("artist", "Nina"), named("artist", "Miles")],
        "album": {
            **named("album", "Live"),
            "album_type": "album",
            "artists": [],
            "images": [],
            "release_date": "",
            "release_date_precision": "day",
            "total_tracks": 0,
        },
        "duration_ms": 1000,
        "external_ids": {"isrc": "USRC17607839"},
        "external_urls": {"spotify": f"https://open.spotify.com/track/{ID}"},
        "href": f"{BASE}/tracks/{ID}",
        "is_local": False,
        "disc_number": 0,
        "track_number": 0,
        "explicit": False,
        "popularity": 0,
        "preview_url": None,
        "episode": False,
        "track": True,
    }
    assert theirs == {
        "added_at": "2023-11-14T22:13:20Z",
        "added_by": ref(ada),
        "is_local": False,
        "primary_color": None,
        "video_thumbnail": {"url": None},
        "uid": f"{'C' * 22}.0",
        "note": None,
        "item": track,
        "track": track,
    }
    changed = {"tutti_uri": f"tutti:track:{ID}", "external_urls": {}, "name": "Song 1", "duration_ms": 1001}
    assert ours["item"] == ours["track"] == {**track, **changed}


async def test_what_only_its_uri_names_has_no_id(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    playlist = await ada.new_playlist()
    world.documents.entries[playlist] = entries(1, ada.id)
    [item] = (await ada.get(f"/v1/playlists/{playlist}/items")).json()["items"]
    track = item["track"]
    assert (track["uri"], track["tutti_uri"], track["name"]) == ("mbid:track:0", None, "Song 0")
    for thing in (track, track["album"], *track["artists"]):
        assert (thing["id"], thing["href"], thing["external_urls"]) == ("", "", {})


async def test_a_bare_entry_is_shown_too(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    playlist = await ada.new_playlist()
    world.documents.entries[playlist] = [
        {"uid": "c.1", "track": "a:b", "added_at": 2**53 - 1},
        {"uid": "c.2", "track": "a:b"},
    ]
    for item in (await ada.get(f"/v1/playlists/{playlist}")).json()["tracks"]["items"]:
        assert (item["added_at"], item["added_by"]["id"]) == ("1970-01-01T00:00:00Z", "")
        track = item["track"]
        assert (track["name"], track["artists"], track["album"]["name"]) == ("", [], "")


async def test_a_long_playlist_comes_in_pages(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    playlist = await ada.new_playlist()
    world.documents.entries[playlist] = entries(250, ada.id)
    tracks = (await ada.get(f"/v1/playlists/{playlist}")).json()["tracks"]
    seen = []
    while True:
        assert tracks["total"] == 250
        seen += [item["track"]["name"] for item in tracks["items"]]
        if tracks["next"] is None:
            break
        tracks = (await ada.get(tracks["next"])).json()
    assert seen == [f"Song {number}" for number in range(250)]
    assert tracks["previous"] == f"{BASE}/playlists/{playlist}/tracks?offset=100&limit=100"


@pytest.mark.parametrize("name", ["items", "tracks"])
async def test_pages_go_on_under_the_name_they_were_asked_for(world: HttpWorld, name: str) -> None:
    ada = await world.guest("Ada")
    playlist = await ada.new_playlist()
    world.documents.entries[playlist] = entries(7, ada.id)
    url = f"{BASE}/playlists/{playlist}/{name}"
    asked = f"{url}?limit=3&offset=3&market=SE&additional_types=track&fields=next,items(item(name)),previous"
    page = (await ada.get(asked)).json()
    assert page == {
        "items": [{"item": {"name": f"Song {number}"}} for number in (3, 4, 5)],
        "next": f"{url}?fields=next%2Citems%28item%28name%29%29%2Cprevious&offset=6&limit=3",
        "previous": f"{url}?fields=next%2Citems%28item%28name%29%29%2Cprevious&offset=0&limit=3",
    }
    last = (await ada.get(page["next"])).json()
    assert (last["items"], last["next"]) == ([{"item": {"name": "Song 6"}}], None)


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "offset=-1", "fields=a(", "fields=("])
async def test_pages_of_entries_that_there_are_not(world: HttpWorld, query: str) -> None:
    ada = await world.guest()
    playlist = await ada.new_playlist()
    for name in ("items", "tracks"):
        response = await ada.get(f"/v1/playlists/{playlist}/{name}?{query}")
        assert refused(response) == (400, "bad_request")


async def test_a_page_behind_the_end_is_empty(world: HttpWorld) -> None:
    ada = await world.guest()
    playlist = await ada.new_playlist()
    world.documents.entries[playlist] = entries(3, ada.id)
    page = (await ada.get(f"/v1/playlists/{playlist}/items?offset=3&limit=100")).json()
    assert (page["items"], page["total"], page["next"]) == ([], 3, None)


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ("name", {"name": "Friday"}),
        ("tracks.total,unknown", {"tracks": {"total": 2}}),
        ("items(total),owner.display_name", {"items": {"total": 2}, "owner": {"display_name": "Ada"}}),
        (
            "tracks.items(track.name)",
            {"tracks": {"items": [{"track": {"name": f"Song {n}"}} for n in (0, 1)]}},
        ),
        ("followers", {"followers": {"href": None, "total": 0}}),
    ],
)
async def test_only_the_fields_that_are_wanted(world: HttpWorld, fields: str, wanted: Json) -> None:
    ada = await world.guest("Ada")
    playlist = await ada.new_playlist()
    world.documents.entries[playlist] = entries(2, ada.id)
    assert (await ada.get(f"/v1/playlists/{playlist}?fields={fields}")).json() == wanted


async def test_somebody_else(world: HttpWorld) -> None:
    ada, bob = await world.guest("Ada"), await world.guest("Bob")
    assert (await bob.get(f"/v1/users/{ada.id}")).json() == profile(ada, "Ada")
    for url in ("/v1/users/nobody", f"/v1/users/{'0' * 22}", f"/v1/users/{'0' * 22}/playlists"):
        assert refused(await bob.get(url)) == (404, "not_found")


async def test_i_make_playlists_for_nobody_else(world: HttpWorld) -> None:
    ada, bob = await world.guest("Ada"), await world.guest("Bob")
    made = await ada.post(f"/v1/users/{ada.id}/playlists", {"name": "Mine"})
    assert (made.status_code, made.json()["owner"]["id"]) == (201, ada.id)
    response = await bob.post(f"/v1/users/{ada.id}/playlists", {"name": "Bob's"})
    assert refused(response) == (403, "forbidden")
    assert (await ada.get("/v1/me/playlists")).json()["total"] == 1
    mine = (await ada.get(f"/v1/users/{ada.id}/playlists?limit=1")).json()
    assert [item["name"] for item in mine["items"]] == ["Mine"]
    assert mine["href"] == f"{BASE}/users/{ada.id}/playlists?offset=0&limit=1"


@pytest.mark.parametrize("path", ["", "/items?limit=2", "/tracks?fields=items(track.name)"])
async def test_who_has_an_answer_is_not_sent_it_again(world: HttpWorld, path: str) -> None:
    ada = await world.guest("Ada")
    playlist = await ada.new_playlist()
    world.documents.entries[playlist] = entries(3, ada.id)
    url = f"/v1/playlists/{playlist}{path}"

    async def ask(etag: str) -> int:
        return (await ada.send("GET", url, headers={"If-None-Match": etag})).status_code

    first = await ada.get(url)
    etag = first.headers["etag"]
    assert etag.startswith('"epoch.0'), "it is the version"
    assert first.headers["cache-control"] == "private, no-cache"
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        assert await ask(known) == 304
    for known in ('"epoch.1"', etag.strip('"'), ""):
        assert await ask(known) == 200
    again = await ada.send("GET", url, headers={"If-None-Match": etag})
    assert (again.content, again.headers["etag"]) == (b"", etag)
    await ada.put(f"/v1/playlists/{playlist}", {"name": "Saturday"})
    assert await ask(etag) == 200


async def test_people_are_part_of_a_playlist_s_answer(world: HttpWorld) -> None:
    ada, bob = await world.guest("Ada"), await world.guest("Bob")
    playlist = await ada.new_playlist()
    await ada.put(f"/v1/playlists/{playlist}", {"public": True})
    url = f"/v1/playlists/{playlist}"
    seen = {(await bob.get(url)).headers["etag"]}
    await bob.put(f"{url}/followers", {})
    seen.add((await bob.get(url)).headers["etag"])
    seen.add((await ada.get(url)).headers["etag"])
    await ada.put("/v1/me", {"name": "Lady Ada"})
    seen.add((await ada.get(url)).headers["etag"])
    assert len(seen) == 4
    assert len({(await person.get(f"{url}/items")).headers["etag"] for person in (ada, bob)}) == 1


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
    assert (
        everything["items"][0]["tracks"].keys() == {"href", "total"} == everything["items"][0]["items"].keys()
    )


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
