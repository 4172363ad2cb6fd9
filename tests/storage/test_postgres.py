"""Opening PostgreSQL, and the ways in which it or the network fails."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Connection

from storage import membership, migrate
from storage.administered import AuditEntry
from storage.engine import FAILURES, PostgresLimits
from storage.postgres import PostgresStore, migrate_postgres, open_postgres
from storage.rows import Head, Snapshot
from storage.store import OutcomeUnknown, StoreRefused, Unavailable
from tests.contracts.backends import batch, op
from tests.lookups import outcome
from tests.proxy import Fault, FaultProxy
from tests.servers import free_port

IMPATIENT = PostgresLimits(connections=2, statement_ms=450, answer_ms=10_000)
# The client gives up long before the server would.
DEAF = PostgresLimits(connections=2, statement_ms=10_000, answer_ms=100)


def _fatal(state: bytes, words: bytes) -> bytes:
    fields = b"SFATAL\0VFATAL\0C" + state + b"\0M" + words + b"\0\0"
    return b"E" + (4 + len(fields)).to_bytes(4, "big") + fields


LAST_WORDS = _fatal(b"57P02", b"terminating connection because of crash of another server process")
NOT_YET = _fatal(b"57P03", b"the database system is starting up")


@asynccontextmanager
async def opened(url: str, limits: PostgresLimits | None = None) -> AsyncIterator[PostgresStore]:
    store = await open_postgres(url, limits=limits)
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def outsider(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection of somebody else."""
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def make(store: PostgresStore, document: str = "doc") -> Head:
    return await store.create_document(document, "playlist", "epoch", "ada", b"empty", 1)


async def occupy(other: asyncpg.Connection, head: Head) -> None:
    """Makes the next commit on `head` wait inside the server, as one that runs into a slow disk would: an
    unfinished transaction holds the row that it is about to insert."""
    await other.execute("BEGIN")
    await other.execute(
        "INSERT INTO operations VALUES ($1, $2, 'somebody', 1, 'somebody', 0, '')",
        head.document,
        head.version + 1,
    )


async def waiting_session(other: asyncpg.Connection) -> int:
    """Process id of the session that came to wait for what `other` holds."""
    query = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    while (pid := await other.fetchval(query)) is None:
        # Inside its transaction the server would show the same sessions again.
        await other.execute("SELECT pg_stat_clear_snapshot()")
    assert isinstance(pid, int)
    return pid


class TestOpening:
    async def test_nobody_there(self) -> None:
        with pytest.raises(Unavailable):
            await open_postgres(f"postgresql://tutti@127.0.0.1:{free_port()}/tutti")

    async def test_no_such_database(self, postgres_server: str) -> None:
        with pytest.raises(Unavailable, match="does not exist"):
            await open_postgres(f"{postgres_server}/absent")

    @pytest.mark.parametrize("url", ["no url", "mysql://host/db", "sqlite:///file.db"])
    async def test_not_a_postgres_url(self, url: str) -> None:
        with pytest.raises(StoreRefused):
            await open_postgres(url)

    async def test_spellings_of_the_url(self, postgres_url: str) -> None:
        async with opened(postgres_url.replace("postgresql://", "postgres://") + "?sslmode=disable") as store:
            await store.ping()

    async def test_not_migrated_yet(self, empty_postgres_url: str) -> None:
        with pytest.raises(StoreRefused, match="tutti migrate"):
            await open_postgres(empty_postgres_url)

    async def test_two_migrate_at_once(self, empty_postgres_url: str) -> None:
        stores = await asyncio.gather(*(open_postgres(empty_postgres_url, migrate=True) for _ in range(2)))
        for store in stores:
            await store.ping()
            await store.close()

    @pytest.mark.parametrize("migrate", [True, False])
    async def test_a_newer_one(self, postgres_url: str, *, migrate: bool) -> None:
        async with outsider(postgres_url) as other:
            await other.execute("UPDATE revision SET version_num = 'of next year'")
        with pytest.raises(StoreRefused, match="newer Tutti"):
            await open_postgres(postgres_url, migrate=migrate)

    async def test_a_newer_one_that_only_added(self, postgres_url: str) -> None:
        """As the nodes of the version before find it, while an upgrade goes from one to the next."""
        async with outsider(postgres_url) as other:
            await other.execute("UPDATE revision SET version_num = 'of next year'")
            await other.execute("INSERT INTO neighbours VALUES ($1)", migrate.head_revision())
        async with opened(postgres_url) as store:
            await make(store)

    async def test_one_that_acknowledges_too_early(self, postgres_url: str) -> None:
        async with outsider(postgres_url) as other:
            name = await other.fetchval("SELECT current_database()")
            await other.execute(f"ALTER DATABASE {name} SET synchronous_commit TO off")
        with pytest.raises(StoreRefused, match="synchronous_commit"):
            await open_postgres(postgres_url)

    async def test_another_programs_tables(self, empty_postgres_url: str) -> None:
        async with outsider(empty_postgres_url) as other:
            await other.execute("CREATE TABLE users (name text)")
        with pytest.raises(StoreRefused, match="another program's tables"):
            await open_postgres(empty_postgres_url, migrate=True)


