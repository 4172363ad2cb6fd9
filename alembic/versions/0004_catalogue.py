"""The tracks of this server, and what a search looks through."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

# Words are made by the program, marked with the field in which they stand: no tokenizer has to know letters,
# and no column is filtered. `prefix` counts the mark, so it serves the first five letters.
SQLITE_SEARCH = """
CREATE VIRTUAL TABLE track_search USING fts5(
    words, content='tracks', content_rowid='place',
    tokenize='ascii', detail='none', columnsize=0, prefix='2 3 4 5 6'
)
"""
FORGET = "INSERT INTO track_search (track_search, rowid, words) VALUES ('delete', old.place, old.words);"
LEARN = "INSERT INTO track_search (rowid, words) VALUES (new.place, new.words);"
SQLITE_TRIGGERS = (
    f"CREATE TRIGGER tracks_added AFTER INSERT ON tracks BEGIN {LEARN} END",
    f"CREATE TRIGGER tracks_removed AFTER DELETE ON tracks BEGIN {FORGET} END",
    f"CREATE TRIGGER tracks_changed AFTER UPDATE OF place, words ON tracks BEGIN {FORGET} {LEARN} END",
)


def upgrade() -> None:
    op.create_table(
        "tracks",
        sa.Column("id", ID, nullable=False),
        sa.Column("place", sa.BigInteger, nullable=False),
        sa.Column("path", ID, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("mtime_ns", sa.BigInteger, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("artists", sa.Text, nullable=False),
        sa.Column("album", sa.Text, nullable=False),
        sa.Column("duration_ms", sa.BigInteger, nullable=False),
        sa.Column("isrc", sa.Text, nullable=False),
        sa.Column("recording_id", sa.Text, nullable=False),
        sa.Column("tempo", sa.BigInteger),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("energy", sa.BigInteger),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("artwork", sa.Text, nullable=False),
        sa.Column("added_ms", sa.BigInteger, nullable=False),
        sa.Column("words", sa.Text().with_variant(TSVECTOR(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tracks"),
        sa.UniqueConstraint("place", name="uq_tracks_place"),
    )
    op.create_index("ix_tracks_path", "tracks", ["path"])
    op.create_index("ix_tracks_artwork", "tracks", ["artwork"])
    op.create_table(
        "words",
        sa.Column("word", ID, nullable=False),
        sa.Column("tracks", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("word", name="pk_words"),
    )
    op.create_table(
        "word_grams",
        sa.Column("gram", ID, nullable=False),
        sa.Column("word", ID, nullable=False),
        sa.PrimaryKeyConstraint("gram", "word", name="pk_word_grams"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(SQLITE_SEARCH)
        for trigger in SQLITE_TRIGGERS:
            op.execute(trigger)
    else:
        op.create_index(
            "ix_tracks_words",
            "tracks",
            ["words"],
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        )
    # It only added: programs of the revision before may go on (P18).
    op.execute("INSERT INTO neighbours (revision) VALUES ('0003')")


def downgrade() -> None:
    op.execute("DELETE FROM neighbours WHERE revision = '0003'")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE track_search")
    for table in ("word_grams", "words", "tracks"):
        op.drop_table(table)
