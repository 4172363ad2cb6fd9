"""A TCP proxy with a tap: what passes can be stopped without a word, or cut off.

Where `tests.proxy` breaks one message, this breaks the way: a peer that is half open, or gone. Knows bytes.
Does not know protocols.
"""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

_CHUNK_BYTES = 64 * 1024


class Valve:
    """`async with Valve(url) as valve:` and give `valve.url` to the client."""

    def __init__(self, url: str) -> None:
        self._to = urlsplit(url)
        self._flows = asyncio.Event()
        self._flows.set()
        self._is_cut = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._connections: set[asyncio.StreamWriter] = set()
        # Set whenever a client comes, also one that is sent away; a test may clear it and wait.
        self.visited = asyncio.Event()

    @property
    def url(self) -> str:
        port = self._server.sockets[0].getsockname()[1]
        user = f"{self._to.username}@" if self._to.username else ""
        return self._to._replace(netloc=f"{user}127.0.0.1:{port}").geturl()

    def stall(self) -> None:
        """Nothing passes any more; connections stay, and new ones are taken in."""
        self._flows.clear()

    def cut(self) -> None:
        """All connections end, and so does every new one."""
        self._is_cut = True
        for writer in self._connections:
            writer.close()

    def mend(self, url: str | None = None) -> None:
        """Everything passes again, perhaps to another server."""
        if url is not None:
            self._to = urlsplit(url)
        self._is_cut = False
        self._flows.set()

    async def __aenter__(self) -> "Valve":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.cut()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visited.set()
        if self._is_cut:
            writer.close()
            return
        there, back = await asyncio.open_connection(self._to.hostname, self._to.port)
        self._connections |= {writer, back}
        for source, target in ((reader, back), (there, writer)):
            task = asyncio.create_task(self._pump(source, target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await source.read(_CHUNK_BYTES):
                await self._flows.wait()
                target.write(data)
                await target.drain()
        target.close()
        self._connections.discard(target)
