"""The order of the whole run, and fixtures of real servers: one PostgreSQL and one Valkey, if asked for."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from storage.postgres import open_postgres
from tests.servers import pgbouncer, postgres, redis, valkey, valkey_pair

TEMPLATE = "tutti_template"
# Here a test may take as long as a hundred elsewhere. Of what is run last, one process waits for the other's.
FIRST = ("faults", "previous", "browser", "integration", "benchmarks")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    places = {folder: place for place, folder in enumerate(FIRST)}
    items.sort(key=lambda item: places.get(item.path.relative_to(here).parts[0], len(FIRST)))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a PostgreSQL server without a database's name; databases are for the fixtures below."""
    with postgres() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """URL of a migrated database that `postgres_url` copies; nobody may stay connected to it."""

    async def make() -> None:
        await _administer(postgres_server, f"CREATE DATABASE {TEMPLATE}")
        store = await open_postgres(f"{postgres_server}/{TEMPLATE}", migrate=True)
        await store.close()

    asyncio.run(make())
    return f"{postgres_server}/{TEMPLATE}"


@pytest.fixture
async def postgres_url(postgres_server: str, postgres_template: str) -> AsyncIterator[str]:
    """URL of a migrated and empty database of the test's own."""
    name = f"test_{secrets.token_hex(8)}"
    await _administer(postgres_server, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    yield f"{postgres_server}/{name}"
    await _administer(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def empty_postgres_url(postgres_server: str) -> AsyncIterator[str]:
    """URL of a database of the test's own in which nothing was made yet."""
    name = f"test_{secrets.token_hex(8)}"
    await _administer(postgres_server, f"CREATE DATABASE {name}")
    yield f"{postgres_server}/{name}"
    await _administer(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def pgbouncer_server(postgres_server: str) -> Iterator[str]:
    """URL of a PgBouncer before `postgres_server`; a test that wants it is skipped where there is none."""
    with pgbouncer(postgres_server) as url:
        if url is None:
            pytest.skip("pgbouncer is not installed")
        yield url


@pytest.fixture
async def pooled_postgres_url(pgbouncer_server: str, postgres_url: str) -> str:
    """URL by which PgBouncer leads to the database of `postgres_url`, whose sessions have their limits."""
    name = postgres_url.rpartition("/")[2]
    await _administer(
        postgres_url.removesuffix(f"/{name}"), f"ALTER DATABASE {name} SET statement_timeout = '3s'"
    )
    return f"{pgbouncer_server}/{name}?pooler=transaction"


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[str]:
    """URL of a Valkey server; what a test leaves there, the next one finds."""
    with valkey() as url:
        yield url


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """The same of the system's Redis; a test that wants it is skipped where there is none."""
    with redis() as url:
        if url is None:
            pytest.skip("redis-server is not installed")
        yield url


@pytest.fixture(scope="session")
def valkey_cluster() -> Iterator[str]:
    """URL of one of two Valkey servers that share the slots of a cluster."""
    with valkey_pair() as url:
        yield url


async def _administer(server: str, statement: str) -> None:
    connection = await asyncpg.connect(f"{server}/postgres")
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
