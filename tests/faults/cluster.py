"""Nodes as an operator has them: processes of `tutti serve` on one database, perhaps with Redis.

Each listens at an own loopback address, all on one port, so that one URL leads to whichever lives. Any of
them may be killed, paused, told to stop and started again; what they log is kept and searched. Knows
processes. Does not know clients.
"""

import asyncio
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Literal, Protocol

from collab.ambient import real_ambient
from collab.auth import Tokens
from collab.clock import Clock
from collab.ids import ID_BYTES, encode_id
from storage.memory import MemoryStore
from storage.store import User
from tests.faults.names import NAME, named_loop
from tests.servers import Program, postgres_program, valkey_program

SECRET = "a secret that all nodes of this cluster know"
START_TIMEOUT_S = 60.0
# What a node writes when something happened that nobody provided for.
_STRAY = re.compile(r"^Traceback|exception was never retrieved|\[(?:error|critical) *\]", re.MULTILINE)

Database = Literal["postgres", "sqlite"]

# Whoever looks at a node's figures does not ask who it is; clients do.
_BELIEVING = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_BELIEVING.check_hostname = False
_BELIEVING.verify_mode = ssl.CERT_NONE


class Way(Protocol):
    """What stands between a node and a server: a proxy."""

    @property
    def url(self) -> str: ...


# Makes the way to a server's URL.
MakeWay = Callable[[str], AbstractAsyncContextManager[Way]]


