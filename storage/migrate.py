"""Bringing a database's tables up to date.

Runs Alembic on a connection that somebody else opened, in that connection's transaction: a migration
happens whole or not at all, on SQLite too. Knows where the scripts lie, in the checkout and in the wheel.
Does not know databases; `storage.sqlite` and `storage.postgres` decide when to migrate.
"""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select

from storage.engine import wait_for_migrations
from storage.tables import ELDER_REVISION, ELDER_TABLE, REVISION_TABLE, neighbours

_PACKAGE = Path(__file__).parent
# As Alembic would make it.
_ELDERS = Table(ELDER_TABLE, MetaData(), Column("version_num", String(32), primary_key=True))


def script_folder() -> Path:
    """`storage/migrations` in an installed wheel, `alembic/` in the checkout (under that name it would
    shadow the library once installed)."""
    installed = _PACKAGE / "migrations"
    return installed if installed.is_dir() else _PACKAGE.parent / "alembic"


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(script_folder()))


def head_revision() -> str:
    """The revision that this program works with."""
    head = _scripts().get_current_head()
    assert head is not None, "the scripts ship with the program"
    return head


def is_known(revision: str) -> bool:
    """Whether this program has a script for `revision`; a newer program's it has not."""
    return any(script.revision == revision for script in _scripts().walk_revisions())


def is_neighbour(connection: Connection) -> bool:
    """Whether tables of a revision that this program does not know serve it all the same, because the
    migrations since only added to them. They say so themselves; `tables.neighbours` says when."""
    if not inspect(connection).has_table(neighbours.name):
        return False
    own = select(neighbours.c.revision).where(neighbours.c.revision == head_revision())
    return connection.scalar(own) is not None


def current_revision(connection: Connection) -> str | None:
    """The revision that the database says it is at, None if it was never migrated."""
    return _revision_in(connection, REVISION_TABLE) or _revision_in(connection, ELDER_TABLE)


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Migrates up to `revision`, after whoever migrates this database already. The caller's transaction
    commits it."""
    wait_for_migrations(connection)
    config = _config(connection)
    current = current_revision(connection)
    if current is not None and _revision_in(connection, REVISION_TABLE) is None:
        command.stamp(config, current)
    command.upgrade(config, revision)
    _tell_elders(connection)


def downgrade(connection: Connection, revision: str) -> None:
    """Migrates down to `revision`, or to nothing with "base"."""
    command.downgrade(_config(connection), revision)
    _tell_elders(connection)


def _revision_in(connection: Connection, table: str) -> str | None:
    context = MigrationContext.configure(connection, opts={"version_table": table})
    return context.get_current_revision()


def _tell_elders(connection: Connection) -> None:
    """Writes the revision where programs of 0.1 look for it, if they may work on these tables."""
    current = _revision_in(connection, REVISION_TABLE)
    _ELDERS.create(connection, checkfirst=True)
    connection.execute(_ELDERS.delete())
    if current is not None:
        connection.execute(_ELDERS.insert().values(version_num=min(current, ELDER_REVISION)))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(script_folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
