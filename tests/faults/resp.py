"""A proxy before Redis that understands as much of its protocol as faults need.

Lets requests pass, and loses, repeats or reorders messages of subscriptions on their way back, or goes deaf:
connections that stand get no more messages of documents. Knows how RESP values are framed (the protocol's
specification, versions 2 and 3). Does not know what they mean to a node.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from random import Random
from urllib.parse import urlsplit

_CHUNK_BYTES = 64 * 1024
# What is held back is passed on behind so many others.
_BEHIND = 1
_AGGREGATES = {b"*": 1, b">": 1, b"~": 1, b"%": 2}
_MESSAGES = (b"message", b"smessage")
_OF_DOCUMENT = b":document:"


class RedisProxy:
    """`async with RedisProxy(url, random, share) as proxy:`; of every message each of loss, repetition and
    reordering befalls `share`. Counts what it `spoiled`."""

    def __init__(self, url: str, random: Random, share: float = 0.0) -> None:
        self._to = urlsplit(url)
        self._random = random
        self._share = share
        self._tasks: set[asyncio.Task[None]] = set()
        # Those that stand now, by number: what is deaf stays deaf.
        self._connections = 0
        self._deaf_up_to = 0
        self.is_deaf_to_all = False
        self.spoiled = 0

    @property
    def url(self) -> str:
        port = self._server.sockets[0].getsockname()[1]
        return self._to._replace(netloc=f"127.0.0.1:{port}").geturl()

    def deafen(self, *, to_all: bool) -> None:
        """Connections that stand hear no documents any more, or (`to_all`) nothing that was subscribed to."""
        self._deaf_up_to = self._connections
        self.is_deaf_to_all = to_all

    async def __aenter__(self) -> "RedisProxy":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        there, back = await asyncio.open_connection(self._to.hostname, self._to.port)
        for pump in (self._pass(reader, back), self._spoil(there, writer, self._connections)):
            task = asyncio.create_task(pump)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await source.read(_CHUNK_BYTES):
                target.write(data)
                await target.drain()
        target.close()

    async def _spoil(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, connection: int
    ) -> None:
        held: list[bytes] = []
        with suppress(ConnectionError):
            async for frame in _frames(source):
                if not _is_message(frame):
                    target.write(frame)
                elif connection <= self._deaf_up_to and (self.is_deaf_to_all or _OF_DOCUMENT in frame):
                    self.spoiled += 1
                else:
                    for passed in self._spoiled(frame, held):
                        target.write(passed)
                await target.drain()
        target.close()

    def _spoiled(self, frame: bytes, held: list[bytes]) -> list[bytes]:
        """What passes now. One that is held back passes behind the next."""
        luck = self._random.random()
        late = list(held)
        held.clear()
        if luck >= 3 * self._share:
            return [frame, *late]
        self.spoiled += 1
        if luck < self._share:
            return late
        if luck < 2 * self._share:
            return [frame, frame, *late]
        held.append(frame)
        return late


def _is_message(frame: bytes) -> bool:
    """Whether a subscription said it: the word `message`, a channel, and what was said there."""
    head = frame[:64].split(b"\r\n", 3)
    return len(head) > 2 and head[0] in (b"*3", b">3") and head[2] in _MESSAGES


async def _frames(source: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Whole values as they stand on the wire."""
    with suppress(asyncio.IncompleteReadError):
        while True:
            frame = bytearray()
            missing = 1
            while missing:
                line = await source.readuntil(b"\r\n")
                frame += line
                missing -= 1
                kind, rest = line[:1], line[1:-2]
                if kind in _AGGREGATES:
                    missing += max(0, int(rest)) * _AGGREGATES[kind]
                elif kind in (b"$", b"=", b"!") and int(rest) >= 0:
                    frame += await source.readexactly(int(rest) + 2)
            yield bytes(frame)
