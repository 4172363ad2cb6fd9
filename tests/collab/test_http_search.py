"""The catalogue over HTTP: shapes, pages, caching, and who is answered."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from collab.music.library import Library
from storage.catalogue import FOUND_MAX, Catalogue, TrackRow
from storage.sqlite import open_sqlite
from tests.collab.http_world import HttpWorld, Person, refused

BASE = "http://localhost:8300/v1"
JOGA = TrackRow(
    id="0" * 21 + "J",
    path="Björk/Jóga.flac",
    size_bytes=1,
    mtime_ns=1,
    title="Jóga",
    artists=("Björk", "Brodsky Quartet"),
    album="Homogenic",
    duration_ms=305_000,
    isrc="GBAKW9700118",
    recording_id="0e1c3d4f-5a6b-4c7d-8e9f-001122334455",
    tempo=8_350,
    key="4A",
    energy=60,
    media_type="audio/flac",
    artwork="ab" * 16,
    added_ms=1,
)
BARE = replace(
    JOGA,
    id="0" * 21 + "B",
    path="bare.mp3",
    title="Untagged",
    artists=(),
    album="",
    isrc="",
    recording_id="",
    tempo=None,
    key="",
    energy=None,
    artwork="",
)


@pytest.fixture
async def catalogue(tmp_path: Path) -> AsyncIterator[Catalogue]:
    store = await open_sqlite(tmp_path)
    yield store.catalogue
    await store.close()


@pytest.fixture
async def ada(catalogue: Catalogue, tmp_path: Path) -> Person:
    await catalogue.put([JOGA, BARE])
    return await HttpWorld(library=Library(tmp_path, catalogue)).guest()


async def names(person: Person, query: str) -> list[str]:
    response = await person.get(f"/v1/search?{query}")
    assert response.status_code == 200, response.text
    return [track["name"] for track in response.json()["tracks"]["items"]]


async def test_a_track_has_the_shape_of_spotify_and_a_little_more(ada: Person) -> None:
    response = await ada.get(f"/v1/tracks/{JOGA.id}")
    assert response.status_code == 200, response.text
    nameless = {"id": "", "type": "artist", "uri": "", "href": "", "external_urls": {}}
    cover = f"{BASE}/artwork/{JOGA.artwork}?size="
    assert response.json() == {
        "id": JOGA.id,
        "uri": f"spotify:track:{JOGA.id}",
        "tutti_uri": f"tutti:track:{JOGA.id}",
        "href": f"{BASE}/tracks/{JOGA.id}",
        "type": "track",
        "name": "Jóga",
        "artists": [{**nameless, "name": name} for name in ("Björk", "Brodsky Quartet")],
        "album": {
            **nameless,
            "name": "Homogenic",
            "type": "album",
            "album_type": "album",
            "artists": [],
            "release_date": "",
            "release_date_precision": "day",
            "total_tracks": 0,
            "images": [{"url": f"{cover}{px}", "width": px, "height": px} for px in (640, 300, 64)],
        },
        "duration_ms": 305_000,
        "external_ids": {"isrc": "GBAKW9700118", "musicbrainz": JOGA.recording_id},
        "external_urls": {},
        "is_local": False,
        "disc_number": 0,
        "track_number": 0,
        "explicit": False,
        "popularity": 0,
        "preview_url": None,
        "episode": False,
        "track": True,
        "tempo": 8_350,
        "key": "4A",
        "energy": 60,
    }
    bare = (await ada.get(f"/v1/tracks/{BARE.id}")).json()
    assert (bare["tempo"], bare["key"], bare["energy"]) == (None, None, None)
    assert (bare["artists"], bare["external_ids"], bare["album"]["images"]) == ([], {}, [])
    assert "Jóga.flac" not in response.text, "where a file lies is nobody's business"


async def test_several_tracks_stand_in_the_order_of_their_ids(ada: Person) -> None:
    unknown = "1" * 22
    response = await ada.get(f"/v1/tracks?ids={BARE.id},{unknown},{JOGA.id},{BARE.id}")
    assert [track and track["name"] for track in response.json()["tracks"]] == [
        *("Untagged", None, "Jóga", "Untagged"),
    ]
    for ids in ("", "?ids=", "?ids=,", f"?ids={JOGA.id},", "?ids=x", f"?ids={','.join([JOGA.id] * 51)}"):
        assert refused(await ada.get(f"/v1/tracks{ids}")) == (400, "bad_request")
    assert (await ada.get(f"/v1/tracks?ids={','.join([JOGA.id] * 50)}")).status_code == 200


@pytest.mark.parametrize("track_id", ["1" * 22, "x", "..%2F..%2Fetc", "%00", quote("Björk")])
async def test_a_track_that_there_is_not(ada: Person, track_id: str) -> None:
    assert refused(await ada.get(f"/v1/tracks/{track_id}")) == (404, "not_found")


async def test_as_somebody_types(ada: Person) -> None:
    for typed in ("b", "bj", "bjö", "bjork", "BJÖRK%20jo", "joga%20"):
        assert await names(ada, f"q={typed}&type=track") == ["Jóga"], typed
    assert await names(ada, "q=hommogenic") == ["Jóga"]
    assert await names(ada, "q=jog&type=album,track") == ["Jóga"]
    assert await names(ada, "q=") == []


async def test_pages(ada: Person, catalogue: Catalogue) -> None:
    songs = [replace(BARE, id=f"{number:022}", path=str(number), title="A song") for number in range(25)]
    await catalogue.put(songs)
    query = "q=a%20song&type=track"
    first = (await ada.get(f"/v1/search?{query}")).json()["tracks"]
    assert (first["limit"], first["offset"], first["total"], first["previous"]) == (20, 0, 25, None)
    assert first["href"] == f"{BASE}/search?q=a+song&type=track&offset=0&limit=20"
    assert len(first["items"]) == 20
    rest = (await ada.get(first["next"])).json()["tracks"]
    assert (len(rest["items"]), rest["next"]) == (5, None)
    assert (await ada.get(rest["previous"])).json()["tracks"] == first
    assert {track["id"] for page in (first, rest) for track in page["items"]} == {row.id for row in songs}
    beyond = (await ada.get(f"/v1/search?{query}&offset={FOUND_MAX}&limit=50")).json()["tracks"]
    assert (beyond["items"], beyond["next"], beyond["total"]) == ([], None, 25)


@pytest.mark.parametrize(
    "query",
    [
        *("", "type=track", "q=a&type=album", "q=a&type=", "q=a&limit=0", "q=a&limit=51", "q=a&limit=x"),
        *("q=a&offset=-1", "q=a&offset=x", f"q=a&offset={FOUND_MAX + 1}", "q=a&offset=99999999999999999999"),
    ],
)
async def test_what_cannot_be_asked(ada: Person, query: str) -> None:
    assert refused(await ada.get(f"/v1/search?{query}")) == (400, "bad_request")


@pytest.mark.parametrize(
    "typed",
    [
        *("%00", "%ED%A0%80", "%FF", "%22", "'%20OR%201=1--", "%22*%20OR%20*", "(", "AND", "%F0%9F%8E%B5"),
        *("%26q=x", "a" * 5_000, "%C3%A4" * 1_000, "a%20" * 1_000),
    ],
)
async def test_any_string_gets_an_answer(ada: Person, typed: str) -> None:
    response = await ada.get(f"/v1/search?type=track&q={typed}")
    assert response.status_code == 200, response.text
    assert response.json()["tracks"]["total"] <= 1


async def test_what_is_still_the_same_is_not_sent_again(ada: Person, catalogue: Catalogue) -> None:
    for path in ("/v1/search?q=j&type=track", f"/v1/tracks/{JOGA.id}", f"/v1/tracks?ids={JOGA.id}"):
        response = await ada.get(path)
        assert response.headers["Cache-Control"].startswith("private, max-age=")
        tag = response.headers["ETag"]
        for known in (tag, f'"other", W/{tag}'):
            again = await ada.send("GET", path, headers={"If-None-Match": known})
            assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    await catalogue.put([replace(JOGA, tempo=8_400)])
    assert (await ada.send("GET", path, headers={"If-None-Match": tag})).status_code == 200


async def test_strangers_are_not_answered(catalogue: Catalogue, tmp_path: Path) -> None:
    world = HttpWorld(library=Library(tmp_path, catalogue))
    async with world.client() as client:
        for path in ("/v1/search?q=a", f"/v1/tracks/{JOGA.id}", f"/v1/tracks?ids={JOGA.id}"):
            assert refused(await client.get(path)) == (401, "token_missing")


async def test_a_server_without_a_track(catalogue: Catalogue, tmp_path: Path) -> None:
    ada = await HttpWorld(library=Library(tmp_path, catalogue)).guest()
    page = (await ada.get("/v1/search?q=a&type=track")).json()["tracks"]
    assert (page["items"], page["total"], page["next"]) == ([], 0, None)
    assert (await ada.get(f"/v1/tracks?ids={JOGA.id}")).json() == {"tracks": [None]}
    assert refused(await ada.get(f"/v1/tracks/{JOGA.id}")) == (404, "not_found")
