"""Opening a database at home, what is refused, and a writer that has to wait."""

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection

from storage import engine, migrate, sqlite_copy
from storage.sqlite import open_sqlite
from storage.store import ApiToken, StoreRefused, Unavailable
from tests.contracts.backends import batch, op

LATER_REVISION = '''
"""A later revision than this program's, for tests."""
import sqlalchemy as sa
from alembic import op

revision = "later"
down_revision = "{head}"

def upgrade():
    op.add_column("users", sa.Column("motto", sa.Text))
    {then}
'''


@pytest.fixture
async def database(tmp_path: Path) -> Path:
    """A database with one document of one op, closed."""
    store = await open_sqlite(tmp_path)
    head = await store.create_document("doc", "playlist", "epoch", "ada", b"empty", 1)
    assert await store.commit([batch(head, op(1))]) == [True]
    await store.close()
    return tmp_path / "tutti.db"


@pytest.fixture
def later(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Makes this program one revision newer than the databases made before the fixture's scripts are used;
    the value is that revision's script."""
    folder = tmp_path_factory.mktemp("scripts") / "alembic"
    shutil.copytree(migrate.script_folder(), folder)
    script = folder / "versions" / "later.py"
    script.write_text(LATER_REVISION.format(head=migrate.head_revision(), then="pass"))
    monkeypatch.setattr(migrate, "script_folder", lambda: folder)
    migrate._scripts.cache_clear()
    yield script
    migrate._scripts.cache_clear()


async def refusal(folder: Path, **how: bool) -> str:
    with pytest.raises(StoreRefused) as refused:
        await open_sqlite(folder, **how)
    return str(refused.value)


def revision_of(database: Path) -> str:
    with closing(sqlite3.connect(database)) as connection:
        revision: str = connection.execute("SELECT version_num FROM revision").fetchone()[0]
    return revision


def content(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.name != "tutti.lock"}


class TestOpening:
    async def test_what_was_written_is_there_again(self, database: Path) -> None:
        store = await open_sqlite(database.parent)
        loaded = await store.load("doc")
        assert loaded is not None
        assert loaded.tail == (op(1),)
        await store.close()

    async def test_the_folder_is_made(self, tmp_path: Path) -> None:
        store = await open_sqlite(tmp_path / "a" / "b")
        await store.ping()
        await store.close()

    async def test_writes_are_synced_in_the_log(self, tmp_path: Path) -> None:
        store = await open_sqlite(tmp_path)

        def pragmas(connection: Connection) -> list[object]:
            names = ("journal_mode", "synchronous", "foreign_keys")
            return [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]

        assert await store._write(pragmas) == ["wal", 2, 1]
        await store.close()

    async def test_reads_cannot_write(self, database: Path) -> None:
        store = await open_sqlite(database.parent)
        with pytest.raises(Unavailable):
            await store._read(lambda connection: connection.exec_driver_sql("DELETE FROM users"))
        await store.close()

    async def test_an_interrupted_creation_starts_anew(self, tmp_path: Path) -> None:
        (tmp_path / "tutti.new").write_bytes(b"half made")
        store = await open_sqlite(tmp_path)
        await store.ping()
        await store.close()


class TestOneServerPerFile:
    async def test_a_second_one_is_refused(self, database: Path) -> None:
        store = await open_sqlite(database.parent)
        assert "in use by another Tutti server" in await refusal(database.parent)
        await store.close()
        again = await open_sqlite(database.parent)
        await again.close()

    async def test_a_killed_one_lets_go(self, database: Path) -> None:
        program = (
            "import sys; from pathlib import Path; from storage.sqlite_file import FileLock;"
            "lock = FileLock(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
        )
        with subprocess.Popen(
            [sys.executable, "-c", program, database], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == b"held\n"
            assert "in use by another Tutti server" in await refusal(database.parent)
            other.kill()
        store = await open_sqlite(database.parent)
        await store.close()

    async def test_a_visitor_comes_in_beside_it(self, database: Path) -> None:
        store = await open_sqlite(database.parent)
        visitor = await open_sqlite(database.parent, visitor=True)
        token = ApiToken("t", "ada", "backup", 1, 2, revoked=False)
        await visitor.add_api_token(token)
        await visitor.close()
        assert await store.api_token("t") == token
        await store.close()

    async def test_a_visitor_makes_nothing(self, tmp_path: Path) -> None:
        assert "no Tutti database" in await refusal(tmp_path, visitor=True)
        assert list(tmp_path.iterdir()) == []


class TestRefused:
    @pytest.mark.parametrize("damage", ["empty", "text", "beginning lost", "cut", "page", "schema"])
    async def test_a_damaged_file(self, database: Path, damage: str) -> None:
        data = database.read_bytes()
        middle = len(data) // 4096 // 2 * 4096
        database.write_bytes(
            {
                "empty": b"",
                "text": b"my shopping list\n" * 1000,
                "beginning lost": bytes(100) + data[100:],
                "cut": data[:middle],
                "page": data[:4096] + b"\xff" * (len(data) - 4096),
                "schema": data[:100] + b"\xff" * 3996 + data[4096:],
            }[damage]
        )
        before = content(database.parent)
        sentence = await refusal(database.parent)
        assert "restore a backup" in sentence
        assert content(database.parent) == before

    async def test_another_programs_database(self, tmp_path: Path) -> None:
        with closing(sqlite3.connect(tmp_path / "tutti.db")) as connection:
            connection.execute("CREATE TABLE documents (anything)")
        before = content(tmp_path)
        assert "another program's database" in await refusal(tmp_path)
        assert content(tmp_path) == before

    @pytest.mark.parametrize("how", [{}, {"visitor": True}, {"migrate": False}])
    async def test_a_newer_one(self, database: Path, how: dict[str, bool]) -> None:
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute("UPDATE revision SET version_num = 'of next year'")
        assert "newer Tutti" in await refusal(database.parent, **how)

    async def test_a_newer_one_that_only_added(self, database: Path) -> None:
        """As whoever goes back to the version before finds it."""
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute("UPDATE revision SET version_num = 'of next year'")
            connection.execute("INSERT INTO neighbours VALUES (?)", (migrate.head_revision(),))
        store = await open_sqlite(database.parent)
        await store.close()
        assert revision_of(database) == "of next year"

    async def test_a_log_without_its_database(self, database: Path) -> None:
        database.rename(database.with_name("elsewhere.db"))
        database.with_name("tutti.db-wal").write_bytes(b"committed changes")
        assert "is missing" in await refusal(database.parent)
        assert database.with_name("tutti.db-wal").read_bytes() == b"committed changes"

    async def test_a_log_damaged_before_a_later_commit(self, database: Path, tmp_path: Path) -> None:
        store = await open_sqlite(database.parent)
        for name in ("one", "two", "three"):
            await store.create_document(name, "playlist", "epoch", "ada", b"empty", 1)
        crashed = tmp_path / "crashed"
        crashed.mkdir()
        for name in ("tutti.db", "tutti.db-wal"):
            shutil.copy(database.with_name(name), crashed)
        await store.close()
        log = bytearray((crashed / "tutti.db-wal").read_bytes())
        log[32 + 24 + 50] ^= 1
        (crashed / "tutti.db-wal").write_bytes(log)
        before = content(crashed)
        assert "tutti.db-wal is damaged" in await refusal(crashed)
        assert content(crashed) == before

    async def test_a_file_that_another_program_holds(
        self, database: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sqlite_copy, "BUSY_S", 0.02)
        with closing(sqlite3.connect(database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert "locked by another program" in await refusal(database.parent)

    async def test_a_folder_that_is_none(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("not a folder")
        assert "cannot be used" in await refusal(tmp_path / "file")

    async def test_a_folder_that_takes_no_file(self, tmp_path: Path) -> None:
        (tmp_path / "tutti.lock").mkdir()
        assert "cannot be written" in await refusal(tmp_path)


class TestMigration:
    async def test_an_older_one_is_backed_up_first(self, database: Path, later: Path) -> None:
        old, revision = database.read_bytes(), revision_of(database)
        store = await open_sqlite(database.parent)
        loaded = await store.load("doc")
        assert loaded is not None
        assert loaded.tail == (op(1),)
        assert await store._read(migrate.current_revision) == "later"
        await store.close()
        copies = [p for p in database.parent.iterdir() if "before-migration" in p.name]
        assert [p.name for p in copies] == [f"tutti.before-migration-{revision}.db"]
        assert revision_of(copies[0]) == revision
        with closing(sqlite3.connect(copies[0])) as copy:
            assert copy.execute("SELECT count(*) FROM operations").fetchone() == (1,)
            assert sqlite_copy.is_copy(copy), "put back, it is a backup like another"
        # A second migration from the same revision leaves the first copy alone.
        first = copies[0].read_bytes()
        database.write_bytes(old)
        await (await open_sqlite(database.parent)).close()
        assert copies[0].read_bytes() == first
        assert database.with_name(f"tutti.before-migration-{revision}-2.db").exists()

    @pytest.mark.parametrize("how", [{"visitor": True}, {"migrate": False}])
    async def test_not_unless_allowed(self, database: Path, later: Path, how: dict[str, bool]) -> None:
        before = content(database.parent)
        assert "run `tutti migrate`" in await refusal(database.parent, **how)
        assert content(database.parent) == before

    async def test_one_that_fails_changes_nothing(self, database: Path, later: Path) -> None:
        later.write_text(later.read_text().replace("    pass", '    raise RuntimeError("half way")'))
        revision = revision_of(database)
        with pytest.raises(RuntimeError, match="half way"):
            await open_sqlite(database.parent)
        assert revision_of(database) == revision
        with closing(sqlite3.connect(database)) as connection:
            columns = [row[1] for row in connection.execute("PRAGMA table_info(users)")]
            assert "motto" not in columns


class TestWaiting:
    async def test_reads_go_on_while_a_write_waits_for_the_lock(self, database: Path) -> None:
        store = await open_sqlite(database.parent)
        with closing(sqlite3.connect(database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            writing = asyncio.create_task(store.set_member("doc", "bob", "editor"))
            assert await store.members("doc") == {"ada": "owner"}
            assert not writing.done()
            other.execute("ROLLBACK")
        assert await writing is not None
        assert await store.members("doc") == {"ada": "owner", "bob": "editor"}
        await store.close()

    async def test_a_lock_held_too_long_is_unavailable(
        self, database: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(engine, "SQLITE_BUSY_MS", 20)
        store = await open_sqlite(database.parent)
        head = (await store.heads(["doc"]))["doc"]
        with closing(sqlite3.connect(database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(Unavailable):
                await store.commit([batch(head, op(2))])
        assert await store.commit([batch(head, op(2))]) == [True]
        await store.close()

    async def test_damage_found_while_running_is_named(self, database: Path) -> None:
        store = await open_sqlite(database.parent)
        with database.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * (database.stat().st_size - 4096))
        with pytest.raises(StoreRefused, match="damaged"):
            await store.load("doc")
        await store.close()
