"""Doors of Jams: join codes, and the generation of an invite."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("invites", sa.Column("generation", sa.BigInteger, nullable=False, server_default="0"))
    op.create_table(
        "join_codes",
        sa.Column("document", ID, nullable=False),
        sa.Column("code", ID, nullable=False),
        sa.Column("generation", sa.BigInteger, nullable=False),
        sa.Column("created_by", ID, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("expires_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("document", name="pk_join_codes"),
        sa.UniqueConstraint("code", name="uq_join_codes_code"),
        sa.ForeignKeyConstraint(
            ["document"], ["documents.id"], ondelete="CASCADE", name="fk_join_codes_document"
        ),
    )


def downgrade() -> None:
    op.drop_table("join_codes")
    op.drop_column("invites", "generation")
