"""Behind PgBouncer, which gives each transaction whatever session of the server is free.

That the store keeps its promises there too, the contract suite shows (`tests/contracts`).
"""

import asyncio

import asyncpg
import pytest

from storage.engine import PostgresLimits
from storage.postgres import PostgresStore, migrate_postgres, open_postgres
from storage.store import StoreRefused
from tests.contracts.backends import after, batch, op
from tests.storage.postgres_wire import BIND, DESCRIBE, EXECUTE, FLUSH, PARSE, SYNC, WireCounter

NODES, COMMITS = 4, 20


async def test_many_nodes_share_few_sessions(pooled_postgres_url: str) -> None:
    """More connections than the pooler has sessions, so that each transaction may be on another one."""
    stores = [
        await open_postgres(pooled_postgres_url, limits=PostgresLimits(connections=3)) for _ in range(NODES)
    ]

    async def write(store: PostgresStore, document: str) -> None:
        head = await store.create_document(document, "playlist", "epoch", "ada", b"empty", 1)
        for version in range(1, COMMITS + 1):
            commit = batch(head, op(version))
            assert await store.commit([commit]) == [True]
            head = after(head, commit)
            assert await store.clock_us() is not None
        rows = await store.ops(document, 0, COMMITS)
        assert [row.version for row in rows] == list(range(1, COMMITS + 1))

    async with asyncio.TaskGroup() as group:
        for number, store in enumerate(stores):
            for document in ("a", "b"):
                group.create_task(write(store, f"{document}-{number}"))
    for store in stores:
        await store.close()


async def test_a_group_costs_two_round_trips(pooled_postgres_url: str) -> None:
    async with WireCounter(pooled_postgres_url) as wire:
        store = await open_postgres(wire.url)
        head = await store.create_document("doc", "playlist", "epoch", "ada", b"empty", 1)
        for version in (1, 2):
            wire.take()
            commit = batch(head, op(version))
            assert await store.commit([commit]) == [True]
            head = after(head, commit)
        taken = wire.take()
        assert taken == {PARSE: 2, DESCRIBE: 1, FLUSH: 1, BIND: 1, EXECUTE: 1, SYNC: 1}
        await store.close()


async def test_a_database_that_never_gives_up_is_refused(pooled_postgres_url: str, postgres_url: str) -> None:
    """Through the pooler nobody can say for a session when it should."""
    connection = await asyncpg.connect(postgres_url)
    name = postgres_url.rpartition("/")[2]
    await connection.execute(f"ALTER DATABASE {name} RESET statement_timeout")
    await connection.close()
    with pytest.raises(StoreRefused, match="statement_timeout"):
        await open_postgres(pooled_postgres_url)


async def test_migrations_go_past_it(pooled_postgres_url: str) -> None:
    with pytest.raises(StoreRefused, match="not the pooler's"):
        await migrate_postgres(pooled_postgres_url)


async def test_there_is_one_kind_of_it() -> None:
    with pytest.raises(StoreRefused, match="pooler"):
        await open_postgres("postgresql://host/tutti?pooler=statement")
