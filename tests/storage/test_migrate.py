"""The migrations lead to the tables that the statements are written for, and back."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect

from storage import migrate
from storage.engine import PostgresLimits, postgres_address, postgres_engine, sqlite_writer
from storage.tables import ELDER_TABLE, REVISION_TABLE, metadata

PARTITIONS = 16


def differences(connection: Connection) -> list[object]:
    """What would have to change for the database to be as `storage.tables` says."""

    def ours(name: str | None, kind: str, _parents: object) -> bool:
        others = ("operations_", "track_search", ELDER_TABLE)
        return kind != "table" or not (name or "").startswith(others)

    def here(_item: object, name: str | None, *_: object) -> bool:
        return connection.dialect.name == "postgresql" or name != "ix_tracks_words"

    how = {
        "include_name": ours,
        "include_object": here,
        "compare_type": True,
        "version_table": REVISION_TABLE,
    }
    context = MigrationContext.configure(connection, opts=how)
    return list(compare_metadata(context, metadata))


def up_and_down(connection: Connection) -> None:
    assert migrate.current_revision(connection) is None
    migrate.upgrade(connection)
    assert migrate.current_revision(connection) == migrate.head_revision()
    assert differences(connection) == []
    migrate.upgrade(connection)
    migrate.downgrade(connection, "base")
    assert migrate.current_revision(connection) is None
    assert set(inspect(connection).get_table_names()) == {REVISION_TABLE, ELDER_TABLE}
    migrate.upgrade(connection)
    assert differences(connection) == []


def test_sqlite_up_and_down(tmp_path: Path) -> None:
    engine = sqlite_writer(tmp_path / "tutti.db")
    with engine.begin() as connection:
        up_and_down(connection)
    engine.dispose()


async def test_postgres_up_and_down(empty_postgres_url: str) -> None:
    engine = postgres_engine(postgres_address(empty_postgres_url), PostgresLimits())
    async with engine.begin() as connection:
        await connection.run_sync(up_and_down)
        partitions = await connection.exec_driver_sql(
            "SELECT count(*) FROM pg_inherits WHERE inhparent = 'operations'::regclass"
        )
        assert partitions.scalar() == PARTITIONS
    await engine.dispose()


async def test_a_failed_migration_leaves_nothing_behind(empty_postgres_url: str) -> None:
    engine = postgres_engine(postgres_address(empty_postgres_url), PostgresLimits())

    def fail(connection: Connection) -> None:
        migrate.upgrade(connection)
        raise RuntimeError("half way")

    async with engine.connect() as connection:
        with pytest.raises(RuntimeError, match="half way"):
            await connection.run_sync(fail)
    async with engine.connect() as connection:
        assert await connection.run_sync(lambda c: inspect(c).get_table_names()) == []
    await engine.dispose()


def test_invites_of_before_there_were_jams_have_generation_0(tmp_path: Path) -> None:
    engine = sqlite_writer(tmp_path / "tutti.db")
    invite = "INSERT INTO invites VALUES (?, 'doc', ?, 'editor', 'ada', 1, 2, FALSE"
    with engine.begin() as connection:
        migrate.upgrade(connection, "0001")
        connection.exec_driver_sql("INSERT INTO documents VALUES ('doc', 'playlist', 'e', 0, 0, 0, 'ada', 0)")
        connection.exec_driver_sql(f"{invite})", ("old", b"1"))
        migrate.upgrade(connection, "0002")
        connection.exec_driver_sql(f"{invite}, 3)", ("new", b"2"))
        query = "SELECT id, generation FROM invites ORDER BY id"
        assert connection.exec_driver_sql(query).all() == [("new", 3), ("old", 0)]
        migrate.downgrade(connection, "0001")
        assert connection.exec_driver_sql("SELECT count(*) FROM invites").scalar() == 2
    engine.dispose()


def test_programs_of_0_1_find_the_revision_that_they_know(tmp_path: Path) -> None:
    """They look into another table and refuse all but their own revision; what was only added suits them."""
    engine = sqlite_writer(tmp_path / "tutti.db")
    with engine.begin() as connection:

        def elders() -> list[str]:
            return list(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars())

        for revision, told in (("0001", "0001"), ("0002", "0002"), ("head", "0002")):
            migrate.upgrade(connection, revision)
            assert elders() == [told]
        # As 0.1 left it.
        migrate.downgrade(connection, "0002")
        connection.exec_driver_sql("DROP TABLE revision")
        assert migrate.current_revision(connection) == "0002"
        migrate.upgrade(connection)
        assert migrate.current_revision(connection) == migrate.head_revision()
        assert elders() == ["0002"]
        migrate.downgrade(connection, "0001")
        assert elders() == ["0001"]
        assert differences(connection) != []
    engine.dispose()


def test_programs_of_the_revision_before_may_go_on(tmp_path: Path) -> None:
    engine = sqlite_writer(tmp_path / "tutti.db")
    with engine.begin() as connection:

        def named() -> list[str]:
            return list(connection.exec_driver_sql("SELECT revision FROM neighbours").scalars())

        migrate.upgrade(connection, "0003")
        assert named() == []
        migrate.upgrade(connection, "0004")
        assert named() == ["0003"]
        migrate.upgrade(connection, "0005")
        assert named() == ["0003", "0004"]
        migrate.downgrade(connection, "0003")
        assert named() == []
    engine.dispose()


def test_known_revisions() -> None:
    assert migrate.is_known(migrate.head_revision())
    assert not migrate.is_known("of next year")


def test_in_a_wheel_the_scripts_lie_in_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "_PACKAGE", tmp_path / "storage")
    assert migrate.script_folder() == tmp_path / "alembic"
    (tmp_path / "storage" / "migrations").mkdir(parents=True)
    assert migrate.script_folder() == tmp_path / "storage" / "migrations"