class Node:
    """One process. Its methods wait in threads, so that the clients' loop goes on."""

    def __init__(self, name: str, url: str, command: Sequence[str], log: Path) -> None:
        self.name = name
        self.url = url
        self.log = log
        self._command = command
        self._process: subprocess.Popen[str] | None = None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process is not None, "it was started"
        return self._process.pid

    async def start(self) -> None:
        """Returns when it says that it is ready. Raises RuntimeError with its log."""
        with self.log.open("a") as log:
            self._process = process = subprocess.Popen(
                self._command, stdout=subprocess.PIPE, stderr=log, text=True, env=_environment()
            )
        assert process.stdout is not None, "it is a pipe"
        async with asyncio.timeout(START_TIMEOUT_S):
            line = await asyncio.to_thread(process.stdout.readline)
        if "ready" not in line:
            raise RuntimeError(f"{self.name} did not start:\n{self.log.read_text()}")

    async def kill(self) -> None:
        """SIGKILL: nothing is written any more."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """SIGTERM, and the exit code when it has drained."""
        return await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> int:
        process, self._process = self._process, None
        assert process is not None, "it was started"
        process.send_signal(number)
        code = await asyncio.to_thread(process.wait, START_TIMEOUT_S)
        if process.stdout is not None:
            process.stdout.close()
        return code

    def pause(self) -> None:
        """SIGSTOP: its sockets stay and nothing moves, until `resume`."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def end_now(self) -> None:
        """Whatever state it is in; for the end of a row."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(START_TIMEOUT_S)
            if self._process.stdout is not None:
                self._process.stdout.close()
            self._process = None

    # -- looking ---------------------------------------------------------------------------------------------

    async def metric(self, name: str) -> float:
        """The sum of a metric over its labels; 0 for one that has no sample yet."""
        samples = re.findall(
            rf"^{re.escape(name)}(?:{{[^}}]*}})? (\S+)$", await self._metrics(), re.MULTILINE
        )
        return sum(map(float, samples))

    async def sample(self, name: str) -> float:
        """One sample, named with its labels as it stands there; 0 if it does not yet."""
        found = re.search(rf"^{re.escape(name)} (\S+)$", await self._metrics(), re.MULTILINE)
        return float(found[1]) if found else 0.0

    async def _metrics(self) -> str:
        return (await asyncio.to_thread(_get, f"{self.url}/metrics")).decode()

    async def is_ready(self) -> bool:
        try:
            await asyncio.to_thread(_get, f"{self.url}/readyz")
        except OSError:  # a refusal by HTTP is one
            return False
        return True

    @property
    def rss_bytes(self) -> int:
        pages = Path(f"/proc/{self.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    @property
    def core_ms(self) -> float:
        """How long its event loop's thread has had a core, whoever else wanted one."""
        return int(Path(f"/proc/{self.pid}/schedstat").read_text().split()[0]) / 1e6

    def stray(self) -> list[str]:
        """Lines of its log that speak of what nobody provided for."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return [f"{self.name}: {line}" for line in text.splitlines() if _STRAY.search(line)]


class Cluster:
    """`url` leads to any node that lives, inside this process; `nodes[i].url` to one. `redis` and `postgres`
    are there unless the row does without."""

    def __init__(self, folder: Path, scheme: str, port: int, nodes: list[Node]) -> None:
        self.folder = folder
        self.url = f"{scheme}://{NAME}:{port}"
        self.nodes = nodes
        self.data = folder / "data"
        self.database_url: str | None = None
        self.postgres: Program | None = None
        self.redis: Program | None = None
        # One for each node, in their order, where the row asked for them.
        self.postgres_ways: list[Way] = []
        self.redis_ways: list[Way] = []
        self._tokens = Tokens(SECRET.encode(), MemoryStore(), real_ambient(Clock()))

    def token(self, user: str, name: str = "Ann") -> str:
        """A good one for the next 15 minutes, whether or not a node lives."""
        return self._tokens.issue_session(User(user, name, "guest", 0), Clock().now_ms()).token

    @property
    def database(self) -> list[str]:
        """The options that lead a command to the database."""
        data = ["--data", str(self.data)]
        return data if self.database_url is None else [*data, "--database-url", self.database_url]

    def stray(self) -> list[str]:
        return [line for node in self.nodes for line in node.stray()]

    async def verify(self) -> str:
        """What `tutti verify` finds; empty if nothing."""
        command = [sys.executable, "-m", "collab.main", "verify", *self.database]
        done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
        return "" if done.returncode == 0 else done.stdout + done.stderr


@asynccontextmanager
async def running(
    folder: Path,
    nodes: int = 2,
    *,
    database: Database = "postgres",
    redis: bool = True,
    durable: bool = False,
    postgres_settings: Sequence[str] = (),
    postgres_folder: Path | None = None,
    options: Sequence[object] = (),
    scheme: str = "http",
    redis_way: MakeWay | None = None,
    postgres_way: MakeWay | None = None,
) -> AsyncIterator[Cluster]:
    """A cluster whose nodes are ready. The ways are made once for each node, which knows nothing else; they
    end before the nodes' processes do. `durable`: PostgreSQL waits for the disk; what it has is below
    `postgres_folder`. `scheme` is `https` where the options name a certificate."""
    assert nodes == 1 or database == "postgres", "SQLite is for one node"
    port = _common_port(nodes)
    addresses = [f"127.0.0.{number + 1}" for number in range(nodes)]
    folder.mkdir(parents=True, exist_ok=True)
    cluster = Cluster(folder, scheme, port, [])
    async with AsyncExitStack() as stack:
        if database == "postgres":
            program = postgres_program(durable=durable, settings=postgres_settings, below=postgres_folder)
            cluster.postgres = await asyncio.to_thread(stack.enter_context, program)
            cluster.database_url = f"{cluster.postgres.url}/postgres"
            command = [sys.executable, "-m", "collab.main", "migrate", *cluster.database]
            await asyncio.to_thread(subprocess.run, command, check=True, stdout=subprocess.DEVNULL)
        if redis:
            cluster.redis = await asyncio.to_thread(stack.enter_context, valkey_program())
        for number, address in enumerate(addresses):
            told = ["--data", str(cluster.data), "--host", address, "--port", str(port)]
            if cluster.database_url is not None:
                url = await _way(stack, cluster.database_url, postgres_way, cluster.postgres_ways)
                told += ["--database-url", url]
            if cluster.redis is not None:
                told += ["--redis-url", await _way(stack, cluster.redis.url, redis_way, cluster.redis_ways)]
            command = [
                sys.executable,
                "-m",
                "collab.main",
                "serve",
                "--no-samples",
                *told,
                *map(str, options),
            ]
            name = f"node-{number + 1}"
            cluster.nodes.append(Node(name, f"{scheme}://{address}:{port}", command, folder / f"{name}.log"))
        for node in cluster.nodes:
            stack.callback(node.end_now)
        await asyncio.gather(*(node.start() for node in cluster.nodes))
        named_loop().addresses = addresses
        yield cluster


async def _way(stack: AsyncExitStack, url: str, make: MakeWay | None, ways: list[Way]) -> str:
    """The URL that a node is told."""
    if make is None:
        return url
    ways.append(await stack.enter_async_context(make(url)))
    return ways[-1].url


def new_id() -> str:
    return encode_id(os.urandom(ID_BYTES))


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=START_TIMEOUT_S, context=_BELIEVING) as answer:
        content: bytes = answer.read()
        return content


def _common_port(nodes: int) -> int:
    """One that is free at every node's address."""
    while True:
        with socket.socket() as first:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
        try:
            for number in range(nodes):
                with socket.socket() as probe:
                    probe.bind((f"127.0.0.{number + 1}", port))
        except OSError:
            continue
        return port


def _environment() -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TUTTI_")}
    return inherited | {"TUTTI_SECRET": SECRET}
