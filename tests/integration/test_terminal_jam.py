"""The example that plays a Jam in a terminal, as a person sees and types it."""

import asyncio
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.integration.world import world

EXAMPLE = Path(__file__).parents[2] / "examples" / "terminal_jam.py"
PATIENCE_S = 60


class Terminal:
    """A person at the example."""

    def __init__(self, url: str, *arguments: str) -> None:
        self._ours, theirs = pty.openpty()
        command = [sys.executable, str(EXAMPLE), "--url", url, "--mute", *arguments]
        environment = {**os.environ, "COLUMNS": "120", "LINES": "60"}
        self._process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
        os.close(theirs)
        self._seen = ""
        self._news = asyncio.Event()
        self._has_ended = False
        # Always: a program whose terminal takes nothing more stands still.
        asyncio.get_running_loop().add_reader(self._ours, self._read)

    def _read(self) -> None:
        try:
            self._seen += os.read(self._ours, 65536).decode(errors="replace")
        except OSError:  # the program has ended
            asyncio.get_running_loop().remove_reader(self._ours)
            self._has_ended = True
        self._news.set()

    async def shows(self, pattern: str) -> re.Match[str]:
        """Returns when this stands somewhere in what it has drawn since it was asked last."""
        while (found := re.search(pattern, self._seen)) is None:
            assert not self._has_ended, self._seen[-3000:]
            self._news.clear()
            await self._news.wait()
        self._seen = self._seen[found.end() :]
        return found

    def types(self, line: str) -> None:
        os.write(self._ours, f"{line}\r".encode())

    async def ends(self) -> None:
        while not self._has_ended:
            self._news.clear()
            await self._news.wait()

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._ours)
        self._process.kill()
        self._process.wait()
        os.close(self._ours)


@contextmanager
def terminal(url: str, *arguments: str) -> Iterator[Terminal]:
    opened = Terminal(url, *arguments)
    try:
        yield opened
    finally:
        opened.close()


async def test_two_terminals_in_one_jam(tmp_path: Path) -> None:
    async with asyncio.timeout(PATIENCE_S), world(tmp_path) as node:
        url = f"http://127.0.0.1:{node.port}"
        with terminal(url, "--name", "Ada") as ada:
            code = (await ada.shows(r"code \x1b\[1m([A-Z0-9]{4}-[A-Z0-9]{4})"))[1]
            with terminal(url, "--name", "Ben", code) as ben:
                await ada.shows(r"Ada\*  Ben")
                await ben.shows("Nothing plays")
                ben.types("a Blue in Green 3:00")
                await ada.shows(r"Blue in Green +\+1  Ben")
                ada.types("v 1")
                await ben.shows(r"Blue in Green +\+2\+ Ben")
                ben.types("n")
                await ben.shows("Your role does not allow this")
                ada.types("p")
                await ben.shows("in time: ")
                # What would steer a terminal is not even typed.
                ben.types("c über\x1b[31m")
                await ada.shows(r"Ben: über\[31m")
                ada.types("kick ben")
                await ben.shows("taken out of this Jam")
                await ben.ends()
            ada.types("q")
            await ada.ends()
