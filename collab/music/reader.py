"""The server's side of the process that touches the music.

Asks, waits as long as is decent, and starts another process when one does not answer: for a file that means
that it is no track, for the folder that the disk hangs. Knows the process. Does not know what the answers are
for.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from collab.errors import TuttiError
from collab.music.reader_messages import (
    ANSWERS,
    LINE_BYTES_MAX,
    Answer,
    Bad,
    Good,
    Moved,
    Page,
    Read,
    Request,
    Still,
    Walk,
    Walked,
    Watch,
    line,
)
from collab.music.tags import Tags, Unfit, Unreadable

# A disk that sleeps wakes in ten seconds.
READ_TIMEOUT_S: Final = 20.0
WALK_TIMEOUT_S: Final = 120.0
# A folder of a disk that hangs must not be asked file by file.
SILENCES_MAX: Final = 3
# It is killed; only a disk that hangs makes it stay, and on a busy machine its low priority for a while.
END_TIMEOUT_S: Final = 10.0


class ReaderLost(TuttiError):
    """The folder cannot be looked at now. The message is one sentence for the operator."""


class Reader:
    """Use `open_reader`. One question at a time."""

    def __init__(self, root: Path, read_timeout_s: float, walk_timeout_s: float) -> None:
        self._root = root
        self._read_timeout_s = read_timeout_s
        self._walk_timeout_s = walk_timeout_s
        self.process: asyncio.subprocess.Process | None = None
        self._silences = 0

    async def walk(self) -> AsyncIterator[Page]:
        """Everything in the folder. Raises ReaderLost."""
        await self._ask(Walk())
        while True:
            match await self._answer(self._walk_timeout_s):
                case Page() as page:
                    yield page
                case Walked():
                    return
                case _:
                    await self.close()
                    raise ReaderLost("The music folder does not answer; look at its disk.")

    async def read(self, path: str) -> Tags:
        """What a file's tags say. Raises Unfit, also for one that no reader survives, Unreadable, or
        ReaderLost."""
        await self._ask(Read(path))
        answer = await self._answer(self._read_timeout_s)
        match answer:
            case Good():
                self._silences = 0
                return answer.tags
            case Bad():
                self._silences = 0
                raise Unreadable(answer.why) if answer.is_passing else Unfit(answer.why)
        # Whether it died, or its parser or the disk hangs, cannot always be told.
        is_dead = (
            self.process is not None and self.process.stdout is not None and self.process.stdout.at_eof()
        )
        await self.close()
        if is_dead:
            raise Unfit("Its reader broke down over it; take it away, or encode it anew.")
        self._silences += 1
        if self._silences >= SILENCES_MAX:
            raise ReaderLost("The files of the music folder do not answer; look at its disk.")
        raise Unfit(
            f"It could not be read within {self._read_timeout_s:.0f} s; encode it anew if the disk is well."
        )

    async def movements(self) -> AsyncIterator[bool]:
        """True whenever something moved in the folder, and False now and then. Raises ReaderLost when that
        cannot be told, or not any more."""
        await self._ask(Watch())
        while isinstance(answer := await self._answer(None), Moved | Still):
            yield isinstance(answer, Moved)
        raise ReaderLost(answer.why if isinstance(answer, Bad) else "Whoever watched the folder broke down.")

    async def close(self) -> None:
        process, self.process = self.process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            with suppress(TimeoutError):
                async with asyncio.timeout(END_TIMEOUT_S):
                    await process.communicate()

    async def _ask(self, request: Request) -> None:
        if self.process is None:
            try:
                self.process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-P",  # what lies in the working folder is no module of ours
                    "-m",
                    "collab.music.reader_process",
                    str(self._root.absolute()),
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    limit=LINE_BYTES_MAX,
                )
            except OSError as error:
                raise ReaderLost(f"No process could be started to read music: {error}.") from error
        assert self.process.stdin is not None, "it was made with a pipe"
        self.process.stdin.write(line(request))
        with suppress(OSError):  # its end is noticed by its silence
            await self.process.stdin.drain()

    async def _answer(self, within_s: float | None) -> Answer | None:
        """None: it is dead, or does not answer."""
        try:
            async with asyncio.timeout(within_s):
                answer = await self._stdout.readline()
        except TimeoutError:
            return None
        return ANSWERS.decode(answer) if answer.endswith(b"\n") else None

    @property
    def _stdout(self) -> asyncio.StreamReader:
        assert self.process is not None, "whoever waits has asked"
        assert self.process.stdout is not None, "it was made with a pipe"
        return self.process.stdout


@asynccontextmanager
async def open_reader(
    root: Path, read_timeout_s: float = READ_TIMEOUT_S, walk_timeout_s: float = WALK_TIMEOUT_S
) -> AsyncIterator[Reader]:
    """Its process is started when something is asked, and ended with the `with`."""
    reader = Reader(root, read_timeout_s, walk_timeout_s)
    try:
        yield reader
    finally:
        await reader.close()
