"""How Alembic reaches the database.

`storage.migrate` hands over a connection with its transaction open, so that a migration happens whole or
not at all; there is no ini file and no URL here.
"""

from alembic import context
from sqlalchemy import Connection

from storage.tables import REVISION_TABLE, metadata

connection: Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    version_table=REVISION_TABLE,
    transactional_ddl=True,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
