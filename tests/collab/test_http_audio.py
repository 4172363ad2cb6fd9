"""Music over HTTP, as players, downloaders and strangers ask for it."""

import os
from pathlib import Path

import httpx
import pytest

from collab.config import Limits, Settings
from collab.music import audience
from collab.music.audio_blocks import BLOCK_BYTES
from collab.music.library import id_of_path
from tests.collab.http_world import HttpWorld, Person, refused
from tests.collab.music.shelf import Shelf

SOUND = os.urandom(BLOCK_BYTES + 12_345)
SIZE = len(SOUND)

# Recorded of Chromium 156: an `<audio preload=auto>`, and a seek. The others as they are known to ask.
CHROMIUM = {
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Sec-Fetch-Mode": "no-cors",
    "Sec-Fetch-Dest": "audio",
}
FIREFOX = {
    "Accept": "audio/webm,audio/ogg,audio/wav,audio/*;q=0.9,application/ogg;q=0.7,video/*;q=0.6,*/*;q=0.5",
    "Accept-Encoding": "identity",
    "Sec-Fetch-Dest": "audio",
}
SAFARI = {
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "X-Playback-Session-Id": "6A1B1E4C-0F0B-4D3B-8A58-1D8B7C7F0A11",
}


class Music:
    def __init__(self, root: Path, settings: Settings | None = None) -> None:
        self.shelf = Shelf(root)
        self.world = HttpWorld(settings, library=self.shelf.library)
        self.path = root / "Artist" / "song.mp3"
        self.path.parent.mkdir()
        self.path.write_bytes(SOUND)
        self.track = id_of_path("Artist/song.mp3")
        self.shelf.add("Artist/song.mp3")

    @property
    def url(self) -> str:
        return f"/v1/audio/{self.track}"

    async def ask(self, who: Person, method: str = "GET", **lines: str) -> httpx.Response:
        headers = {name.replace("_", "-"): line for name, line in lines.items()}
        return await who.send(method, self.url, headers=headers)


@pytest.fixture
def music(tmp_path: Path) -> Music:
    return Music(tmp_path)


@pytest.fixture
async def ada(music: Music) -> Person:
    return await music.world.guest()


async def test_a_whole_song(music: Music, ada: Person) -> None:
    response = await music.ask(ada)
    assert (response.status_code, response.content) == (200, SOUND)
    headers = response.headers
    assert headers["content-type"] == "audio/mpeg"
    assert headers["content-length"] == str(SIZE)
    assert headers["accept-ranges"] == "bytes"
    assert headers["cache-control"] == "private, max-age=86400"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-disposition"] == "inline"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["etag"].startswith('"')
    assert "Origin" in headers["vary"]
    assert not any("song" in value.lower() or "artist" in value.lower() for value in headers.values())


async def test_only_with_a_token(music: Music, ada: Person) -> None:
    client = music.world.client()
    assert refused(await client.get(music.url)) == (401, "token_missing")
    token = ada.session["token"]
    for stranger in (f"{music.url}?token={token}", f"{music.url}?access_token={token}"):
        assert refused(await client.get(stranger)) == (401, "token_missing")
    headers = {"Authorization": f"Bearer {token[:-2]}"}
    assert refused(await client.get(music.url, headers=headers)) == (401, "token_invalid")


async def test_head_says_what_get_would(music: Music, ada: Person) -> None:
    got, head = await music.ask(ada), await music.ask(ada, "HEAD", Range="bytes=0-1")
    assert (head.status_code, head.content) == (200, b"")
    assert dict(head.headers) == dict(got.headers)


PARTS = {
    "Chromium begins": ({**CHROMIUM, "Range": "bytes=0-"}, 0, SIZE),
    "Chromium seeks": ({**CHROMIUM, "Range": f"bytes=200000-{SIZE - 1}", "If-Range": "ETAG"}, 200_000, SIZE),
    "Firefox begins": ({**FIREFOX, "Range": "bytes=0-"}, 0, SIZE),
    "Firefox seeks": ({**FIREFOX, "Range": "bytes=200000-", "If-Range": "ETAG"}, 200_000, SIZE),
    "Safari looks": ({**SAFARI, "Range": "bytes=0-1"}, 0, 2),
    "Safari begins": ({**SAFARI, "Range": f"bytes=0-{SIZE - 1}"}, 0, SIZE),
    "Safari seeks": ({**SAFARI, "Range": f"bytes=131072-{SIZE - 1}"}, 131_072, SIZE),
    "curl and wget go on": ({"Range": "bytes=1000-"}, 1_000, SIZE),
    "the tags at the end": ({"Range": "bytes=-128"}, SIZE - 128, SIZE),
    "across two blocks": (
        {"Range": f"bytes={BLOCK_BYTES - 1}-{BLOCK_BYTES}"},
        BLOCK_BYTES - 1,
        BLOCK_BYTES + 1,
    ),
    "pieces of one stretch": ({"Range": "bytes=0-99, 100-199"}, 0, 200),
}


