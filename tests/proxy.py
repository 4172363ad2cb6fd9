"""A TCP proxy that breaks things.

Stands between a client and a server on the loopback interface and, when told, loses what passes: a request
before the server sees it, or an answer after the server sent it. Knows bytes and directions. Does not know
protocols: a test tells it at a moment when the next thing to pass is what it means.
"""

import asyncio
from contextlib import suppress
from enum import Enum
from urllib.parse import urlsplit

CHUNK_BYTES = 64 * 1024


class Fault(Enum):
    REQUEST_CUT = "the next request is lost and its connection ends"
    ANSWER_CUT = "the next answer is lost and its connection ends"
    ANSWER_STALLED = "the next answer is lost and its connection stays"


class FaultProxy:
    """`async with FaultProxy(url) as proxy:` and give `proxy.url` to the client."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._fault: Fault | None = None
        # Set when a fault was met, which may be waited for.
        self.met = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        port = self._server.sockets[0].getsockname()[1]
        user = f"{self._url.username}@" if self._url.username else ""
        return self._url._replace(netloc=f"{user}127.0.0.1:{port}").geturl()

    def lead_to(self, url: str) -> None:
        """From now on connections are made to another server."""
        self._url = urlsplit(url)

    def break_next(self, fault: Fault) -> None:
        """The next bytes in the fault's direction, on whatever connection, meet it."""
        self._fault = fault
        self.met.clear()

    async def __aenter__(self) -> "FaultProxy":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self._url.hostname, self._url.port)
        for source, target, faults in (
            (reader, back, (Fault.REQUEST_CUT,)),
            (there, writer, (Fault.ANSWER_CUT, Fault.ANSWER_STALLED)),
        ):
            task = asyncio.create_task(self._pump(source, target, (writer, back), faults))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(
        self,
        source: asyncio.StreamReader,
        target: asyncio.StreamWriter,
        both: tuple[asyncio.StreamWriter, asyncio.StreamWriter],
        faults: tuple[Fault, ...],
    ) -> None:
        with suppress(ConnectionError):
            while data := await source.read(CHUNK_BYTES):
                if self._fault not in faults:
                    target.write(data)
                    await target.drain()
                    continue
                met, self._fault = self._fault, None
                self.met.set()
                if met is not Fault.ANSWER_STALLED:
                    break
        for writer in both:
            writer.close()
