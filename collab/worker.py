"""A process that serves a port together with others.

Made by a supervisor, which holds the sockets and says when to stop; a `Place` is what the two share. When the
supervisor is gone, however it went, its worker closes the port and drains, so that the next server finds it
free. Knows one node and one channel. Does not know the other workers.
"""

import asyncio
import os
import socket
from dataclasses import dataclass
from typing import Self, assert_never

import structlog

from collab.errors import CannotStart
from collab.metrics import Metrics
from collab.readiness import Readiness
from collab.serve import StopSignal
from collab.worker_channel import Channel
from collab.worker_messages import (
    TO_WORKER,
    AllMetrics,
    AskAllMetrics,
    Hurry,
    Ready,
    Report,
    Reported,
    Retire,
    Stop,
    ToWorker,
)

log = structlog.get_logger("tutti.worker")

# Whoever asks a supervisor that hangs gets an answer about this worker alone.
ALL_METRICS_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Place:
    """A worker's number, from 1, and two file descriptors: its end of the channel, and where it listens."""

    number: int
    channel: int
    listening: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises CannotStart."""
        try:
            return cls(*map(int, text.split(":", 2)))
        except (ValueError, TypeError):
            raise CannotStart("--as-worker is between a server and its own processes.") from None

    @property
    def is_first(self) -> bool:
        """Whether it does what one of a server's workers does for all."""
        return self.number == 1

    def __str__(self) -> str:
        return f"{self.number}:{self.channel}:{self.listening}"

    def take(self) -> tuple[socket.socket, socket.socket]:
        """The channel's socket and the listening one, for this process alone. Raises CannotStart."""
        try:
            for descriptor in (self.channel, self.listening):
                os.set_inheritable(descriptor, False)
            return socket.socket(fileno=self.channel), socket.socket(fileno=self.listening)
        except OSError:
            raise CannotStart("--as-worker is between a server and its own processes.") from None


class Worker:
    """`keep_listening` as a task, from before the node is opened until it is closed; `attach` the node."""

    def __init__(self, channel: Channel[ToWorker], stop: StopSignal) -> None:
        self._channel = channel
        self._stop = stop
        self._metrics: Metrics | None = None
        self._readiness: Readiness | None = None
        self._asked: asyncio.Future[bytes] | None = None

    @classmethod
    async def open(cls, end: socket.socket, stop: StopSignal) -> Self:
        return cls(await Channel.open(end, TO_WORKER), stop)

    def attach(self, metrics: Metrics, readiness: Readiness) -> None:
        """Whom the supervisor's questions are about."""
        self._metrics, self._readiness = metrics, readiness
        metrics.gather = self._all_metrics

    def ready(self) -> None:
        """The node serves."""
        self._channel.write(Ready())

    async def keep_listening(self) -> None:
        """Until the supervisor is gone."""
        try:
            while (message := await self._channel.receive()) is not None:
                await self._perform(message)
            log.warning("supervisor_gone")
            self._stop.stop(is_replaced=True)
        finally:
            self._channel.close()

    async def _perform(self, message: ToWorker) -> None:
        match message:
            case Stop():
                self._stop.stop()
            case Retire():
                self._stop.stop(is_replaced=True)
            case Hurry():
                self._stop.hurry.set()
            case Report():
                await self._report(message)
            case AllMetrics():
                if self._asked is not None and not self._asked.done():
                    self._asked.set_result(message.text.encode())
            case _:
                assert_never(message)

    async def _report(self, request: Report) -> None:
        if self._metrics is None or self._readiness is None:
            checks, page = {"node": "starting"}, b""
        else:
            checks, page = await self._readiness.checks(), self._metrics.render()
        await self._channel.send(Reported(request.number, checks, page.decode()))

    async def _all_metrics(self) -> bytes:
        """All who ask at a time get the same answer."""
        if self._asked is None or self._asked.done():
            self._asked = asyncio.get_running_loop().create_future()
            await self._channel.send(AskAllMetrics())
        try:
            async with asyncio.timeout(ALL_METRICS_TIMEOUT_S):
                return await asyncio.shield(self._asked)
        except TimeoutError:
            assert self._metrics is not None, "who is asked for metrics was attached"
            return self._metrics.render()
