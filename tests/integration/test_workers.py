"""`tutti serve --workers`: several processes behind one port, with real PostgreSQL and Valkey."""

import asyncio
import json
import os
import re
import signal
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.collab.command import PATIENCE_S, Serving, refused, serving, tutti
from tests.collab.serving import HUNG_S
from tests.integration.test_two_nodes import make_playlist
from tests.pairs import PairFiles
from tests.servers import free_port
from tutti_client import connect, guest

SECRET = "a secret that all workers of this test know"
WORKERS = 2


@pytest.fixture
def options(postgres_url: str, valkey_server: str) -> tuple[object, ...]:
    return ("--workers", WORKERS, "--database-url", postgres_url, "--redis-url", valkey_server)


@pytest.fixture
def server(tmp_path: Path, options: tuple[object, ...]) -> Iterator[Serving]:
    with serving(tmp_path / "data", *options, TUTTI_SECRET=SECRET) as running:
        yield running
        # Workers that a test left alone see their supervisor go, and follow.


def workers_of(server: Serving) -> set[int]:
    """The processes that the server has started and that are not dead."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text()
    return {int(pid) for pid in children.split()}


def is_alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


def page(url: str) -> str:
    with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
        text: str = answer.read().decode()
        return text


async def until(is_so: Callable[[], bool]) -> None:
    """Processes tell nobody when they come and go."""
    async with asyncio.timeout(HUNG_S):
        while not await asyncio.to_thread(is_so):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def labels(metrics: str, name: str) -> set[str]:
    return set(re.findall(rf'^{name}{{worker="(\d+)"}}', metrics, re.MULTILINE))


async def test_clients_of_all_workers_edit_one_list(server: Serving) -> None:
    people = 8
    token = await (await guest(server.url, "Ada"))()
    document = await asyncio.to_thread(make_playlist, server, token)

    async def edit(number: int) -> None:
        async with connect(server.url, token=token) as tutti:
            playlist = await tutti.open_playlist(document)
            playlist.append({"track": f"tutti:track:{number}"})
            await playlist.saved()
            changes = playlist.changes()
            while len(playlist.entries) < people:
                await anext(changes)

    async with asyncio.timeout(2 * HUNG_S):
        await asyncio.gather(*map(edit, range(people)))


async def test_metrics_are_those_of_all_workers(tmp_path: Path, options: tuple[object, ...]) -> None:
    admin = free_port()
    with serving(tmp_path / "data", *options, "--admin-port", admin, TUTTI_SECRET=SECRET) as server:
        for url in (server.url, f"http://127.0.0.1:{admin}"):
            metrics = await asyncio.to_thread(page, f"{url}/metrics")
            assert labels(metrics, "tutti_connections") == {"1", "2"}
            assert f"tutti_workers_ready {WORKERS}.0" in metrics
            ready = json.loads(await asyncio.to_thread(page, f"{url}/readyz"))
            assert ready == {"ready": True, "checks": {"node": "ok", "database": "ok"}}
            assert await asyncio.to_thread(page, f"{url}/healthz") == "ok\n"
        assert server.stop() == 0


async def test_a_worker_that_dies_is_started_again(server: Serving) -> None:
    before = workers_of(server)
    assert len(before) == WORKERS
    token = await (await guest(server.url, "Ada"))()
    document = await asyncio.to_thread(make_playlist, server, token)
    async with asyncio.timeout(2 * HUNG_S), connect(server.url, token=token) as tutti:
        playlist = await tutti.open_playlist(document)
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        playlist.append({"track": "tutti:track:1"})
        await playlist.saved()
        await until(lambda: f"tutti_worker_deaths_total {WORKERS}.0" in page(f"{server.url}/metrics"))
    assert not workers_of(server) & before


async def test_a_reload_replaces_every_worker_and_nobody_is_offline(server: Serving) -> None:
    before = workers_of(server)
    token = await (await guest(server.url, "Ada"))()
    document = await asyncio.to_thread(make_playlist, server, token)
    async with asyncio.timeout(2 * HUNG_S), connect(server.url, token=token) as tutti:
        playlist = await tutti.open_playlist(document)
        server.process.send_signal(signal.SIGHUP)
        edits = 0

        def edit() -> bool:
            nonlocal edits
            assert tutti.is_connected
            edits += 1
            playlist.append({"track": f"tutti:track:{edits}"})
            return 'tutti_reloads_total{outcome="done"} 1.0' in page(f"{server.url}/metrics")

        while not edit():  # noqa: ASYNC110  (each round is an edit while the workers change)
            await asyncio.sleep(0.05)
        await playlist.saved()
        assert len(playlist.entries) == edits
        assert tutti.sessions >= 2
    assert not workers_of(server) & before
    assert len(workers_of(server)) == WORKERS


async def test_a_worker_stays_if_the_next_one_cannot_start(
    tmp_path: Path, options: tuple[object, ...]
) -> None:
    admin = free_port()
    pair = PairFiles(tmp_path)
    pair.write(1)
    tls = ("--tls-cert", pair.cert, "--tls-key", pair.key, "--admin-port", admin)
    with serving(tmp_path / "data", *options, *tls, TUTTI_SECRET=SECRET) as server:
        before = workers_of(server)
        pair.cert.write_text("nonsense")
        server.process.send_signal(signal.SIGHUP)
        metrics = f"http://127.0.0.1:{admin}/metrics"
        await until(lambda: 'tutti_reloads_total{outcome="failed"} 1.0' in page(metrics))
        await until(lambda: workers_of(server) == before)
        assert labels(await asyncio.to_thread(page, metrics), "tutti_connections") == {"1", "2"}
        assert "worker_not_replaced" in (tmp_path / "log").read_text()


async def test_no_worker_outlives_a_server_that_was_killed(server: Serving) -> None:
    workers = workers_of(server)
    server.process.kill()
    await until(lambda: not any(map(is_alive, workers)))


async def test_workers_that_cannot_start_are_given_up(tmp_path: Path, options: tuple[object, ...]) -> None:
    run = await asyncio.to_thread(
        tutti,
        "serve",
        "--data",
        tmp_path,
        "--port",
        0,
        *options,
        "--database-url",
        "postgresql://127.0.0.1:9/x",
    )
    assert run.returncode == 1
    assert run.stdout == ""
    assert run.stderr.splitlines()[-1] == "Worker 1 did not start; the lines above say why."
    assert "Traceback" not in run.stderr


def test_workers_need_a_database_and_a_bus_for_many(tmp_path: Path) -> None:
    workers = ("serve", "--data", tmp_path, "--workers", 2)
    assert "needs PostgreSQL" in refused(tutti(*workers))
    assert "needs Redis" in refused(tutti(*workers, "--database-url", "postgresql://127.0.0.1/x"))
