"""A server of several processes, from both sides.

`supervise` is the process that was started, `serve_as_worker` each of those that it starts. Knows signals and
the order of opening and closing. Does not know when a worker is replaced: that is the supervisor's.
"""

import asyncio
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

import structlog

from collab.binding import SharedPort, listen
from collab.collector import spare_collector
from collab.config import Settings
from collab.http_app import admin_app
from collab.serve import StopSignal, serve, serve_admin
from collab.server import open_node
from collab.supervisor import Supervisor
from collab.worker import Place, Worker


async def supervise(settings: Settings, arguments: Sequence[str], announce: Callable[[int], None]) -> None:
    """Serves until told to stop; `announce` is given the port when all workers serve. `arguments` are those
    of the command line. Raises CannotStart."""
    with ExitStack() as open_now:
        admin = None
        if settings.admin_port is not None:
            admin = open_now.enter_context(listen(settings.bind_host, settings.admin_port))
        port = SharedPort(settings.bind_host, settings.port)
        # The system has chosen, if it was asked to; the workers are told by their sockets.
        supervisor = Supervisor(port, settings.workers, arguments, settings.drain_delay_s)
        open_now.enter_context(_signals(supervisor))
        looking = None
        if admin is not None:
            looking = asyncio.create_task(serve_admin(admin_app(supervisor, supervisor), admin))
        try:
            await supervisor.run(lambda: announce(port.number))
        finally:
            if looking is not None:
                looking.cancel()
                await asyncio.wait([looking])


@contextmanager
def _signals(supervisor: Supervisor) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    wishes = {
        signal.SIGTERM: supervisor.stop,
        signal.SIGINT: supervisor.stop,
        signal.SIGHUP: supervisor.reload,
    }
    for number, wish in wishes.items():
        loop.add_signal_handler(number, wish)
    try:
        yield
    finally:
        for number in wishes:
            loop.remove_signal_handler(number)


async def serve_as_worker(settings: Settings, place: Place) -> None:
    """Serves until the supervisor says stop, or is gone. Raises CannotStart and StoreError."""
    structlog.contextvars.bind_contextvars(worker=place.number)
    end, public = place.take()
    with public, StopSignal() as stop:
        worker = await Worker.open(end, stop)
        listening = asyncio.create_task(worker.keep_listening())
        try:
            async with open_node(settings, keeps_music=place.is_first) as node:
                worker.attach(node.metrics, node.readiness)
                spare_collector()
                await serve(node, settings, public, None, stop, worker.ready)
        finally:
            listening.cancel()
            await asyncio.wait([listening])
