"""One worker, as its supervisor sees it.

Starts the process on a socket that it is handed, hears when it is ready, asks it how it is, and notices its
end. Knows processes and the channel. Does not know why somebody starts or stops: that is the supervisor's.
"""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Self, assert_never

import structlog

from collab.worker import Place
from collab.worker_channel import Channel
from collab.worker_messages import (
    FROM_WORKER,
    AllMetrics,
    AskAllMetrics,
    FromWorker,
    Ready,
    Report,
    Reported,
    ToWorker,
)

log = structlog.get_logger("tutti.workers")

AllMetricsSource = Callable[[], Awaitable[bytes]]

# A worker whose loop is that late is not fit to be counted on.
REPORT_TIMEOUT_S = 2.0


class WorkerProcess:
    """Made by `start`. `all_metrics` is asked when somebody asks this worker for the metrics of all."""

    def __init__(
        self,
        number: int,
        process: asyncio.subprocess.Process,
        channel: Channel[FromWorker],
        all_metrics: AllMetricsSource,
    ) -> None:
        self.number = number
        self._process = process
        self._channel = channel
        self._all_metrics = all_metrics
        self._ready = asyncio.Event()
        self._asked = 0
        self._answers: dict[int, asyncio.Future[Reported]] = {}
        self._began_s = asyncio.get_running_loop().time()
        self.lived_s = 0.0
        self._answering: asyncio.Task[None] | None = None
        self._ended = asyncio.create_task(self._wait(), name=f"worker {number}")
        self._listening = asyncio.create_task(self._listen(), name=f"worker {number} speaks")

    @classmethod
    async def start(
        cls, number: int, arguments: Sequence[str], listening: socket.socket, all_metrics: AllMetricsSource
    ) -> Self:
        """`arguments` are those of the command line that the supervisor was started with. The program is the
        one that is installed now, which may be newer than this one."""
        ours, theirs = socket.socketpair()
        with theirs:
            place = Place(number, theirs.fileno(), listening.fileno())
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",  # what lies in the working folder is no module of ours
                "-m",
                "collab.main",
                *arguments,
                "--as-worker",
                str(place),
                stdin=asyncio.subprocess.DEVNULL,
                pass_fds=(place.channel, place.listening),
                # Ctrl-C is for the supervisor, which tells the others.
                start_new_session=True,
            )
        log.info("worker_started", worker=number, pid=process.pid)
        return cls(number, process, await Channel.open(ours, FROM_WORKER), all_metrics)

    @property
    def is_ready(self) -> bool:
        return self._ready.is_set() and not self._ended.done()

    @property
    def exit_code(self) -> int | None:
        """None while it lives; below zero a signal's number."""
        return self._process.returncode

    async def ready(self, timeout_s: float) -> bool:
        """Returns when it serves. False if it ended first, or takes longer."""
        ready = asyncio.ensure_future(self._ready.wait())
        try:
            done, _ = await asyncio.wait(
                (ready, self._ended), timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED
            )
            return ready in done
        finally:
            ready.cancel()

    async def ended(self) -> None:
        """Returns when the process is gone."""
        await asyncio.shield(self._ended)

    async def say(self, message: ToWorker) -> None:
        await self._channel.send(message)

    def kill(self) -> None:
        """At once; `ended` comes soon after."""
        with suppress(ProcessLookupError):
            os.kill(self._process.pid, signal.SIGKILL)

    async def report(self) -> Reported | None:
        """How it is, or None: it does not answer."""
        self._asked += 1
        number = self._asked
        answer: asyncio.Future[Reported] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        try:
            async with asyncio.timeout(REPORT_TIMEOUT_S):
                await self.say(Report(number))
                return await answer
        except TimeoutError:
            return None
        finally:
            del self._answers[number]

    async def _tell_all_metrics(self) -> None:
        try:
            await self.say(AllMetrics((await self._all_metrics()).decode()))
        except Exception:
            log.exception("metrics_not_gathered")

    async def _wait(self) -> None:
        await self._process.wait()
        self.lived_s = asyncio.get_running_loop().time() - self._began_s
        log.info("worker_ended", worker=self.number, exit_code=self.exit_code, lived_s=round(self.lived_s, 1))

    async def _listen(self) -> None:
        try:
            while (message := await self._channel.receive()) is not None:
                self._receive(message)
        finally:
            self._channel.close()

    def _receive(self, message: FromWorker) -> None:
        match message:
            case Ready():
                log.info("worker_ready", worker=self.number)
                self._ready.set()
            case Reported():
                answer = self._answers.get(message.number)
                if answer is not None and not answer.done():
                    answer.set_result(message)
            case AskAllMetrics():
                # In a task: this worker is asked as well, and its answer comes by way of here.
                if self._answering is None or self._answering.done():
                    self._answering = asyncio.create_task(self._tell_all_metrics())
            case _:
                assert_never(message)