class TestRole:
    async def test_servers_need_rows_and_no_tables(self, postgres_url: str) -> None:
        async with outsider(postgres_url) as owner:
            role = f"node_{await owner.fetchval('SELECT current_database()')}"
            await owner.execute(f"CREATE ROLE {role} LOGIN")
            try:
                await migrate_postgres(postgres_url, grant_to=role)
                url = f"postgresql://{role}@{postgres_url.partition('@')[2]}"
                async with opened(url) as store:
                    head = await make(store)
                    assert await store.commit([batch(head, op(1))]) == [True]
                    await store.add_snapshot("doc", head.epoch, Snapshot(1, b"one"))
                    assert await store.forget_ops("doc", 1) == 1
                    await store.set_member("doc", "bob", "editor")
                    assert await store.ban(AuditEntry(1, "root", "ban", "bob"))
                    assert await store.delete_document("doc")
                async with outsider(url) as restricted:
                    for statement in (
                        "CREATE TABLE more (name text)",
                        "ALTER TABLE users ADD more text",
                        "DROP TABLE settled",
                        "TRUNCATE operations",
                        "DELETE FROM audit",
                        "UPDATE revision SET version_num = '1'",
                        "UPDATE alembic_version SET version_num = '1'",
                    ):
                        with pytest.raises(asyncpg.InsufficientPrivilegeError):
                            await restricted.execute(statement)
            finally:
                await owner.execute(f"DROP OWNED BY {role}")
                await owner.execute(f"DROP ROLE {role}")


class TestHeldHeads:
    async def test_a_held_head_loses_at_once_and_alone(self, postgres_url: str) -> None:
        async with opened(postgres_url) as store, outsider(postgres_url) as other:
            held, free = await make(store, "held"), await make(store, "free")
            async with other.transaction():
                await other.execute("SELECT 1 FROM documents WHERE id = 'held' FOR NO KEY UPDATE")
                assert await store.commit([batch(held, op(1)), batch(free, op(1))]) == [False, True]
                assert await outcome(store, "held", "client-1") is None
            news = await store.news("held", 0, 0, "epoch")
            assert news is not None
            assert (news.head, news.ops, news.settled) == (held, (), ())
            assert await store.commit([batch(held, op(1))]) == [True]

    async def test_a_snapshot_in_the_making_loses_nobody_a_race(self, postgres_url: str) -> None:
        async with opened(postgres_url) as store, outsider(postgres_url) as other:
            head = await make(store)
            async with other.transaction():
                await other.execute("SELECT 1 FROM documents WHERE id = 'doc' FOR KEY SHARE")
                assert await store.commit([batch(head, op(1))]) == [True]


