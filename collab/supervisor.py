"""Several workers on one port.

Starts them, starts again who died, replaces one after the other when told to (SIGHUP), and stops all. A new
worker is ready before the old one drains, and if it does not become ready the old one stays. Each slot keeps
its listening socket while workers come and go, so whoever is waiting to be let in waits a moment longer and
is not turned away. Knows workers and their order. Does not know what they serve.
"""

import asyncio
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge

from collab.binding import SharedPort
from collab.errors import CannotStart
from collab.restarts import Restarts
from collab.serve import DRAIN_S, LAST_RESPONSES_S
from collab.worker_messages import Hurry, Retire, Stop
from collab.worker_metrics import merged
from collab.worker_process import WorkerProcess

log = structlog.get_logger("tutti.supervisor")

# From its start until it serves; a database that is far away and a cold disk take seconds.
READY_TIMEOUT_S = 60.0
# What a worker that stops may take, its drain delay apart, before it is killed. Below the 25 s of P8.
STOP_S = DRAIN_S + LAST_RESPONSES_S + 2.0


@dataclass(slots=True)
class _Slot:
    """One worker's place: its number, its socket, and whoever serves there now."""

    number: int
    listening: socket.socket
    worker: WorkerProcess | None = None
    restarts: Restarts = field(default_factory=Restarts)
    # Held by whoever puts another worker there.
    changing: asyncio.Lock = field(default_factory=asyncio.Lock)


