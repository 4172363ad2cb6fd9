"""A playlist's picture: what is taken for one, who may give it, and where it is shown."""

import base64
import io

import pytest
from PIL import Image

from collab.covers import COVER_CHARS_MAX, COVERS_KEPT, PIXELS_MAX, image_urls
from tests.collab.http_world import HttpWorld, Person, refused
from tests.collab.music.shelf import cover

BASE = "http://localhost:8300"


@pytest.fixture
def world() -> HttpWorld:
    return HttpWorld()


def encoded(content: bytes) -> bytes:
    return base64.b64encode(content)


async def put(
    person: Person, playlist: str, body: bytes, content_type: str = "image/jpeg"
) -> tuple[int, str]:
    headers = {"Content-Type": content_type}
    response = await person.send("PUT", f"/v1/playlists/{playlist}/images", content=body, headers=headers)
    return refused(response) if response.is_error else (response.status_code, response.text)


async def urls(person: Person, playlist: str) -> list[str]:
    images = (await person.get(f"/v1/playlists/{playlist}/images")).json()
    whole = (await person.get(f"/v1/playlists/{playlist}")).json()
    assert whole["images"] == images
    assert all(image["width"] is image["height"] is None for image in images)
    return [image["url"] for image in images]


async def test_a_picture_is_shown_to_whoever_has_its_address(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    playlist = await ada.new_playlist()
    assert await urls(ada, playlist) == []
    picture = cover("JPEG")
    text = encoded(picture)
    # As MIME breaks its lines.
    assert await put(ada, playlist, text[:76] + b"\r\n" + text[76:]) == (202, "")
    [url] = await urls(ada, playlist)
    assert url.startswith(f"{BASE}/v1/playlists/{playlist}/images/")
    [item] = (await ada.get("/v1/me/playlists")).json()["items"]
    assert [image["url"] for image in item["images"]] == [url]
    assert item["version"] == 1, "it is an edit like any other"
    shown = await world.client().get(url)
    assert (shown.status_code, shown.content) == (200, picture)
    assert shown.headers["content-type"] == "image/jpeg"
    assert "immutable" in shown.headers["cache-control"]
    known = await world.client().get(url, headers={"If-None-Match": shown.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")


async def test_an_older_picture_is_kept_for_a_while(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    playlist = await ada.new_playlist()
    seen = []
    for width in range(10, 11 + COVERS_KEPT):
        world.times.now_ms += 1
        await put(ada, playlist, encoded(cover("JPEG", width, width)))
        seen += await urls(ada, playlist)
    statuses = [(await world.client().get(url)).status_code for url in seen]
    assert statuses == [404] + [200] * COVERS_KEPT


async def test_what_a_camera_wrote_down_is_left_out(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    playlist = await ada.new_playlist()
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = "my kitchen", 6
    assert await put(ada, playlist, encoded(cover("JPEG", 40, 20, exif=exif))) == (202, "")
    [url] = await urls(ada, playlist)
    content = (await world.client().get(url)).content
    assert b"kitchen" not in content
    assert Image.open(io.BytesIO(content)).size == (20, 40), "it is turned as it was meant"


def huge() -> bytes:
    """Few bytes, many pixels: the header of a small one says so."""
    small = cover("JPEG", 16, 16)
    start = small.index(b"\xff\xc0") + 5
    side = int(PIXELS_MAX**0.5) + 16
    return small[:start] + side.to_bytes(2, "big") * 2 + small[start + 4 :]


OTHERS = [cover("PNG"), cover("WEBP"), cover("JPEG")[:200], huge(), b"", b"text"]


@pytest.mark.parametrize("body", [b"", b"no Base64!", b"data:image/jpeg;base64,/9j=", *map(encoded, OTHERS)])
async def test_what_is_no_picture(world: HttpWorld, body: bytes) -> None:
    ada = await world.guest("Ada")
    playlist = await ada.new_playlist()
    assert await put(ada, playlist, body) == (400, "bad_request")
    assert await urls(ada, playlist) == []


async def test_other_bodies(world: HttpWorld) -> None:
    ada = await world.guest("Ada")
    playlist = await ada.new_playlist()
    picture = encoded(cover("JPEG"))
    assert await put(ada, playlist, picture, "image/png") == (400, "bad_request")
    assert await put(ada, playlist, b"A" * (COVER_CHARS_MAX + 1)) == (413, "too_large")


async def test_who_may_give_it_a_picture(world: HttpWorld) -> None:
    ada, eve = await world.guest("Ada"), await world.guest("Eve")
    playlist = await ada.new_playlist()
    picture = encoded(cover("JPEG"))
    mia, ben = await world.member(ada, playlist, "viewer"), await world.member(ada, playlist, "editor")
    assert await put(ben, playlist, picture) == (202, "")
    assert await put(mia, playlist, picture) == (403, "forbidden")
    assert await put(eve, playlist, picture) == (404, "not_found")
    assert refused(await eve.get(f"/v1/playlists/{playlist}/images")) == (404, "not_found")
    await ada.put(f"/v1/playlists/{playlist}", {"public": True})
    assert await put(eve, playlist, picture) == (403, "forbidden")
    assert len(await urls(eve, playlist)) == 1


@pytest.mark.parametrize("image", ["Z" * 22, "x", "..%2F.."])
async def test_pictures_that_there_are_not(world: HttpWorld, image: str) -> None:
    ada = await world.guest("Ada")
    playlist = await ada.new_playlist()
    url = f"/v1/playlists/{playlist}/images/{image}"
    assert (await world.client().get(url)).status_code == 404


def test_an_app_may_have_put_its_own_picture_there() -> None:
    assert image_urls(BASE, {"image": "https://example.org/a.jpg"}) == ["https://example.org/a.jpg"]
    for image in (None, "", "javascript:alert(1)", "a.jpg", "//example.org/a.jpg"):
        assert image_urls(BASE, {"image": image}) == []
