"""The questions of `tutti verify` to a database, on both kinds of it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete

from storage import tables
from storage.postgres import open_postgres
from storage.rows import Head, Snapshot
from storage.sql import SqlStore
from storage.sqlite import open_sqlite
from tests.contracts.backends import after, batch, op


@pytest.fixture
async def sqlite_store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    store = await open_sqlite(tmp_path)
    yield store
    await store.close()


@pytest.fixture
async def postgres_store(postgres_url: str) -> AsyncIterator[SqlStore]:
    store = await open_postgres(postgres_url)
    yield store
    await store.close()


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest) -> SqlStore:
    opened: SqlStore = request.getfixturevalue(f"{request.param}_store")
    return opened


async def make(store: SqlStore, document: str, *clients: str) -> Head:
    """A document with one op of each client, all in one commit."""
    head = await store.create_document(document, "playlist", "epoch", "ada", b"empty", 1)
    commit = batch(head, *(op(version, client) for version, client in enumerate(clients, 1)))
    assert await store.commit([commit]) == [True]
    return after(head, commit)


async def test_rows_without_a_head(store: SqlStore) -> None:
    assert await store.next_document_with_rows("") is None
    await make(store, "B", "client-1", "client-2")
    await make(store, "a", "client-1")

    def lose_heads(connection: Connection) -> None:
        connection.execute(delete(tables.documents))
        connection.execute(delete(tables.operations).where(tables.operations.c.document == "a"))

    await store._write(lose_heads)
    assert [await store.next_document_with_rows(name) for name in ("", "B", "a")] == ["B", "a", None]
    assert [await store.last_op_version(document) for document in ("B", "a")] == [2, 0]


async def test_users_of_clients(store: SqlStore) -> None:
    await make(store, "B", "Client-3", "client-1")
    theft = batch(await make(store, "a", "client-2"), op(2, "client-1"))
    stolen = replace(theft.settled[0], user_id="eve")
    assert await store.commit([replace(theft, settled=(stolen,))]) == [True]
    everyone = await store.client_users("", 10)
    assert everyone == [
        ("Client-3", "user-of-Client-3", "user-of-Client-3"),
        ("client-1", "eve", "user-of-client-1"),
        ("client-2", "user-of-client-2", "user-of-client-2"),
    ]
    assert await store.client_users("", 1) == everyone[:1]
    assert await store.client_users("client-1", 10) == everyone[2:]


async def test_pages(store: SqlStore) -> None:
    await make(store, "doc", "client-1", "client-2", "client-3")
    await store.add_snapshot("doc", "epoch", Snapshot(2, b"at 2"))
    pages = [await store.all_settled("doc", name, 2) for name in ("", "client-2", "client-3")]
    assert [[row.client_id for row in page] for page in pages] == [["client-1", "client-2"], ["client-3"], []]
    assert await store.snapshots("doc", -1, 1) == [Snapshot(0, b"empty")]
    assert await store.snapshots("doc", 0) == [Snapshot(2, b"at 2")]
