"""A file that arrives in stretches, from a server that does as it is told."""

import re
from collections.abc import Iterator
from contextlib import aclosing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar

import pytest

from collab.errors import CallerError
from tutti_client import audio
from tutti_client.audio import RESUMES_MAX, Audio
from tutti_client.errors import CannotPlay, RequestRefused, Unreachable
from tutti_client.tokens import TokenSource

TRACK = "tutti:track:" + "a" * 22
SOUND = bytes(number % 251 for number in range(400_000))


class FileHandler(BaseHTTPRequestHandler):
    """Serves `sound`, and breaks off after each number of `breaks` bytes."""

    sound: ClassVar[bytes] = SOUND
    etag: ClassVar[str] = '"one"'
    breaks: ClassVar[list[int]] = []
    # Whether the file is another one when a connection has broken.
    changes: ClassVar[bool] = False
    asked: ClassVar[list[tuple[str | None, str | None]]] = []

    def do_GET(self) -> None:
        server = type(self)
        span, match = self.headers["range"], self.headers["if-match"]
        server.asked.append((span, match))
        if self.path != f"/v1/audio/{'a' * 22}":
            self._refuse(404, "not_found")
        elif match not in (None, self.etag):
            self._refuse(412, "other_contents")
        else:
            start = int(re.fullmatch(r"bytes=(\d+)-", span)[1]) if span else 0
            self.send_response(206 if span else 200)
            if span:
                self.send_header("Content-Range", f"bytes {start}-{len(self.sound) - 1}/{len(self.sound)}")
            self.send_header("Content-Length", str(len(self.sound) - start))
            if self.etag:
                self.send_header("ETag", self.etag)
            self.end_headers()
            count = server.breaks.pop(0) if server.breaks else len(self.sound)
            self.wfile.write(self.sound[start : start + count])
            if server.changes:
                server.etag = '"two"'
        self.close_connection = True

    def _refuse(self, status: int, code: str) -> None:
        body = b'{"error": {"status": %d, "message": "No.", "code": "%s"}}' % (status, code.encode())
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def files() -> type[FileHandler]:
    class Handler(FileHandler):
        breaks: ClassVar[list[int]] = []
        asked: ClassVar[list[tuple[str | None, str | None]]] = []

    return Handler


@pytest.fixture
def music(files: type[FileHandler], monkeypatch: pytest.MonkeyPatch) -> Iterator[Audio]:
    monkeypatch.setattr(audio, "PAUSE_FIRST_S", 0.0)
    with ThreadingHTTPServer(("127.0.0.1", 0), files) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield Audio(f"http://127.0.0.1:{server.server_port}", TokenSource("token"))
        server.shutdown()
        thread.join()


async def test_a_whole_file(files: type[FileHandler], music: Audio) -> None:
    assert await music.fetch(TRACK) == SOUND
    assert await music.fetch("a" * 22) == SOUND
    assert files.asked == [(None, None)] * 2


async def test_it_goes_on_where_it_broke_off(files: type[FileHandler], music: Audio) -> None:
    files.breaks = [100_000, 1, 0, 299_000]
    assert await music.fetch(TRACK) == SOUND
    assert files.asked == [
        (None, None),
        ("bytes=100000-", '"one"'),
        ("bytes=100001-", '"one"'),
        ("bytes=100001-", '"one"'),
        ("bytes=399001-", '"one"'),
    ]


async def test_half_of_one_file_and_half_of_another_is_none(files: type[FileHandler], music: Audio) -> None:
    files.breaks, files.changes = [100_000], True
    with pytest.raises(RequestRefused) as refused:
        await music.fetch(TRACK)
    assert refused.value.code == "other_contents"
    assert await music.fetch(TRACK) == SOUND


async def test_what_has_no_strong_tag_is_not_pieced_together(files: type[FileHandler], music: Audio) -> None:
    for etag in ("", 'W/"one"'):
        files.breaks, files.etag = [100_000], etag
        with pytest.raises(Unreachable):
            await music.fetch(TRACK)
    # Before the first byte there is nothing to piece.
    files.breaks, files.etag = [0, 0], ""
    assert await music.fetch(TRACK) == SOUND


async def test_it_gives_up(files: type[FileHandler], music: Audio) -> None:
    files.breaks = [1_000] * (RESUMES_MAX + 2)
    with pytest.raises(Unreachable, match="broke off"):
        await music.fetch(TRACK)
    assert len(files.asked) == RESUMES_MAX + 1


async def test_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio, "PAUSE_LAST_S", 0.0)
    with pytest.raises(Unreachable):
        await Audio("http://127.0.0.1:1", TokenSource("token")).fetch(TRACK)


async def test_only_so_much(files: type[FileHandler], music: Audio) -> None:
    assert await music.fetch(TRACK, bytes_max=len(SOUND)) == SOUND
    with pytest.raises(CannotPlay) as refused:
        await music.fetch(TRACK, bytes_max=len(SOUND) - 1)
    assert refused.value.code == "too_large"


async def test_who_stops_listening_asks_for_no_more(files: type[FileHandler], music: Audio) -> None:
    async with aclosing(music.stream(TRACK)) as pieces:
        async for piece in pieces:
            assert SOUND.startswith(piece)
            break
    assert len(files.asked) == 1


async def test_tracks_that_are_none(files: type[FileHandler], music: Audio) -> None:
    with pytest.raises(RequestRefused) as refused:
        await music.fetch("b" * 22)
    assert (refused.value.status, refused.value.code) == (404, "not_found")
    for text in ("spotify:track:" + "a" * 22, "../secrets", "", "tutti:track:"):
        with pytest.raises(CallerError, match="catalogue"):
            await music.fetch(text)
    assert len(files.asked) == 1
