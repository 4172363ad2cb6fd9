"""What an owner said last of somebody, and pictures of playlists."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "verdicts",
        sa.Column("document", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["document"], ["documents.id"], name="fk_verdicts_document", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("document", "user_id", name="pk_verdicts"),
    )
    op.create_table(
        "pictures",
        sa.Column("document", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("added_ms", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["document"], ["documents.id"], name="fk_pictures_document", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("document", "id", name="pk_pictures"),
    )
    # It only added: programs of the revision before may go on (P18).
    op.execute(f"INSERT INTO neighbours (revision) VALUES ('{down_revision}')")


def downgrade() -> None:
    op.execute(f"DELETE FROM neighbours WHERE revision = '{down_revision}'")
    for table in ("pictures", "verdicts"):
        op.drop_table(table)
