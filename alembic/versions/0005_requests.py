"""Requests that came with an `Idempotency-Key`, and how they were answered."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "requests",
        sa.Column("user_id", ID, nullable=False),
        sa.Column("key_hash", sa.LargeBinary, nullable=False),
        sa.Column("request_hash", sa.LargeBinary, nullable=False),
        sa.Column("claimed_ms", sa.BigInteger, nullable=False),
        sa.Column("answer", sa.LargeBinary),
        sa.PrimaryKeyConstraint("user_id", "key_hash", name="pk_requests"),
    )
    op.create_index("ix_requests_claimed_ms", "requests", ["claimed_ms"])
    # It only added: programs of the revision before may go on (P18).
    op.execute("INSERT INTO neighbours (revision) VALUES ('0004')")


def downgrade() -> None:
    op.execute("DELETE FROM neighbours WHERE revision = '0004'")
    op.drop_table("requests")
