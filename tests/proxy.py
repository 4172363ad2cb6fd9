"""A TCP proxy that breaks things, and takes its time.

Stands between a client and a server on the loopback interface and, when told, loses what passes: a request
before the server sees it, or an answer after the server sent it. It may also hold back what passes, as a
network does. Knows bytes and directions. Does not know protocols: a test tells it at a moment when the next
thing to pass is what it means.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from typing import Protocol
from urllib.parse import urlsplit

CHUNK_BYTES = 64 * 1024
# What one direction holds back, in reads.
UNDER_WAY_MAX = 1_000


class Fault(Enum):
    REQUEST_CUT = "the next request is lost and its connection ends"
    ANSWER_CUT = "the next answer is lost and its connection ends"
    ANSWER_STALLED = "the next answer is lost and its connection stays"


class Route(Protocol):
    """A connection's way through a network. Times are ms since it was made; what is sent later arrives
    later."""

    def up(self, sent_ms: float) -> float:
        """When what is sent to the server now arrives there."""

    def down(self, sent_ms: float) -> float:
        """When what the server sends now arrives here."""


class FaultProxy:
    """`async with FaultProxy(url) as proxy:` and give `proxy.url` to the client. `route` makes each
    connection's way; without it everything passes at once."""

    def __init__(self, url: str, route: Callable[[], Route] | None = None) -> None:
        self._url = urlsplit(url)
        self._route = route
        self._fault: Fault | None = None
        self._within: Callable[[bytes], bool] = bool
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

    def break_next(self, fault: Fault, within: Callable[[bytes], bool] = bool) -> None:
        """The next bytes in the fault's direction, on whatever connection, meet it; with `within`, the next
        of which that is true."""
        self._fault = fault
        self._within = within
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
        route = self._route() if self._route is not None else None
        for source, target, faults, arrives in (
            (reader, back, (Fault.REQUEST_CUT,), route and route.up),
            (there, writer, (Fault.ANSWER_CUT, Fault.ANSWER_STALLED), route and route.down),
        ):
            leg = _Leg(target, arrives)
            task = asyncio.create_task(self._pump(source, leg, (writer, back), faults))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(
        self,
        source: asyncio.StreamReader,
        leg: "_Leg",
        both: tuple[asyncio.StreamWriter, asyncio.StreamWriter],
        faults: tuple[Fault, ...],
    ) -> None:
        with suppress(ConnectionError):
            while data := await source.read(CHUNK_BYTES):
                if self._fault not in faults or not self._within(data):
                    await leg.send(data)
                    continue
                met, self._fault = self._fault, None
                self.met.set()
                if met is not Fault.ANSWER_STALLED:
                    break
            await leg.delivered()
        for writer in both:
            writer.close()


class _Leg:
    """One direction of a connection: what is sent arrives when `arrives` says."""

    def __init__(self, target: asyncio.StreamWriter, arrives: Callable[[float], float] | None) -> None:
        self._target = target
        self._arrives = arrives
        self._loop = asyncio.get_running_loop()
        self._began_s = self._loop.time()
        self._under_way = 0
        self._last_s = 0.0

    async def send(self, data: bytes) -> None:
        if self._arrives is None:
            self._target.write(data)
        else:
            # Two that are due at the same time would not keep their order.
            sent_ms = (self._loop.time() - self._began_s) * 1000
            due_s = max(self._began_s + self._arrives(sent_ms) / 1000, self._last_s + 1e-6)
            self._last_s = due_s
            self._under_way += 1
            self._loop.call_at(due_s, self._arrive, data)
            if self._under_way >= UNDER_WAY_MAX:
                await self.delivered()
        await self._target.drain()

    async def delivered(self) -> None:
        """Returns when all that was sent has arrived."""
        await asyncio.sleep(max(0.0, self._last_s - self._loop.time()))

    def _arrive(self, data: bytes) -> None:
        self._under_way -= 1
        if not self._target.is_closing():
            self._target.write(data)
