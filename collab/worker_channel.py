"""The socket between a supervisor and one of its workers.

Its end is news, too: whoever reads it learns at once that the other process is gone, however it went. So no
worker outlives its supervisor. Knows lines. What they mean is `worker_messages`'.
"""

import asyncio
import socket
from contextlib import suppress
from typing import Generic, Self, TypeVar

import structlog
from msgspec import MsgspecError
from msgspec.json import Decoder

from collab.worker_messages import LINE_BYTES_MAX, FromWorker, ToWorker, line

log = structlog.get_logger("tutti.workers")

M = TypeVar("M")


class Channel(Generic[M]):
    """One end. Made by `open`, which is told what the other end says."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, decoder: Decoder[M]
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._decoder = decoder

    @classmethod
    async def open(cls, end: socket.socket, decoder: Decoder[M]) -> Self:
        end.setblocking(False)
        reader, writer = await asyncio.open_unix_connection(sock=end, limit=LINE_BYTES_MAX)
        return cls(reader, writer, decoder)

    async def receive(self) -> M | None:
        """What comes next that is known here; None when the other process is gone."""
        while True:
            try:
                received = await self._reader.readline()
            except (OSError, ValueError):  # ValueError: a line beyond the bound
                return None
            if not received.endswith(b"\n"):
                return None
            try:
                return self._decoder.decode(received)
            except MsgspecError:
                log.warning("unknown_message_between_processes")

    def write(self, message: ToWorker | FromWorker) -> None:
        """A short one. Nothing if the other process is gone: `receive` tells."""
        if not self._writer.is_closing():
            self._writer.write(line(message))

    async def send(self, message: ToWorker | FromWorker) -> None:
        """As `write`, and waits until the other process takes it."""
        with suppress(OSError):
            self.write(message)
            await self._writer.drain()

    def close(self) -> None:
        self._writer.close()
