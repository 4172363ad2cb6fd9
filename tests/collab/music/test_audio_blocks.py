"""Files that are really read, and threads that wait until a test lets them go on."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest

from collab.metrics import Metrics
from collab.music import audio_file
from collab.music.audio_blocks import BLOCK_BYTES, AudioBlocks
from collab.music.audio_file import AudioFile
from collab.music.library import FileGone

HUNG_S = 20.0
SOUND = os.urandom(3 * BLOCK_BYTES + 1_000)


class Disk:
    """Counts reads; while it is `slow` they wait for `release`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reads: list[tuple[int, int]] = []
        self.released = Event()
        self.released.set()
        self._read_at = audio_file._read_at
        monkeypatch.setattr(audio_file, "_read_at", self._count)

    @contextmanager
    def slow(self) -> Iterator[None]:
        self.released.clear()
        try:
            yield
        finally:
            self.released.set()

    def _count(self, descriptor: int, start: int, count: int) -> bytes:
        self.reads.append((start, count))
        assert self.released.wait(HUNG_S)
        return self._read_at(descriptor, start, count)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "song.mp3"
    path.write_bytes(SOUND)
    return path


def opened(path: Path) -> AudioFile:
    return AudioFile(os.open(path, os.O_RDONLY))


async def whole(blocks: AudioBlocks, file: AudioFile) -> bytes:
    count = -(-file.contents.size_bytes // BLOCK_BYTES)
    return b"".join([await blocks.block(file, number) for number in range(count)])


async def test_fifty_who_listen_to_one_file_read_it_once(disk: Disk, path: Path) -> None:
    blocks = AudioBlocks(Metrics())
    heard = await asyncio.gather(*(whole(blocks, opened(path)) for _ in range(50)))
    assert heard == [SOUND] * 50
    assert sorted(disk.reads) == [(number * BLOCK_BYTES, BLOCK_BYTES) for number in range(4)]


async def test_who_leaves_takes_the_read_from_nobody(disk: Disk, path: Path) -> None:
    blocks = AudioBlocks(Metrics())
    with disk.slow():
        first = asyncio.create_task(blocks.block(opened(path), 0))
        second = asyncio.create_task(blocks.block(opened(path), 0))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.wait([first])
    # The file of the one who left was the one that is read.
    assert await second == SOUND[:BLOCK_BYTES]
    assert len(disk.reads) == 1


async def test_a_slow_disk_does_not_hold_up_the_loop(disk: Disk, path: Path) -> None:
    blocks = AudioBlocks(Metrics())
    with disk.slow():
        waiting = [asyncio.create_task(blocks.block(opened(path), number)) for number in range(4)]
        for _ in range(100):
            await asyncio.sleep(0)
        assert not any(task.done() for task in waiting)
    assert b"".join(await asyncio.gather(*waiting)) == SOUND


async def test_only_so_much_is_kept_and_what_was_wanted_last(disk: Disk, path: Path) -> None:
    blocks, file = AudioBlocks(Metrics(), bytes_max=2 * BLOCK_BYTES), opened(path)
    for number in (0, 1, 0, 2, 0):
        await blocks.block(file, number)
    assert [start // BLOCK_BYTES for start, _ in disk.reads] == [0, 1, 2]
    await blocks.block(file, 1)
    assert len(disk.reads) == 4
    # A block of the end is short, and counts for what it is.
    await blocks.block(file, 3)
    await blocks.block(file, 1)
    assert len(disk.reads) == 5


async def test_a_file_that_is_written_to_ends(disk: Disk, path: Path) -> None:
    blocks, file = AudioBlocks(Metrics()), opened(path)
    await blocks.block(file, 0)
    path.write_bytes(SOUND[::-1])
    os.utime(path, ns=(0, 0))
    with pytest.raises(FileGone, match="changed"):
        await blocks.block(file, 1)
    # What was read before the change is of the old file, and nobody else's.
    assert await blocks.block(file, 0) == SOUND[:BLOCK_BYTES]
    assert await blocks.block(opened(path), 0) == SOUND[::-1][:BLOCK_BYTES]
    # What failed is not kept.
    os.utime(path, ns=(file.contents.mtime_ns, file.contents.mtime_ns))
    assert await blocks.block(file, 1) == SOUND[::-1][BLOCK_BYTES : 2 * BLOCK_BYTES]


async def test_a_file_that_is_cut_short_ends(disk: Disk, path: Path) -> None:
    blocks, file = AudioBlocks(Metrics()), opened(path)
    with path.open("r+b") as writing:
        writing.truncate(2 * BLOCK_BYTES)
    with pytest.raises(FileGone):
        await blocks.block(file, 3)


async def test_a_file_that_is_deleted_or_replaced_goes_on(disk: Disk, path: Path, tmp_path: Path) -> None:
    blocks, file = AudioBlocks(Metrics()), opened(path)
    other = tmp_path / "other"
    other.write_bytes(SOUND[::-1])
    other.replace(path)
    assert await whole(blocks, file) == SOUND
    replaced = opened(path)
    path.unlink()
    assert await whole(blocks, replaced) == SOUND[::-1]


async def test_a_descriptor_is_closed_when_nobody_reads_from_it(
    disk: Disk, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    descriptor, is_closed = os.open(path, os.O_RDONLY), Event()
    close = os.close

    def noted(number: int) -> None:
        close(number)
        if number == descriptor:
            is_closed.set()

    monkeypatch.setattr(os, "close", noted)
    blocks = AudioBlocks(Metrics())
    with disk.slow():
        task = asyncio.create_task(blocks.block(AudioFile(descriptor), 0))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        del task
        # Nobody listens any more, but a thread still reads.
        assert not is_closed.is_set()
    assert await asyncio.to_thread(is_closed.wait, HUNG_S)
