"""From a server's file to samples, in a player's thread."""

import asyncio
from typing import Any

import pytest

from tests.clients.sounds import sound
from tutti_client import music
from tutti_client.errors import CannotPlay, ClientError, RequestRefused, Unreachable
from tutti_client.mixer import SAMPLE_RATE, Wave
from tutti_client.music import Music
from tutti_client.tones import tone

SONG = {"track": "tutti:track:" + "a" * 22}
OTHER = {"track": "spotify:track:1"}


class Files:
    """An `Audio` with these files by URI; None never comes."""

    def __init__(self, files: dict[str, bytes | None]) -> None:
        self._files = files
        self.was_cancelled = asyncio.Event()
        self.troubles: list[ClientError] = []

    async def fetch(self, track: str) -> bytes:
        if self.troubles:
            raise self.troubles.pop()
        if track not in self._files:
            raise RequestRefused(404, "not_found", "There is no such thing.")
        content = self._files[track]
        if content is None:
            try:
                await asyncio.Event().wait()
            finally:
                self.was_cancelled.set()
        assert content is not None
        return content


async def made(source: Music, track: dict[str, Any]) -> Wave:
    """As a player makes it: not in the event loop."""
    return await asyncio.to_thread(source, track)


async def test_a_track_of_the_server_is_fetched_and_decoded() -> None:
    source = Music(Files({SONG["track"]: sound("VORBIS")}))  # type: ignore[arg-type]
    assert len((await made(source, SONG)).samples) == 2 * SAMPLE_RATE


async def test_any_other_track_is_silent_or_a_tone() -> None:
    files: Any = Files({})
    with pytest.raises(CannotPlay, match="no file"):
        await made(Music(files), OTHER)
    assert await made(Music(files, otherwise=tone), OTHER) == tone(OTHER)
    # What the server should have and does not is not replaced.
    with pytest.raises(RequestRefused):
        await made(Music(files, otherwise=tone), SONG)


async def test_a_song_is_not_broken_because_the_line_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(music, "AGAIN_S", 0.0)
    files: Any = Files({SONG["track"]: sound("WAV")})
    files.troubles = [
        Unreachable("unreachable", "There is no server."),
        RequestRefused(429, "rate_limited", "Too many requests."),
        RequestRefused(503, "overloaded", "This node has too much to do."),
    ]
    assert (await made(Music(files), SONG)).samples


async def test_what_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(music, "FETCH_S", 0.01)
    files: Any = Files({SONG["track"]: None})
    with pytest.raises(CannotPlay, match="arrive"):
        await made(Music(files), SONG)
    await files.was_cancelled.wait()
