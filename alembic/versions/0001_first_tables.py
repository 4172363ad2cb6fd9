"""First tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPLICATION_ID = 0x54757474
OPERATIONS_PARTITIONS = 16

ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "documents",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("epoch", ID, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("changes", sa.BigInteger, nullable=False),
        sa.Column("horizon", sa.BigInteger, nullable=False),
        sa.Column("owner", ID, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
    )
    op.create_table(
        "operations",
        sa.Column("document", ID, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("client_id", ID, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("author", ID, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("document", "version", name="pk_operations"),
        sa.UniqueConstraint("document", "client_id", "seq", name="uq_operations_document_client_id_seq"),
        postgresql_partition_by="HASH (document)",
    )
    if not sqlite:
        for remainder in range(OPERATIONS_PARTITIONS):
            op.execute(
                f"CREATE TABLE operations_{remainder:02} PARTITION OF operations "
                f"FOR VALUES WITH (MODULUS {OPERATIONS_PARTITIONS}, REMAINDER {remainder})"
            )
    op.create_table(
        "settled",
        sa.Column("document", ID, nullable=False),
        sa.Column("client_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("body_hash", sa.LargeBinary, nullable=False),
        sa.Column("version", sa.BigInteger),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("changes", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("document", "client_id", name="pk_settled"),
        postgresql_with={"fillfactor": 70},
    )
    op.create_index("ix_settled_client_id", "settled", ["client_id"])
    op.create_table(
        "snapshots",
        sa.Column("document", ID, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("document", "version", name="pk_snapshots"),
        sa.ForeignKeyConstraint(
            ["document"], ["documents.id"], ondelete="CASCADE", name="fk_snapshots_document"
        ),
    )
    op.create_table(
        "members",
        sa.Column("document", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("document", "user_id", name="pk_members"),
        sa.ForeignKeyConstraint(
            ["document"], ["documents.id"], ondelete="CASCADE", name="fk_members_document"
        ),
    )
    op.create_index("ix_members_user_id", "members", ["user_id"])
    op.create_table(
        "invites",
        sa.Column("id", ID, nullable=False),
        sa.Column("document", ID, nullable=False),
        sa.Column("secret_hash", sa.LargeBinary, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("created_by", ID, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("expires_ms", sa.BigInteger, nullable=False),
        sa.Column("revoked", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_invites"),
        sa.UniqueConstraint("secret_hash", name="uq_invites_secret_hash"),
        sa.ForeignKeyConstraint(
            ["document"], ["documents.id"], ondelete="CASCADE", name="fk_invites_document"
        ),
    )
    op.create_index("ix_invites_document", "invites", ["document"])
    op.create_table(
        "users",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
    )
    op.create_table(
        "refresh_tokens",
        sa.Column("secret_hash", sa.LargeBinary, nullable=False),
        sa.Column("family", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("expires_ms", sa.BigInteger, nullable=False),
        sa.Column("used", sa.Boolean, nullable=False),
        sa.Column("revoked", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("secret_hash", name="pk_refresh_tokens"),
    )
    op.create_index("ix_refresh_tokens_family", "refresh_tokens", ["family"])
    op.create_table(
        "api_tokens",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("expires_ms", sa.BigInteger, nullable=False),
        sa.Column("revoked", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_api_tokens"),
    )
    op.create_index("ix_api_tokens_user_id", "api_tokens", ["user_id"])
    if sqlite:
        op.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def downgrade() -> None:
    for table in (
        "api_tokens",
        "refresh_tokens",
        "users",
        "invites",
        "members",
        "snapshots",
        "settled",
        "operations",
        "documents",
    ):
        op.drop_table(table)
