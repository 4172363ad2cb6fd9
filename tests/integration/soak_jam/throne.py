"""The host's process, from outside: started, listened to, killed, started again.

Knows processes and lines. What the host does there is `host`'s.
"""

import asyncio
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from tests.integration.soak_jam.person import HUNG_S
from tests.integration.soak_jam.reports import Began, Tell, read
from tutti_client import Guest


class Throne:
    """The same person, on the same device, in one process after the other."""

    def __init__(self, url: str, guest: Guest, log: Path, tell: Tell, seed: int, moves_s: float) -> None:
        self.guest = guest
        self.kills = 0
        self.began: asyncio.Future[Began] = asyncio.get_running_loop().create_future()
        self._url = url
        self._log = log
        self._tell = tell
        self._seed = seed
        self._moves_s = moves_s
        self._process: asyncio.subprocess.Process | None = None
        self._listening: asyncio.Task[None] | None = None

    async def start(self, jam: str, cohosts: Sequence[str] = ()) -> None:
        """`jam` is `-` for a new one."""
        arguments = [self._url, await self.guest(), jam, self._seed + self.kills, self._moves_s, *cohosts]
        with self._log.open("a") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.integration.soak_jam.host", *map(str, arguments)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        self._listening = asyncio.create_task(self._listen(self._process))

    async def kill(self) -> None:
        """SIGKILL. What it had written before is heard."""
        self.kills += 1
        await self._end(signal.SIGKILL)

    async def close(self) -> None:
        """Whatever it is doing."""
        if self._process is not None:
            await self._end(signal.SIGKILL)

    async def end_jam(self) -> int:
        """The host ends the Jam and then the program; returns its exit code."""
        process = self._process
        assert process is not None, "the host is there at the end"
        assert process.stdin is not None, "it is a pipe"
        process.stdin.write(b"end\n")
        async with asyncio.timeout(HUNG_S):
            return await self._gone(process)

    async def _end(self, how: signal.Signals) -> None:
        process = self._process
        assert process is not None, "the caller started it"
        if process.returncode is None:
            process.send_signal(how)
        await self._gone(process)

    async def _gone(self, process: asyncio.subprocess.Process) -> int:
        if self._listening is not None:
            await self._listening
        self._process = self._listening = None
        return await process.wait()

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None, "it is a pipe"
        async for line in process.stdout:
            try:
                report = read(line)
            except msgspec.DecodeError:
                if line.endswith(b"\n"):
                    raise
                return  # it was killed while it wrote
            if isinstance(report, Began):
                self.began.set_result(report)
            self._tell(report)
