"""The backends, once each for every test of a contract."""

import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.contracts.backends import (
    Backend,
    FullStore,
    MemoryBackend,
    PooledBackend,
    PostgresBackend,
    SqliteBackend,
)
from tests.proxy import FaultProxy


@pytest.fixture
def memory_backend() -> Backend:
    return MemoryBackend()


@pytest.fixture
async def sqlite_backend(tmp_path: Path) -> AsyncIterator[Backend]:
    async with AsyncExitStack() as stack:
        yield SqliteBackend(tmp_path, stack)


@pytest.fixture
async def postgres_backend(postgres_url: str) -> AsyncIterator[Backend]:
    async with FaultProxy(postgres_url) as proxy, AsyncExitStack() as stack:
        yield PostgresBackend(proxy, stack)


@pytest.fixture
async def pgbouncer_backend(pooled_postgres_url: str) -> AsyncIterator[Backend]:
    async with FaultProxy(pooled_postgres_url) as proxy, AsyncExitStack() as stack:
        yield PooledBackend(proxy, stack)


# Where the system has no PgBouncer one test says so (`tests/storage/test_postgres_pooled.py`), not a hundred.
POOLED = ["pgbouncer"] if shutil.which("pgbouncer") else []


@pytest.fixture(params=["memory", "sqlite", "postgres", *POOLED])
def backend(request: pytest.FixtureRequest) -> Backend:
    made: Backend = request.getfixturevalue(f"{request.param}_backend")
    return made


@pytest.fixture
async def store(backend: Backend) -> FullStore:
    return await backend.open()
