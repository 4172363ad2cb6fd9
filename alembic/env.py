"""How Alembic reaches the database.

`storage.migrate` hands over a connection with its transaction open, so that a migration happens whole or
not at all; there is no ini file. Two programs that migrate one PostgreSQL database wait for each other.
"""

from alembic import context
from sqlalchemy import Connection, text

from storage.tables import metadata

# Any number will do that no other advisory lock of the database has: "Tutt" again.
MIGRATION_LOCK = 0x54757474

connection: Connection = context.config.attributes["connection"]
if connection.dialect.name == "postgresql":
    connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))

context.configure(
    connection=connection,
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
