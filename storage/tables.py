"""The tables.

The one description of what is stored, for SQLite and PostgreSQL alike; the migrations in `alembic/` lead
exactly here, which a test checks. Knows columns, keys and indexes. Does not know statements or engines.

`operations` and `settled` have no foreign key to `documents`: every row of theirs is written while the
document's head is held, and a check per row is the dearest part of an insert. Deleting a document takes
the head first, so nothing can be added behind its back.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

# `PRAGMA application_id` of our SQLite files: "Tutt". A file with another one is somebody else's.
APPLICATION_ID = 0x54757474

# Where Alembic keeps the revision of the tables, in `version_num`.
REVISION_TABLE = "revision"
# Programs of 0.1 know nothing of `neighbours`: they look here, and work only if they find their own revision.
# They find it as long as all that came since only added (P18). The first migration that does more takes this
# out, and the row with it.
ELDER_TABLE = "alembic_version"
ELDER_REVISION = "0002"


# Ids sort by code point everywhere, so that `all_documents` pages alike on every database.
_ID = Text().with_variant(Text(collation="C"), "postgresql")

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

documents = Table(
    "documents",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("epoch", _ID, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("changes", BigInteger, nullable=False),
    Column("horizon", BigInteger, nullable=False),
    # Who made it, for ever, and never asked for what anybody may do: roles are among the members.
    Column("owner", _ID, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
)

operations = Table(
    "operations",
    metadata,
    Column("document", _ID, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("client_id", _ID, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("author", _ID, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("document", "version"),
    UniqueConstraint("document", "client_id", "seq"),
    postgresql_partition_by="HASH (document)",
)

settled = Table(
    "settled",
    metadata,
    Column("document", _ID, nullable=False),
    Column("client_id", _ID, nullable=False),
    Column("user_id", _ID, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("body_hash", LargeBinary, nullable=False),
    Column("version", BigInteger),
    Column("code", Text, nullable=False),
    Column("changes", BigInteger, nullable=False),
    PrimaryKeyConstraint("document", "client_id"),
    Index(None, "client_id"),
    # `news` reads a document's rows by their primary key and picks by `changes`: 10,000 clients cost 1 ms.
    # An index on (document, changes) would make each commit dearer by a third instead. Without one, updates
    # stay inside their page where it has room.
    postgresql_with={"fillfactor": 70},
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("document", _ID, ForeignKey("documents.id", ondelete="CASCADE"), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("document", "version"),
)

members = Table(
    "members",
    metadata,
    Column("document", _ID, ForeignKey("documents.id", ondelete="CASCADE"), nullable=False),
    Column("user_id", _ID, nullable=False),
    Column("role", Text, nullable=False),
    PrimaryKeyConstraint("document", "user_id"),
    Index(None, "user_id"),
)

# What an owner said last of somebody: a role, or "" when they were taken out. Who comes by themselves gets no
# more than that.
verdicts = Table(
    "verdicts",
    metadata,
    Column("document", _ID, ForeignKey("documents.id", ondelete="CASCADE"), nullable=False),
    Column("user_id", _ID, nullable=False),
    Column("role", Text, nullable=False),
    PrimaryKeyConstraint("document", "user_id"),
)

pictures = Table(
    "pictures",
    metadata,
    Column("document", _ID, ForeignKey("documents.id", ondelete="CASCADE"), nullable=False),
    Column("id", _ID, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("added_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("document", "id"),
)

invites = Table(
    "invites",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("document", _ID, ForeignKey("documents.id", ondelete="CASCADE"), nullable=False),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("role", Text, nullable=False),
    Column("created_by", _ID, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Column("revoked", Boolean, nullable=False),
    # The default is for neighbouring versions that know of no generation (P18).
    Column("generation", BigInteger, nullable=False, server_default="0"),
    UniqueConstraint("secret_hash"),
    Index(None, "document"),
)

join_codes = Table(
    "join_codes",
    metadata,
    Column("document", _ID, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True),
    Column("code", _ID, nullable=False),
    Column("generation", BigInteger, nullable=False),
    Column("created_by", _ID, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    UniqueConstraint("code"),
)

users = Table(
    "users",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("secret_hash", LargeBinary, primary_key=True),
    Column("family", _ID, nullable=False),
    Column("user_id", _ID, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Column("used", Boolean, nullable=False),
    Column("revoked", Boolean, nullable=False),
    Index(None, "family"),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("user_id", _ID, nullable=False),
    Column("label", Text, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Column("revoked", Boolean, nullable=False),
    Index(None, "user_id"),
)

# Requests that came with an `Idempotency-Key`, by user and the key's hash, for a day. `request_hash` is what
# was asked, `answer` what was said, once that is known.
requests = Table(
    "requests",
    metadata,
    Column("user_id", _ID, nullable=False),
    Column("key_hash", LargeBinary, nullable=False),
    Column("request_hash", LargeBinary, nullable=False),
    Column("claimed_ms", BigInteger, nullable=False),
    Column("answer", LargeBinary),
    PrimaryKeyConstraint("user_id", "key_hash"),
    Index(None, "claimed_ms"),
)

# What an operator did. `number` counts from 1 without a gap, in the order of the commits: whoever has read up
# to one number has missed nothing before it.
audit = Table(
    "audit",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", _ID, nullable=False),
    Column("why", Text, nullable=False),
)

bans = Table(
    "bans",
    metadata,
    Column("user_id", _ID, primary_key=True),
    Column("audit_number", BigInteger, nullable=False),
)

# Revisions whose programs may work on these tables too, because the migrations since only added to them: the
# nodes of the version before, while an upgrade goes from one to the next (P18).
neighbours = Table("neighbours", metadata, Column("revision", Text, primary_key=True))

# The music that this server has. `words` is what a search looks through (`storage.catalogue_words`); SQLite
# finds it in `track_search`, an FTS5 table that triggers keep and that stands in the migration alone.
# `place` is the order among equal matches.
tracks = Table(
    "tracks",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("place", BigInteger, nullable=False),
    # As JSON, which holds what is no UTF-8 in a file's name, too.
    Column("path", _ID, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("title", Text, nullable=False),
    Column("artists", Text, nullable=False),
    Column("album", Text, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    Column("isrc", Text, nullable=False),
    Column("recording_id", Text, nullable=False),
    Column("tempo", BigInteger),
    Column("key", Text, nullable=False),
    Column("energy", BigInteger),
    Column("media_type", Text, nullable=False),
    Column("artwork", Text, nullable=False),
    Column("added_ms", BigInteger, nullable=False),
    Column("words", Text().with_variant(TSVECTOR(), "postgresql"), nullable=False),
    UniqueConstraint("place"),
    Index(None, "path"),
    Index(None, "artwork"),
)
# Its pending list would be read by every search until somebody vacuums.
Index(
    "ix_tracks_words", tracks.c.words, postgresql_using="gin", postgresql_with={"fastupdate": "off"}
).ddl_if(dialect="postgresql")

# Every word of the tracks, and how many have it; and the trigrams of each, for those who make typing errors.
words = Table(
    "words",
    metadata,
    Column("word", _ID, primary_key=True),
    Column("tracks", BigInteger, nullable=False),
)

word_grams = Table(
    "word_grams",
    metadata,
    Column("gram", _ID, nullable=False),
    Column("word", _ID, nullable=False),
    PrimaryKeyConstraint("gram", "word"),
    sqlite_with_rowid=False,
)