class Supervisor:
    """`run` until told to stop. `arguments` are those of the command line, `delay_s` the drain delay."""

    def __init__(self, port: SharedPort, count: int, arguments: Sequence[str], delay_s: float) -> None:
        self._port = port
        self._arguments = arguments
        self._delay_s = delay_s
        self._slots = [_Slot(number, port.share()) for number in range(1, count + 1)]
        self._stopping = asyncio.Event()
        self._hurry = asyncio.Event()
        self._reload = asyncio.Event()
        self._failure: CannotStart | None = None
        self._registry = registry = CollectorRegistry()
        self._ready_gauge = Gauge("tutti_workers_ready", "Workers that serve", registry=registry)
        self._deaths = Counter(
            "tutti_worker_deaths", "Workers that ended without being told to", registry=registry
        )
        self._reloads = Counter(
            "tutti_reloads", "Replacements of all workers, by outcome", ["outcome"], registry=registry
        )

    # -- what it is told -------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Stops all; the second time it hurries them."""
        (self._hurry if self._stopping.is_set() else self._stopping).set()

    def reload(self) -> None:
        """Replaces all workers, one after the other."""
        self._reload.set()

    async def run(self, announce: Callable[[], None]) -> None:
        """Calls `announce` when all serve for the first time. Raises CannotStart if they cannot."""
        try:
            if await self._start_all():
                announce()
                async with asyncio.TaskGroup() as tasks:
                    caring = [tasks.create_task(self._keep(slot)) for slot in self._slots]
                    caring.append(tasks.create_task(self._keep_reloading()))
                    await self._stopping.wait()
                    for task in caring:
                        task.cancel()
        finally:
            await self._stop_all()
        if self._failure is not None:
            raise self._failure

    async def _start_all(self) -> bool:
        """The first one alone: what hinders it hinders all, and is said once. False if told to stop."""
        for some in (self._slots[:1], self._slots[1:]):
            starting = [asyncio.create_task(self._fill(slot)) for slot in some]
            stopping = asyncio.create_task(self._stopping.wait())
            all_started = asyncio.gather(*starting)
            await asyncio.wait((all_started, stopping), return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            if self._stopping.is_set():
                all_started.cancel()
                return False
            for slot, serves in zip(some, all_started.result(), strict=True):
                if not serves:
                    raise CannotStart(f"Worker {slot.number} did not start; the lines above say why.")
        return True

    async def _fill(self, slot: _Slot) -> bool:
        """Somebody serves in the slot; True if they are ready."""
        slot.worker = await self._start(slot)
        return await slot.worker.ready(READY_TIMEOUT_S)

    async def _start(self, slot: _Slot) -> WorkerProcess:
        return await WorkerProcess.start(slot.number, self._arguments, slot.listening, self.report)

    # -- deaths ----------------------------------------------------------------------------------------------

    async def _keep(self, slot: _Slot) -> None:
        """Starts again whoever died in this slot."""
        while True:
            worker = slot.worker
            assert worker is not None, "a slot is filled before it is kept"
            await worker.ended()
            async with slot.changing:
                if slot.worker is worker:
                    await self._raise_again(slot, worker)

    async def _raise_again(self, slot: _Slot, dead: WorkerProcess) -> None:
        self._deaths.inc()
        pause_s = slot.restarts.died(dead.lived_s)
        log.error(
            "worker_died", worker=slot.number, exit_code=dead.exit_code, restarts_in_s=round(pause_s, 1)
        )
        if slot.restarts.are_hopeless and not self._ready_workers():
            self._failure = CannotStart(
                "No worker stays alive; the lines above say what ended them; put that right first."
            )
            self._stopping.set()
            return
        if pause_s:
            # Others get who would wait here; those who wait already come again.
            slot.listening.close()
            await asyncio.sleep(pause_s)
            slot.listening = self._port.share()
        worker = slot.worker = await self._start(slot)
        if not await worker.ready(READY_TIMEOUT_S):
            worker.kill()

    # -- reload ----------------------------------------------------------------------------------------------

    async def _keep_reloading(self) -> None:
        while True:
            await self._reload.wait()
            self._reload.clear()
            log.info("reloading", workers=len(self._slots))
            is_done = True
            for slot in self._slots:
                async with slot.changing:
                    is_done = is_done and await self._replace(slot)
            self._reloads.labels(outcome="done" if is_done else "failed").inc()
            log.info("reloaded" if is_done else "reload_given_up")

    async def _replace(self, slot: _Slot) -> bool:
        """False if the new worker does not become ready; then the old one stays."""
        old, new = slot.worker, await self._start(slot)
        is_ready = False
        try:
            is_ready = await new.ready(READY_TIMEOUT_S)
        finally:
            if not is_ready:
                new.kill()
        if not is_ready:
            log.error("worker_not_replaced", worker=slot.number, hint="It says why; the old one stays.")
            return False
        slot.worker = new
        if old is not None:
            await old.say(Retire())
            await self._end(old, STOP_S)
        return True

    # -- the end ---------------------------------------------------------------------------------------------

    async def _stop_all(self) -> None:
        """Each worker has its copy of the sockets until it has failed readiness for long enough."""
        for slot in self._slots:
            slot.listening.close()
        self._port.close()
        workers = [slot.worker for slot in self._slots if slot.worker is not None]
        for worker in workers:
            await worker.say(Stop())
        hurrying = asyncio.create_task(self._hurry_all(workers))
        await asyncio.gather(*(self._end(worker, self._delay_s + STOP_S) for worker in workers))
        hurrying.cancel()

    async def _hurry_all(self, workers: Sequence[WorkerProcess]) -> None:
        await self._hurry.wait()
        for worker in workers:
            await worker.say(Hurry())

    async def _end(self, worker: WorkerProcess, within_s: float) -> None:
        """Returns when it is gone, by itself or not."""
        try:
            async with asyncio.timeout(within_s):
                await worker.ended()
        except TimeoutError:
            log.error("worker_killed", worker=worker.number, after_s=within_s)
            worker.kill()
            await worker.ended()

    # -- what others want to know ----------------------------------------------------------------------------

    def _ready_workers(self) -> list[WorkerProcess]:
        return [slot.worker for slot in self._slots if slot.worker is not None and slot.worker.is_ready]

    async def checks(self) -> dict[str, str]:
        """What is looked at, by name: "ok" everywhere when people may be sent here. One worker that serves is
        enough; the others are on their way back."""
        if self._stopping.is_set():
            return {"node": "draining"}
        workers = self._ready_workers()
        reports = await asyncio.gather(*(worker.report() for worker in workers))
        for report in reports:
            if report is not None and all(state == "ok" for state in report.checks.values()):
                return report.checks
        answered = [report.checks for report in reports if report is not None]
        return answered[0] if answered else {"node": "no worker serves"}

    async def report(self) -> bytes:
        """Of all workers that answer, and our own."""
        workers = self._ready_workers()
        self._ready_gauge.set(len(workers))
        reports = await asyncio.gather(*(worker.report() for worker in workers))
        pages = {
            worker.number: report.metrics
            for worker, report in zip(workers, reports, strict=True)
            if report is not None
        }
        return merged(pages, self._registry)
