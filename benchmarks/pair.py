"""Two nodes on one PostgreSQL and one Valkey, and what each of the four spends.

Knows how they are started and read. Where there are cores enough each node has its own; on two cores both
share the one that a single server has, and the other is the generator's, the database's and the bus's. Does
not know what is measured.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

import httpx
from redis import Redis

from benchmarks.contenders import TUTTI
from benchmarks.databases import Database, postgresql
from benchmarks.harness import (
    GENERATOR_CORE,
    SERVER_CORE,
    TICKS_PER_S,
    BenchmarkError,
    Server,
    cpu_ticks,
    free_port,
    running,
)
from benchmarks.report import CORES
from tests.servers import valkey

SECRET = "a secret that both nodes of this benchmark know"
SETTLE_S = 30.0
# Two for nodes, two for the rest.
CORES_FOR_TWO = 4
SECOND_CORE = CORES[1] if len(CORES) >= CORES_FOR_TWO else SERVER_CORE


@dataclass(frozen=True, slots=True)
class Pair:
    """`one` is a node alone, `both` the same node with the other beside it."""

    one: Server
    both: Server
    redis: "Redis"

    def readings(self) -> Mapping[str, float]:
        """Counters that only grow. CPU in seconds, sizes in bytes."""
        stats, commands = self.redis.info("stats"), self.redis.info("commandstats")
        (other,) = self.both.beside
        return {
            "node 1 cpu s": self.one.cpu_s(),
            "node 2 cpu s": other.cpu_s(),
            "database cpu s": self.both.database_cpu_s(),
            "redis cpu s": cpu_ticks(self.both.redis or 0) / TICKS_PER_S,
            "redis bytes in": stats["total_net_input_bytes"],
            "redis bytes out": stats["total_net_output_bytes"],
            "redis publishes": commands.get("cmdstat_publish", {}).get("calls", 0),
            "redis commands": stats["total_commands_processed"],
        }

    def lost_races(self) -> float:
        """Commits that were tried again because another node was faster, since the nodes started."""
        return sum(
            metric(node, 'tutti_commit_retries_total{reason="lost"}')
            for node in (self.one, *self.both.beside)
        )

    def settle(self) -> None:
        """Returns when no node has a room in memory, so that none is unloaded during a measurement."""
        give_up = time.monotonic() + SETTLE_S
        for node in (self.one, *self.both.beside):
            while metric(node, "tutti_rooms"):
                if time.monotonic() > give_up:
                    raise BenchmarkError(f"{node.name} does not unload its rooms")
                time.sleep(0.05)


@contextmanager
def pair() -> Iterator[Pair]:
    """Both nodes run inside, and hear each other."""
    with ExitStack() as stack:
        database = stack.enter_context(postgresql())
        os.sched_setaffinity(0, {GENERATOR_CORE})  # what is started now inherits it
        url = stack.enter_context(valkey())
        os.sched_setaffinity(0, CORES)
        redis = stack.enter_context(Redis.from_url(url))
        nodes = [
            stack.enter_context(_node(f"node-{number}", core, database, url))
            for number, core in ((1, SERVER_CORE), (2, SECOND_CORE))
        ]
        process = int(redis.info("server")["process_id"])
        one, other = (replace(node, database=database.process, redis=process) for node in nodes)
        yield Pair(one, replace(one, beside=(other,)), redis)


@contextmanager
def _node(name: str, core: int, database: Database, redis_url: str) -> Iterator[Server]:
    port = free_port()
    environment = {
        **TUTTI.environment,
        **database.environment,
        "TUTTI_REDIS_URL": redis_url,
        "TUTTI_SECRET": SECRET,
    }
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "collab.main", "serve", "--data", folder, "--port", str(port)]
        with running(name, command, port, core, **environment) as node:
            _wait_for_bus(node)
            yield node


def _wait_for_bus(node: Server) -> None:
    give_up = time.monotonic() + SETTLE_S
    while not metric(node, "tutti_bus_connected"):
        if time.monotonic() > give_up:
            raise BenchmarkError(f"{node.name} does not hear itself on the bus")
        time.sleep(0.05)


def metric(node: Server, name: str) -> float:
    """A counter or gauge of a node; 0 if nothing was counted yet."""
    lines = httpx.get(f"{node.url}/metrics").text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"{name} "))
