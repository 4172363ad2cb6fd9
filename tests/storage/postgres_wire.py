"""What passes between a node and PostgreSQL, counted.

Stands between both on the loopback interface and counts the messages that the client sends, by the letter
that PostgreSQL's protocol gives them. Knows how messages are framed (its manual: "Message Formats"). Does not
know what they say.
"""

import asyncio
from collections import Counter
from contextlib import suppress
from urllib.parse import urlsplit

PARSE, DESCRIBE, FLUSH, BIND, EXECUTE, SYNC = "P", "D", "H", "B", "E", "S"
_CHUNK_BYTES = 64 * 1024
_LENGTH_BYTES = 4
_NO_TLS, _TLS_REQUEST = b"N", 80877103


class WireCounter:
    """`async with WireCounter(url) as wire:` and give `wire.url` to the client."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._sent: Counter[str] = Counter()
        self._legs: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        port = self._server.sockets[0].getsockname()[1]
        return self._url._replace(netloc=f"{self._url.username}@127.0.0.1:{port}").geturl()

    def take(self) -> dict[str, int]:
        """What clients sent since the last call. After each `SYNC` or `FLUSH` they wait for the server, so
        those are the round trips."""
        taken, self._sent = dict(self._sent), Counter()
        return taken

    async def __aenter__(self) -> "WireCounter":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for leg in self._legs:
            leg.cancel()
        await asyncio.gather(*self._legs, return_exceptions=True)

    async def _accept(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_connection(self._url.hostname, self._url.port)
        for leg in (self._forth(client, to_client, to_server), self._back(server, to_client)):
            task = asyncio.create_task(leg)
            self._legs.add(task)
            task.add_done_callback(self._legs.discard)

    async def _forth(
        self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter, to_server: asyncio.StreamWriter
    ) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            start = await self._frame(client)
            if int.from_bytes(start[_LENGTH_BYTES:]) == _TLS_REQUEST:
                to_client.write(_NO_TLS)
                start = await self._frame(client)
            to_server.write(start)
            while True:
                letter = await client.readexactly(1)
                frame = await self._frame(client)
                self._sent[letter.decode()] += 1
                to_server.write(letter + frame)
        to_server.close()

    async def _back(self, server: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await server.read(_CHUNK_BYTES):
                to_client.write(data)
        to_client.close()

    async def _frame(self, source: asyncio.StreamReader) -> bytes:
        length = await source.readexactly(_LENGTH_BYTES)
        return length + await source.readexactly(int.from_bytes(length) - _LENGTH_BYTES)
