"""Music through real sockets: a crowd, downloaders that go on where they were, and the Python SDK."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from collab.metrics import Metrics
from storage.catalogue import TrackRow
from tests.clients.sounds import sound
from tests.collab.music.shelf import Shelf
from tests.integration.world import HUNG_S, Person, World, world
from tutti_client import Jam, Music, RequestRefused, Tutti, connect
from tutti_client.mixer import SAMPLE_RATE
from tutti_client.player import Track
from tutti_client.sound_player import SoundPlayer

SOUND = os.urandom(3 * 1024 * 1024 + 1)
LISTENERS = 50


@dataclass
class Stage:
    node: World
    song: TrackRow
    path: Path
    ada: Person

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.node.port}/v1/audio/{self.song.id}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.ada.token}"}

    @property
    def read_bytes(self) -> float:
        metrics: Metrics = self.node.server.metrics
        return metrics.registry.get_sample_value("tutti_audio_read_bytes_total") or 0.0

    async def put(self, content: bytes, duration_ms: int = 2_000) -> None:
        """Another file in the song's place."""
        self.path.write_bytes(content)
        about = {"title": "Blue Train", "artists": ("John Coltrane",), "tempo": 13_600, "key": "8A"}
        self.song = Shelf(self.path.parent).add(self.path.name, duration_ms=duration_ms, **about)
        await self.node.store.catalogue.put([self.song])


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    folder = tmp_path / "music"
    folder.mkdir()
    path = folder / "song.mp3"
    path.write_bytes(SOUND)
    song = Shelf(folder).add(path.name)
    async with world(tmp_path, songs=folder) as node:
        await node.store.catalogue.put([song])
        yield Stage(node, song, path, await node.person("Ada"))


async def test_fifty_people_hear_a_song_that_is_read_once(stage: Stage) -> None:
    people = [await stage.node.person(f"Listener {number}") for number in range(LISTENERS)]
    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=LISTENERS), timeout=HUNG_S) as client:
        heard = await asyncio.gather(
            *(client.get(stage.url, headers={"Authorization": f"Bearer {one.token}"}) for one in people)
        )
    assert all(response.content == SOUND for response in heard)
    assert stage.read_bytes == len(SOUND)


async def test_a_song_that_is_deleted_while_it_plays(stage: Stage) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", stage.node.port, limit=2 * len(SOUND))
    token = stage.headers["Authorization"]
    request = f"GET /v1/audio/{stage.song.id} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {token}\r\n\r\n"
    writer.write(request.encode())
    async with asyncio.timeout(HUNG_S):
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        stage.path.unlink()
        assert await reader.readexactly(len(SOUND)) == SOUND
    writer.close()
    async with httpx.AsyncClient(headers=stage.headers) as client:
        response = await client.get(stage.url)
    assert response.status_code == 404
    assert "not there" in response.json()["error"]["message"]


CURL = ("curl", "--silent", "--show-error", "--fail", "--continue-at", "-", "--output")
WGET = ("wget", "--quiet", "--continue", "--output-document")


@pytest.mark.parametrize("command", [CURL, WGET], ids=["curl", "wget"])
async def test_a_downloader_goes_on_where_it_was(
    stage: Stage, tmp_path: Path, command: tuple[str, ...]
) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"there is no {command[0]} here")
    part = tmp_path / "part"
    for have in (0, 1, 3_000_000, len(SOUND) - 1):
        part.write_bytes(SOUND[:have])
        header = f"Authorization: Bearer {stage.ada.token}"
        more = ("--header", header) if command is WGET else ("-H", header)
        program = await asyncio.create_subprocess_exec(*command, str(part), *more, stage.url)
        async with asyncio.timeout(HUNG_S):
            assert await program.wait() == 0
        assert part.read_bytes() == SOUND


async def test_the_sdk_finds_a_song_and_hears_it(stage: Stage) -> None:
    await stage.put(sound("MP3"))
    async with connect(f"http://127.0.0.1:{stage.node.port}", token=stage.ada.token) as tutti:
        found = await tutti.search("blue tr", limit=5)
        assert (found.total, found.items[0].name) == (1, "Blue Train")
        uri = f"tutti:track:{stage.song.id}"
        assert await tutti.track(uri) == await tutti.track(stage.song.id) == found.items[0]
        jam = await tutti.start_jam()
        assert await jam.add(found.items[0].track)
        assert [(song.title, song.artists) for song in jam.queue] == [("Blue Train", "John Coltrane")]
        with pytest.raises(RequestRefused):
            await tutti.track("a" * 22)
        assert await tutti.audio.fetch(uri) == stage.path.read_bytes()
        wave = await asyncio.to_thread(Music(tutti.audio), {"track": uri})
        assert len(wave.samples) == 2 * SAMPLE_RATE
        stage.path.unlink()
        with pytest.raises(RequestRefused, match="not there"):
            await tutti.audio.fetch(uri)


class Heard(SoundPlayer):
    """Plays for nobody, and tells a test when a song has begun, or will never."""

    def __init__(self, tutti: Tutti) -> None:
        super().__init__(Music(tutti.audio), silent=True)
        self.has_begun, self.is_stuck = asyncio.Event(), asyncio.Event()

    def start(self, track: Track, position_ms: float, at_ms: float, now_ms: float) -> None:
        super().start(track, position_ms, at_ms, now_ms)
        self.has_begun.set()

    def is_broken(self, track: Track) -> bool:
        is_broken = super().is_broken(track)
        if is_broken:
            self.is_stuck.set()
        return is_broken


@asynccontextmanager
async def jamming(stage: Stage, *names: str) -> AsyncIterator[list[tuple[Tutti, Jam]]]:
    """The song plays in a Jam in which these are, the first as host."""
    async with AsyncExitStack() as stack:
        url = f"http://127.0.0.1:{stage.node.port}"
        people = [
            await stack.enter_async_context(connect(url, token=(await stage.node.person(name)).token))
            for name in names
        ]
        jams = [await people[0].start_jam()]
        jams += [await someone.join_jam((await jams[0].code()).code) for someone in people[1:]]
        await jams[0].add((await people[0].track(stage.song.id)).track)
        await jams[0].play()
        yield list(zip(people, jams, strict=True))


async def test_a_jam_is_heard_in_a_terminal(stage: Stage) -> None:
    await stage.put(sound("VORBIS", 20.0), duration_ms=20_000)
    async with asyncio.timeout(HUNG_S), jamming(stage, "Ada") as [(tutti, jam)]:
        with Heard(tutti) as player:
            async with jam.playing_on(player):
                await player.has_begun.wait()
                assert jam.now_playing
                assert player.is_ready(jam.now_playing.song.track, tutti.now_ms())


async def test_whose_terminal_cannot_play_a_song_is_told_and_the_others_hear_it(stage: Stage) -> None:
    await stage.put(sound("OPUS"), duration_ms=20_000)
    async with asyncio.timeout(HUNG_S), jamming(stage, "Ada", "Ben") as [_, (tutti, jam)]:
        with Heard(tutti) as player:
            async with jam.playing_on(player):
                await player.is_stuck.wait()
                assert jam.now_playing
                assert "Opus" in str(player.why_broken(jam.now_playing.song.track))
                # Ben still takes part.
                await jam.say("I hear nothing")
                assert jam.now_playing.song.title == "Blue Train"
