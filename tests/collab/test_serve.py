"""The order in which a node starts and stops, with a node that only writes down what happens to it."""

import asyncio
import os
import signal

import httpx
import pytest
from starlette.responses import PlainTextResponse

from collab.binding import listen, port_of
from collab.config import Settings
from collab.readiness import Readiness
from collab.serve import StopSignal, serve
from storage.memory import MemoryStore
from tests.collab.http_world import Times


class FakeNode:
    tls = None

    def __init__(self) -> None:
        self.app = self.admin = PlainTextResponse("here")
        self.readiness = Readiness(MemoryStore(), Times().ambient())
        self.drains_at_once = True
        self.drain_began = asyncio.Event()
        self.drained = False

    async def drain(self) -> None:
        assert self.readiness.draining, "readiness fails before the clients are moved"
        self.drain_began.set()
        if not self.drains_at_once:
            await asyncio.Event().wait()
        self.drained = True


class Run:
    """A server in a task, and what happened to it."""

    def __init__(self, node: FakeNode) -> None:
        self.node = node
        self.public, self.admin = listen("127.0.0.1", 0), listen("127.0.0.1", 0)
        self.announced = asyncio.Event()
        self.stop = StopSignal()
        self.settings = Settings()

    async def __call__(self) -> None:
        with self.public, self.admin, self.stop:
            await serve(self.node, self.settings, self.public, self.admin, self.stop, self.announced.set)

    async def get(self, port: int) -> str:
        async with httpx.AsyncClient() as client:
            return (await client.get(f"http://127.0.0.1:{port}/")).text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_a_signal_drains_and_then_stops(number: signal.Signals) -> None:
    # Who runs the tests under `nohup` has SIGHUP ignored, and then so does the server.
    inherited = signal.signal(number, signal.SIG_DFL)
    run = Run(FakeNode())
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(run())
        await run.announced.wait()
        assert (await run.node.readiness.checks())["node"] == "ok"
        assert await run.get(port_of(run.public)) == "here"
        assert await run.get(port_of(run.admin)) == "here"
        os.kill(os.getpid(), number)
    assert run.node.drained
    assert signal.signal(number, inherited) == signal.SIG_DFL


async def test_a_second_signal_hurries() -> None:
    run = Run(FakeNode())
    run.node.drains_at_once = False
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(run())
        await run.announced.wait()
        os.kill(os.getpid(), signal.SIGTERM)
        await run.node.drain_began.wait()
        assert (await run.node.readiness.checks())["node"] == "draining"
        os.kill(os.getpid(), signal.SIGTERM)
    assert not run.node.drained


async def test_a_balancer_gets_its_time_and_then_the_port_is_closed() -> None:
    run = Run(FakeNode())
    run.node.drains_at_once = False
    run.settings = Settings(drain_delay_s=3600)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(run())
        await run.announced.wait()
        os.kill(os.getpid(), signal.SIGTERM)
        while not run.node.readiness.draining:  # noqa: ASYNC110  (readiness tells nobody)
            await asyncio.sleep(0)
        assert await run.get(port_of(run.public)) == "here"
        # Whoever is in a hurry does not wait for a balancer, nor for clients.
        os.kill(os.getpid(), signal.SIGTERM)
    assert not run.node.drained


async def test_who_is_replaced_does_not_wait_for_a_balancer() -> None:
    run = Run(FakeNode())
    run.settings = Settings(drain_delay_s=3600)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(run())
        await run.announced.wait()
        run.stop.stop(is_replaced=True)
    assert run.node.drained


async def test_the_port_is_closed_while_clients_move() -> None:
    run = Run(FakeNode())
    run.node.drains_at_once = False
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(run())
        await run.announced.wait()
        port, admin = port_of(run.public), port_of(run.admin)
        os.kill(os.getpid(), signal.SIGTERM)
        await run.node.drain_began.wait()
        with pytest.raises(httpx.ConnectError):
            await run.get(port)
        assert await run.get(admin) == "here"
        run.stop.hurry.set()


async def test_a_drain_that_hangs_is_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collab.serve.DRAIN_S", 0)
    run = Run(FakeNode())
    run.node.drains_at_once = False
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(run())
        await run.announced.wait()
        os.kill(os.getpid(), signal.SIGTERM)


async def test_a_server_that_cannot_start_is_never_announced() -> None:
    run = Run(FakeNode())
    run.public.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        await run()
    assert not run.announced.is_set()
