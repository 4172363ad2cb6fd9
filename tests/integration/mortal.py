"""A server that can be killed and started again, for tests that only care that it was."""

import asyncio
import json
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from tests.collab import command


class Mortal:
    """A server in a process of its own that can be killed and started again on the same port."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._stack = ExitStack()
        self.url = ""

    async def __aenter__(self) -> "Mortal":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.kill()

    async def start(self) -> None:
        port = self.url.rpartition(":")[2] or "0"
        serving_again = command.serving(self._data, "--port", port)
        self.url = (await asyncio.to_thread(self._stack.enter_context, serving_again)).url

    async def kill(self) -> None:
        await asyncio.to_thread(self._stack.close)

    async def make_playlist(self, token: str) -> str:
        def post() -> str:
            request = urllib.request.Request(
                f"{self.url}/v1/me/playlists",
                b'{"name": "Friday"}',
                {"content-type": "application/json", "authorization": f"Bearer {token}"},
            )
            with urllib.request.urlopen(request) as response:
                return str(json.load(response)["id"])

        return await asyncio.to_thread(post)
