"""What an operator did, who is shut out, and which older programs may work on these tables."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("subject", ID, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
    )
    op.create_table(
        "bans",
        sa.Column("user_id", ID, nullable=False),
        sa.Column("audit_number", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_bans"),
    )
    op.create_table(
        "neighbours",
        sa.Column("revision", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("revision", name="pk_neighbours"),
    )


def downgrade() -> None:
    for table in ("neighbours", "bans", "audit"):
        op.drop_table(table)
