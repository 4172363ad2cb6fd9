"""What a group commit costs on the way to PostgreSQL and back."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from storage.engine import PostgresLimits
from storage.postgres import PostgresStore, open_postgres
from storage.rows import Commit, Head
from tests.contracts.backends import after, batch, op
from tests.storage.postgres_wire import BIND, EXECUTE, PARSE, SYNC, WireCounter

DOCUMENTS = 50
ONE_ROUND_TRIP = {BIND: 1, EXECUTE: 1, SYNC: 1}


@pytest.fixture
async def wire(postgres_url: str) -> AsyncIterator[WireCounter]:
    async with WireCounter(postgres_url) as counter:
        yield counter


@pytest.fixture
async def store(wire: WireCounter) -> AsyncIterator[PostgresStore]:
    opened = await open_postgres(wire.url)
    yield opened
    await opened.close()


async def make(store: PostgresStore) -> list[Head]:
    """Documents, and a store that has committed to them before."""
    heads = [
        await store.create_document(f"doc-{n}", "playlist", "epoch", "ada", b"empty", 1)
        for n in range(DOCUMENTS)
    ]
    return await write(store, [batch(head, op(1)) for head in heads], heads)


async def write(store: PostgresStore, group: list[Commit], heads: list[Head]) -> list[Head]:
    assert await store.commit(group) == [True] * len(group)
    return [after(head, commit) for head, commit in zip(heads, group, strict=True)]


async def test_many_documents_are_one_round_trip(store: PostgresStore, wire: WireCounter) -> None:
    heads = await make(store)
    wire.take()
    for first in (2, 5):
        ops = [op(version) for version in range(first, first + 3)]
        heads = await write(store, [batch(head, *ops) for head in heads], heads)
        assert wire.take() == ONE_ROUND_TRIP


async def test_roles_cost_no_second_one(store: PostgresStore, wire: WireCounter) -> None:
    heads = await make(store)
    for version in (2, 3):
        wire.take()
        group = [replace(batch(head, op(version)), members=(("bob", "editor"),)) for head in heads]
        heads = await write(store, group, heads)
    assert wire.take() == ONE_ROUND_TRIP


async def test_what_ran_in_between_changes_nothing(store: PostgresStore, wire: WireCounter) -> None:
    """Reads and writes of SQLAlchemy, on the same connection, leave no transaction, isolation or statement
    behind that a commit would have to clear."""
    heads = await make(store)
    await store.load("doc-0")
    await store.set_member("doc-0", "bob", "editor")
    heads[0] = (await store.heads(["doc-0"]))["doc-0"]
    await store.clock_us()
    wire.take()
    await write(store, [batch(head, op(2)) for head in heads], heads)
    assert wire.take() == ONE_ROUND_TRIP


async def test_a_lost_race_is_one_too(store: PostgresStore, wire: WireCounter) -> None:
    heads = await make(store)
    stale = batch(replace(heads[0], version=0, changes=0), op(1))
    wire.take()
    assert await store.commit([stale]) == [False]
    assert wire.take() == ONE_ROUND_TRIP


async def test_the_clock_is_asked_in_one(store: PostgresStore, wire: WireCounter) -> None:
    await store.clock_us()
    wire.take()
    await store.clock_us()
    assert wire.take() == ONE_ROUND_TRIP


async def test_a_new_connection_prepares_once(postgres_url: str) -> None:
    async with WireCounter(postgres_url) as wire:
        store = await open_postgres(wire.url, limits=PostgresLimits(connections=1))
        head = await store.create_document("doc", "playlist", "epoch", "ada", b"empty", 1)
        wire.take()
        (head,) = await write(store, [batch(head, op(1))], [head])
        assert PARSE in wire.take()
        await write(store, [batch(head, op(2))], [head])
        assert PARSE not in wire.take()
        await store.close()