class TestFailures:
    async def test_a_commit_that_waits_too_long_wrote_nothing(self, postgres_url: str) -> None:
        async with opened(postgres_url, IMPATIENT) as store, outsider(postgres_url) as other:
            head = await make(store)
            await occupy(other, head)
            with pytest.raises(Unavailable, match="lock timeout"):
                await store.commit([batch(head, op(1))])
            await other.execute("ROLLBACK")
            assert await store.commit([batch(head, op(1))]) == [True]

    async def test_a_session_ended_in_the_middle_is_unknown(self, postgres_url: str) -> None:
        async with opened(postgres_url) as store, outsider(postgres_url) as other:
            head = await make(store)
            await occupy(other, head)
            commit = asyncio.create_task(store.commit([batch(head, op(1))]))
            pid = await waiting_session(other)
            await other.execute("SELECT pg_terminate_backend($1)", pid)
            with pytest.raises(OutcomeUnknown):
                await commit
            await other.execute("ROLLBACK")
            assert await store.commit([batch(head, op(1))]) == [True]

    async def test_an_answer_that_never_comes_is_unknown(self, postgres_url: str) -> None:
        async with FaultProxy(postgres_url) as proxy, opened(proxy.url, DEAF) as store:
            head = await make(store)
            assert await store.commit([batch(head, op(1))]) == [True]
            head = (await store.heads(["doc"]))["doc"]
            proxy.break_next(Fault.ANSWER_STALLED)
            with pytest.raises(OutcomeUnknown):
                await store.commit([batch(head, op(2))])
            assert [row.version for row in await store.ops("doc", 0, 9)] == [1, 2]

    async def test_a_lost_answer_to_any_commit_is_unknown(self, postgres_url: str) -> None:
        async with FaultProxy(postgres_url) as proxy, opened(proxy.url) as store:
            await make(store)

            def promote(connection: Connection) -> None:
                membership.set_member(connection, "doc", "bob", "editor")
                proxy.break_next(Fault.ANSWER_CUT)  # what comes next is the answer to COMMIT

            with pytest.raises(OutcomeUnknown):
                await store._write(promote)
            assert await store.members("doc") == {"ada": "owner", "bob": "editor"}

    async def test_before_the_commit_a_lost_answer_means_nothing_written(self, postgres_url: str) -> None:
        async with FaultProxy(postgres_url) as proxy, opened(proxy.url) as store:
            await make(store)
            proxy.break_next(Fault.ANSWER_CUT)
            with pytest.raises(Unavailable):
                await store.set_member("doc", "bob", "editor")
            assert await store.members("doc") == {"ada": "owner"}

    async def test_a_read_whose_answer_is_lost_is_unavailable(self, postgres_url: str) -> None:
        async with FaultProxy(postgres_url) as proxy, opened(proxy.url) as store:
            await make(store)
            proxy.break_next(Fault.ANSWER_CUT)
            with pytest.raises(Unavailable):
                await store.load("doc")
            assert await store.load("doc") is not None

    async def test_a_cancelled_commit_gives_its_connection_up(self, postgres_url: str) -> None:
        async with opened(postgres_url) as store, outsider(postgres_url) as other:
            head = await make(store)
            await occupy(other, head)
            commit = asyncio.create_task(store.commit([batch(head, op(1))]))
            pid = await waiting_session(other)
            commit.cancel()
            with pytest.raises(asyncio.CancelledError):
                await commit
            await other.execute("ROLLBACK")
            async with store._connection(store._writing) as fresh:
                driver = (await fresh.get_raw_connection()).driver_connection
                assert driver is not None
                assert driver.get_server_pid() != pid

    async def test_connections_closed_in_the_pool_cost_no_unknown_outcome(self, postgres_url: str) -> None:
        async with opened(postgres_url) as store, outsider(postgres_url) as other:
            head = await make(store)
            closed = asyncio.Event()
            async with store._driver(store._committing) as driver:
                driver.add_termination_listener(lambda _: closed.set())
                pid = driver.get_server_pid()
            await other.execute("SELECT pg_terminate_backend($1)", pid)
            await closed.wait()
            assert await store.commit([batch(head, op(1))]) == [True]

    @pytest.mark.parametrize("is_write", [True, False])
    async def test_the_last_words_of_a_server_that_was_killed(
        self, postgres_url: str, *, is_write: bool
    ) -> None:
        """They reached the driver, and the end of the connection did not yet."""
        async with opened(postgres_url, PostgresLimits(connections=1)) as store:
            head = await make(store)
            async with store._driver(store._committing if is_write else store._writing) as driver:
                pass
            driver._transport.get_protocol().data_received(LAST_WORDS)
            with pytest.raises(OutcomeUnknown if is_write else Unavailable):
                await (store.commit([batch(head, op(1))]) if is_write else store.load("doc"))
            assert await store.commit([batch(head, op(1))]) == [True]

    async def test_a_statement_that_takes_too_long_is_cut(self, postgres_url: str) -> None:
        async with opened(postgres_url, IMPATIENT) as store:
            with pytest.raises(Unavailable, match="statement timeout"):
                await store._read(lambda connection: connection.exec_driver_sql("SELECT pg_sleep(60)"))
            await store.ping()

    async def test_waiting_for_a_lock_ends_before_the_statement_does(self, postgres_url: str) -> None:
        async with opened(postgres_url, IMPATIENT) as store, outsider(postgres_url) as other:
            await make(store)
            async with other.transaction():
                await other.execute("SELECT 1 FROM documents FOR UPDATE")
                with pytest.raises(Unavailable, match="lock timeout"):
                    await store.set_member("doc", "bob", "editor")
            assert await store.set_member("doc", "bob", "editor") is not None

    async def test_an_abandoned_transaction_lets_go_of_its_document(self, postgres_url: str) -> None:
        async with opened(postgres_url, IMPATIENT) as store, opened(postgres_url) as patient:
            await make(store)
            cut = asyncio.Event()

            async def begin_and_stand_still() -> None:
                async with store._connection(store._writing) as connection:
                    driver = (await connection.get_raw_connection()).driver_connection
                    assert driver is not None
                    driver.add_termination_listener(lambda _: cut.set())
                    await connection.exec_driver_sql("SELECT 1 FROM documents FOR UPDATE")
                    await cut.wait()
                    await connection.exec_driver_sql("SELECT 1")

            with pytest.raises(FAILURES):
                await begin_and_stand_still()
            assert await patient.set_member("doc", "bob", "editor") is not None

    async def test_a_commit_waits_for_no_read(self, postgres_url: str) -> None:
        limits = PostgresLimits(connections=2, connect_ms=500)
        async with opened(postgres_url, limits) as store:
            head = await make(store)
            async with store._connection(store._reading):
                with pytest.raises(Unavailable):
                    await store.ping()
                assert await store.commit([batch(head, op(1))]) == [True]

    async def test_an_exhausted_pool_is_unavailable(self, postgres_url: str) -> None:
        limits = PostgresLimits(connections=1, connect_ms=500)
        async with opened(postgres_url, limits) as store, store._connection(store._writing):
            with pytest.raises(Unavailable):
                await store.ping()


