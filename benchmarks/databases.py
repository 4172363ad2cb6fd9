"""Durable databases for the servers that a benchmark starts.

SQLite in a folder on the checkout's disk, and PostgreSQL with fsync on the generator's core: on a core of its
own in production, on this machine on the one that a light generator leaves nearly free, and always the same.
Knows how each is made ready. Does not know what is stored.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from benchmarks.harness import BUILD, GENERATOR_CORE
from tests.servers import postgres


@dataclass(frozen=True, slots=True)
class Database:
    """`words` and `environment` tell a server where it is. `process` is that of PostgreSQL, if it is one."""

    name: str
    words: tuple[str, ...]
    environment: dict[str, str]
    process: int | None = None


@contextmanager
def sqlite() -> Iterator[Database]:
    """A folder that is empty, on a disk and not in memory, which `/tmp` may be."""
    BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        yield Database("SQLite", ("--data", folder), {})


@contextmanager
def postgresql() -> Iterator[Database]:
    """A PostgreSQL of its own, with Tutti's tables."""
    cores = os.sched_getaffinity(0)
    with tempfile.TemporaryDirectory() as folder:
        os.sched_setaffinity(0, {GENERATOR_CORE})  # what is started now inherits it
        with postgres(durable=True) as server:
            os.sched_setaffinity(0, cores)
            words = ("--data", folder)
            environment = {"TUTTI_DATABASE_URL": f"{server}/postgres"}
            subprocess.run(
                [sys.executable, "-m", "collab.main", "migrate", *words],
                env=os.environ | environment,
                stdout=subprocess.DEVNULL,
                check=True,
            )
            process = asyncio.run(_main_process(environment["TUTTI_DATABASE_URL"]))
            yield Database("PostgreSQL", words, environment, process)


async def _main_process(url: str) -> int:
    """The process whose children serve connections."""
    connection = await asyncpg.connect(url)
    try:
        return _parent(await connection.fetchval("SELECT pg_backend_pid()"))
    finally:
        await connection.close()


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
