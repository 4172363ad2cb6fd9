"""One listener, who takes pieces as a test says."""

import asyncio
import os
from collections.abc import MutableMapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from collab.errors import Refusal
from collab.metrics import Metrics
from collab.music import audience
from collab.music.audience import LISTENERS_A_USER_MAX, PIECES_A_TURN, Audience
from collab.music.audio_blocks import BLOCK_BYTES, AudioBlocks
from collab.music.audio_file import AudioFile
from collab.music.audio_request import Part
from collab.music.audio_response import PIECE_BYTES, AudioResponse

SOUND = os.urandom(4 * BLOCK_BYTES + 100)


class Listener:
    """Takes `takes` pieces and then none; leaves when told to."""

    def __init__(self, takes: int = 1_000) -> None:
        self.left = takes
        self.got = bytearray()
        self.pieces: list[int] = []
        self.start: MutableMapping[str, Any] = {}
        self.is_complete = False
        self.is_full = asyncio.Event()
        self.leaves = asyncio.Event()

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.start = message
            return
        if not self.left:
            self.is_full.set()
            await asyncio.Event().wait()
        self.left -= 1
        self.got += message["body"]
        self.pieces.append(len(message["body"]))
        self.is_complete = not message["more_body"]

    async def receive(self) -> dict[str, Any]:
        await self.leaves.wait()
        return {"type": "http.disconnect"}


class Desk:
    def __init__(self, path: Path) -> None:
        self.metrics = Metrics()
        self.blocks = AudioBlocks(self.metrics)
        self.audience = Audience(self.metrics)
        self.path = path
        path.write_bytes(SOUND)
        self._people = 0

    def response(
        self, start: int = 0, end: int = len(SOUND), stalled_s: float = 60.0, who: str = ""
    ) -> AudioResponse:
        file = AudioFile(os.open(self.path, os.O_RDONLY))
        part = Part(start, end)
        self._people += 1
        user = who or f"listener {self._people}"
        return AudioResponse(file, part, user, self.audience, self.blocks, self.metrics, 200, {}, stalled_s)

    async def play(self, listener: Listener, response: AudioResponse) -> None:
        await response({"type": "http"}, listener.receive, listener.send)

    @property
    def read_bytes(self) -> float:
        return self.metrics.registry.get_sample_value("tutti_audio_read_bytes_total") or 0.0

    @property
    def listeners(self) -> float:
        return self.metrics.registry.get_sample_value("tutti_audio_listeners") or 0.0


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "song.mp3")


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (0, len(SOUND)),
        (0, 1),
        (len(SOUND) - 1, len(SOUND)),
        (BLOCK_BYTES - 1, BLOCK_BYTES + 1),
        (PIECE_BYTES + 7, 3 * BLOCK_BYTES + 50),
    ],
)
async def test_every_byte_in_pieces(desk: Desk, start: int, end: int) -> None:
    listener = Listener()
    await desk.play(listener, desk.response(start, end))
    assert listener.got == SOUND[start:end]
    assert listener.is_complete
    assert max(listener.pieces) <= PIECE_BYTES
    assert (b"content-length", str(end - start).encode()) in listener.start["headers"]
    assert desk.metrics.registry.get_sample_value("tutti_audio_sent_bytes_total") == end - start


async def test_for_who_takes_nothing_no_more_than_one_block_is_read(desk: Desk) -> None:
    slow = Listener(takes=1)
    playing = asyncio.create_task(desk.play(slow, desk.response()))
    await slow.is_full.wait()
    assert (desk.read_bytes, desk.listeners) == (BLOCK_BYTES, 1)
    # Others do not wait for that one.
    fast = Listener()
    await desk.play(fast, desk.response())
    assert fast.got == SOUND
    slow.leaves.set()
    await playing
    assert desk.listeners == 0
    assert not slow.is_complete


async def test_who_takes_nothing_for_long_is_let_go(desk: Desk) -> None:
    listener = Listener(takes=3)
    await desk.play(listener, desk.response(stalled_s=0.01))
    assert not listener.is_complete


async def test_fast_listeners_take_turns(desk: Desk) -> None:
    """And so does whatever else the loop has to do."""
    first, second = Listener(), Listener()
    await desk.play(Listener(), desk.response())  # everything is in memory now
    playing = asyncio.gather(desk.play(first, desk.response()), desk.play(second, desk.response()))
    most_apart = 0
    while not playing.done():
        most_apart = max(most_apart, abs(len(first.pieces) - len(second.pieces)))
        await asyncio.sleep(0)
    assert most_apart <= 1


async def test_of_fifty_fast_listeners_few_are_served_in_a_turn(desk: Desk) -> None:
    await desk.play(Listener(), desk.response())
    crowd = [Listener() for _ in range(50)]
    playing = asyncio.gather(*(desk.play(one, desk.response()) for one in crowd))
    sent: list[list[int]] = []
    while not playing.done():
        sent.append([len(one.pieces) for one in crowd])
        await asyncio.sleep(0)
    # The first piece of each is sent as they come.
    in_a_turn = [sum(after) - sum(before) for before, after in pairwise(sent) if min(before) > 0]
    assert max(in_a_turn) == PIECES_A_TURN
    assert all(one.got == SOUND for one in crowd)


async def test_a_file_that_is_changed_ends_before_its_end(desk: Desk) -> None:
    listener = Listener()
    response = desk.response()
    desk.path.write_bytes(SOUND[::-1])
    os.utime(desk.path, ns=(0, 0))
    await desk.play(listener, response)
    assert not listener.is_complete
    assert desk.listeners == 0


async def test_a_file_that_is_deleted_plays_to_its_end(desk: Desk) -> None:
    listener = Listener(takes=1)
    playing = asyncio.create_task(desk.play(listener, response := desk.response()))
    await listener.is_full.wait()
    desk.path.unlink()
    listener.leaves.set()
    await playing
    # The next part comes from the descriptor that is open.
    listener = Listener()
    await desk.play(listener, response)
    assert listener.got == SOUND


async def test_it_ends_with_its_task(desk: Desk) -> None:
    listener = Listener(takes=1)
    playing = asyncio.create_task(desk.play(listener, desk.response()))
    await listener.is_full.wait()
    playing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await playing
    assert desk.listeners == 0


async def test_one_user_listens_to_so_many_songs_at_once(desk: Desk) -> None:
    slow = [Listener(takes=1) for _ in range(LISTENERS_A_USER_MAX)]
    playing = [asyncio.create_task(desk.play(one, desk.response(who="Ada"))) for one in slow]
    for one in slow:
        await one.is_full.wait()
    refused = Listener()
    with pytest.raises(Refusal) as refusal:
        await desk.play(refused, desk.response(who="Ada"))
    assert (refusal.value.code, refused.start) == ("rate_limited", {})
    # Others may.
    other = Listener()
    await desk.play(other, desk.response(who="Ben"))
    assert other.is_complete
    slow[0].leaves.set()
    await playing[0]
    await desk.play(other, desk.response(who="Ada"))
    for one in slow:
        one.leaves.set()
    await asyncio.gather(*playing)


async def test_a_node_serves_so_many_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audience, "LISTENERS_MAX", 1)
    slow = Listener(takes=1)
    playing = asyncio.create_task(desk.play(slow, desk.response()))
    await slow.is_full.wait()
    with pytest.raises(Refusal) as refusal:
        await desk.play(Listener(), desk.response())
    assert refusal.value.code == "overloaded"
    assert refusal.value.retry_after_ms
    slow.leaves.set()
    await playing
    await desk.play(slow := Listener(), desk.response())
    assert slow.is_complete
