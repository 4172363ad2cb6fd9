"""Covers over HTTP, as pages and strangers ask for them."""

from pathlib import Path

import pytest

from collab.config import Limits, Settings
from tests.collab.http_world import STRANGER, HttpWorld, refused
from tests.collab.music.shelf import Shelf, cover

APP = "https://app.example.com"
COVER = cover()


class Gallery:
    def __init__(self, root: Path, settings: Settings | None = None) -> None:
        self.shelf = Shelf(root)
        self.world = HttpWorld(settings, library=self.shelf.library)
        self.row = self.shelf.song("song.flac", COVER)
        self.url = f"/v1/artwork/{self.row.artwork}"


@pytest.fixture
def gallery(tmp_path: Path) -> Gallery:
    return Gallery(tmp_path, Settings(allow_origin=(APP,)))


async def test_a_cover_for_everybody_for_a_year(gallery: Gallery) -> None:
    response = await gallery.world.client().get(gallery.url)
    assert (response.status_code, response.content) == (200, COVER)
    headers = response.headers
    assert headers["content-type"] == "image/png"
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["content-disposition"] == "inline"
    # A page elsewhere may show it, also one that is isolated; what was kept for it suits one that reads it.
    assert headers["cross-origin-resource-policy"] == "cross-origin"
    assert "Origin" in headers["vary"]
    response = await gallery.world.client().get(gallery.url, headers={"Origin": APP})
    assert response.headers["access-control-allow-origin"] == APP


async def test_a_smaller_one(gallery: Gallery) -> None:
    small = await gallery.world.client().get(f"{gallery.url}?size=64")
    assert small.headers["content-type"] == "image/webp"
    assert len(small.content) < len(COVER)
    whole = await gallery.world.client().get(gallery.url)
    assert small.headers["etag"] != whole.headers["etag"]


async def test_who_has_it_gets_nothing(gallery: Gallery) -> None:
    client = gallery.world.client()
    etag = (await client.get(gallery.url)).headers["etag"]
    (gallery.shelf.library.root / "song.flac").unlink()
    response = await client.get(gallery.url, headers={"If-None-Match": etag})
    assert (response.status_code, response.content) == (304, b"")
    head = await client.head(gallery.url)
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize("size", ["65", "0", "-1", "", "64.0", "+64", "10000000", "large"])
async def test_no_other_sizes(gallery: Gallery, size: str) -> None:
    response = await gallery.world.client().get(gallery.url, params={"size": size})
    assert refused(response) == (400, "bad_request")


@pytest.mark.parametrize(
    "name", ["0" * 32, "", "0" * 31, "0" * 33, "A" * 32, "..%2F..%2Fetc%2Fpasswd", "%00", "song.flac"]
)
async def test_what_is_no_cover(gallery: Gallery, name: str) -> None:
    # Tracks without a picture are not what an empty name means.
    gallery.shelf.change(gallery.row.id, artwork="")
    assert refused(await gallery.world.client().get(f"/v1/artwork/{name}")) == (404, "not_found")


async def test_a_picture_that_could_run(gallery: Gallery) -> None:
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    row = gallery.shelf.song("other.flac", svg)
    response = await gallery.world.client().get(f"/v1/artwork/{row.artwork}")
    assert refused(response) == (404, "not_found")
    assert response.headers["cache-control"] == "no-store"


async def test_strangers_are_counted(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path, Settings(limits=Limits(http_requests=3)))
    client = gallery.world.client(STRANGER)
    for _ in range(3):
        assert (await client.get(gallery.url)).status_code == 200
    assert refused(await client.get(gallery.url)) == (429, "rate_limited")