async def test_a_server_that_is_starting_up_is_unavailable() -> None:
    """Whether a connection is SQLAlchemy's or the driver's own, which SQLAlchemy's errors do not pass."""

    async def turn_away(client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        await client.readexactly(8)  # whether TLS is spoken here
        to_client.write(b"N")
        await client.read(1024)
        to_client.write(NOT_YET)
        to_client.close()

    async with await asyncio.start_server(turn_away, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        store = PostgresStore(f"postgresql://nobody@127.0.0.1:{port}/postgres", IMPATIENT)
        group = [batch(Head("doc", "playlist", "epoch", 0, 0), op(1))]
        for ask in (store.clock_us(), store.commit(group), store.load("doc")):
            with pytest.raises(Unavailable, match="starting up"):
                await ask
        await store.close()


async def test_a_session_that_ends_after_its_answer_costs_nothing(postgres_url: str) -> None:
    """Its transaction cannot be ended any more; what was read stands."""

    def ask_and_lose(connection: Connection) -> int:
        answer: int = connection.exec_driver_sql("SELECT 7").scalar_one()
        driver: Any = connection.connection.driver_connection
        driver.terminate()
        return answer

    async with opened(postgres_url, IMPATIENT) as store:
        for _ in range(IMPATIENT.connections + 1):
            assert await store._read(ask_and_lose) == 7
        assert await store.load("nothing") is None