@pytest.mark.parametrize("who", PARTS)
async def test_a_part(music: Music, ada: Person, who: str) -> None:
    lines, start, end = PARTS[who]
    etag = (await music.ask(ada, "HEAD")).headers["etag"]
    headers = {name: line.replace("ETAG", etag) for name, line in lines.items()}
    response = await ada.send("GET", music.url, headers=headers)
    assert (response.status_code, response.content) == (206, SOUND[start:end])
    assert response.headers["content-range"] == f"bytes {start}-{end - 1}/{SIZE}"
    assert response.headers["content-length"] == str(end - start)
    assert response.headers["etag"] == etag
    assert response.headers["content-type"] == "audio/mpeg"


async def test_scattered_parts_are_answered_with_all(music: Music, ada: Person) -> None:
    response = await music.ask(ada, Range="bytes=0-1, 500-501")
    assert (response.status_code, response.content) == (200, SOUND)


@pytest.mark.parametrize("line", [f"bytes={SIZE}-", f"bytes={SIZE + 5}-{SIZE + 9}", "bytes=-0"])
async def test_a_part_that_is_not_there(music: Music, ada: Person, line: str) -> None:
    response = await music.ask(ada, Range=line)
    assert refused(response) == (416, "range_beyond")
    assert response.headers["content-range"] == f"bytes */{SIZE}"
    assert response.headers["cache-control"] == "no-store"


async def test_who_has_it_gets_nothing(music: Music, ada: Person) -> None:
    etag = (await music.ask(ada, "HEAD")).headers["etag"]
    for method in ("GET", "HEAD"):
        response = await music.ask(ada, method, If_None_Match=f"W/{etag}")
        assert (response.status_code, response.content) == (304, b"")
        assert response.headers["etag"] == etag
        assert response.headers["cache-control"] == "private, max-age=86400"
    assert (await music.ask(ada, If_None_Match='"else"')).status_code == 200


async def test_another_file_in_its_place(music: Music, ada: Person) -> None:
    etag = (await music.ask(ada, "HEAD")).headers["etag"]
    music.path.write_bytes(SOUND[::-1])
    os.utime(music.path, ns=(0, 0))
    # Who was half way begins anew, or hears that it must.
    response = await music.ask(ada, Range="bytes=1000-", If_Range=etag)
    assert (response.status_code, response.content) == (200, SOUND[::-1])
    assert response.headers["etag"] != etag
    assert refused(await music.ask(ada, Range="bytes=1000-", If_Match=etag)) == (412, "other_contents")
    assert (await music.ask(ada, If_None_Match=etag)).status_code == 200


async def test_a_file_that_is_gone(music: Music, ada: Person) -> None:
    music.path.unlink()
    response = await music.ask(ada)
    assert refused(response) == (404, "not_found")
    assert "file of this track" in response.json()["error"]["message"]


async def test_a_link_out_of_the_folder(music: Music, ada: Person, tmp_path: Path) -> None:
    outside = tmp_path.parent / "secret"
    outside.write_bytes(b"secret")
    music.path.unlink()
    music.path.symlink_to(outside)
    assert refused(await music.ask(ada)) == (404, "not_found")
    music.path.unlink()
    music.path.parent.rmdir()
    music.path.parent.symlink_to(outside.parent, target_is_directory=True)
    assert refused(await music.ask(ada)) == (404, "not_found")


@pytest.mark.parametrize(
    "path",
    [
        "a" * 22,
        "Artist%2Fsong.mp3",
        "..%2F..%2Fetc%2Fpasswd",
        "%2e%2e",
        "tutti:track:" + "a" * 22,
        "a" * 23,
        "%00",
    ],
)
async def test_no_path_comes_from_a_client(music: Music, ada: Person, path: str) -> None:
    assert refused(await ada.get(f"/v1/audio/{path}")) == (404, "not_found")


@pytest.mark.parametrize(
    "media_type",
    [
        "text/html",
        "image/svg+xml",
        "",
        "audio/",
        "audio/mpeg, text/html",
        "audio/ogg\r\nSet-Cookie: a=b",
        "audio/ö",
    ],
)
async def test_what_is_no_audio_is_not_shown(music: Music, ada: Person, media_type: str) -> None:
    music.shelf.change(music.track, media_type=media_type)
    assert (await music.ask(ada)).headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize("media_type", ["audio/ogg; codecs=opus", 'audio/mp4; codecs="mp4a.40.2"'])
async def test_what_needs_a_codec_says_which(music: Music, ada: Person, media_type: str) -> None:
    music.shelf.change(music.track, media_type=media_type)
    assert (await music.ask(ada)).headers["content-type"] == media_type


async def test_who_fetches_too_much_at_once_is_told(
    music: Music, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audience, "LISTENERS_A_USER_MAX", 0)
    response = await music.ask(ada)
    assert refused(response) == (429, "rate_limited")
    assert response.headers["retry-after"] == "2"
    # Looking costs nothing.
    assert (await music.ask(ada, "HEAD")).status_code == 200


async def test_it_counts_as_a_request(tmp_path: Path) -> None:
    music = Music(tmp_path, Settings(limits=Limits(http_requests=3)))
    ada = await music.world.guest()
    for _ in range(3):
        assert (await music.ask(ada, "HEAD")).status_code == 200
    assert refused(await music.ask(ada)) == (429, "rate_limited")
