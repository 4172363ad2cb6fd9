"""Where the recordings of all devices come in, with the machine's one true time.

Each page sends what its loudspeaker got, and says when it heard of each frame, by a clock that the desk
compares with its own first. Knows messages. Does not know what is heard.
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Self

import numpy as np
from websockets.asyncio.server import ServerConnection, serve

from benchmarks.beat.device_time import DeviceTime, Numbers
from benchmarks.beat.tracks import Signal

# Numbers before the stamps: how many there are in all, contexts, rate, first frame, and which frame the
# browser says is heard when.
HEAD: Final = 6
# A piece takes less than 50 KiB, unless the page's thread was busy for seconds.
MESSAGE_BYTES_MAX: Final = 2**20
SAMPLE_BYTES: Final = 2
PROBES: Final = 100


def now_ms() -> float:
    """The true time: ms of the machine's monotonic clock."""
    return time.monotonic_ns() / 1e6


class Tape:
    """What one device played, in a file: an hour of it is more than should be held.

    The desk's clock is ahead of the page's by `offset_ms`, give or take `bound_ms`.
    """

    def __init__(self, path: Path) -> None:
        self.rate = 0
        self.offset_ms = 0.0
        self.bound_ms = 0.0
        self._path = path
        self._first_frame = 0
        self._next_frame: int | None = None
        self._says: list[tuple[float, float]] = []
        self._stamps: list[Numbers] = []

    @property
    def has_begun(self) -> bool:
        return self._next_frame is not None

    def add(self, message: bytes) -> None:
        count = int(np.frombuffer(message, np.float64, 1)[0])
        numbers = np.frombuffer(message, np.float64, count)
        contexts, rate, frame, says_frame, says_ms = numbers[1:HEAD]
        assert contexts == 1, "a page plays through one context"
        if self._next_frame is None:
            self.rate = int(rate)
            self._first_frame = self._next_frame = int(frame)
        assert self._next_frame == frame, "the tap misses nothing"
        with self._path.open("ab") as file:
            written = file.write(message[count * 8 :])
        self._next_frame += written // SAMPLE_BYTES
        self._says.append((says_frame, says_ms + self.offset_ms))
        self._stamps.append(numbers[HEAD:])

    def compared(self, least_ms: float, most_ms: float) -> None:
        self.offset_ms = (least_ms + most_ms) / 2
        self.bound_ms = (most_ms - least_ms) / 2

    def pieces(self) -> Iterator[tuple[int, Signal]]:
        """All of it: each piece's first frame, and its samples. One follows the other."""
        frame = self._first_frame
        with self._path.open("rb") as file:
            while read := file.read(self.rate * SAMPLE_BYTES):
                samples = np.frombuffer(read, np.int16)
                yield frame, (samples / 32767).astype(np.float32)
                frame += len(samples)

    def time(self) -> DeviceTime:
        """When which frame was played, by the desk's clock."""
        both = np.concatenate(self._stamps)
        return DeviceTime(both[::2], both[1::2] + self.offset_ms, self.rate)

    def said_latency_ms(self) -> float:
        """How long what is played takes to be heard, as the browser says of its own part in it."""
        frames, heard_ms = np.array(self._says).T
        return float(np.median(heard_ms - self.time().at_ms(frames)))


class Desk:
    """`async with Desk(folder) as desk:`; a page that joins `desk.url` + NAME fills `desk.tapes[NAME]`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.tapes: dict[str, Tape] = {}

    async def __aenter__(self) -> Self:
        self._server = await serve(
            self._receive, "127.0.0.1", 0, compression=None, max_size=MESSAGE_BYTES_MAX
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    def said_latency_ms(self) -> float:
        """One machine, one sound system: what it holds is the same for all, and no way to tell them apart."""
        return float(np.median([tape.said_latency_ms() for tape in self.tapes.values()]))

    @property
    def url(self) -> str:
        port: int = next(iter(self._server.sockets)).getsockname()[1]
        return f"ws://127.0.0.1:{port}/"

    async def _receive(self, connection: ServerConnection) -> None:
        assert connection.request is not None, "it has come"
        name = connection.request.path.strip("/")
        tape = self.tapes[name] = Tape(self._folder / name)
        async for message in connection:
            if isinstance(message, bytes):
                tape.add(message)
            elif message == "":
                await connection.send(str(now_ms()))
            else:
                bounds = json.loads(message)
                tape.compared(bounds["leastMs"], bounds["mostMs"])
