"""The databases of the previous version that lie here, and how they come to be used.

`make previous` makes them. What ends after days or months (tokens, links) would end before this
version does, so whoever opens one gives it more time; nothing else is changed. Knows the files. Does not know
what is in the documents.
"""

import gzip
import json
import sqlite3
import subprocess
import time
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import jwt

from tests.previous.version import HERE
from tests.servers import postgres_programs

SECRET = "the secret of the servers that made these databases"
SQLITE = HERE / "sqlite.db.gz"
POSTGRES = HERE / "postgres.sql.gz"

# The year 2100, in ms.
_LATE_MS = 4_102_444_800_000
_LONGER = tuple(
    f"UPDATE {table} SET expires_ms = {_LATE_MS}"
    for table in ("refresh_tokens", "invites", "join_codes", "api_tokens")
)
_DAY_S = 86_400


@dataclass(frozen=True)
class Keys:
    """What was noted of a database when it was made: keys, of each playlist the version and digest, of each
    Jam the hash of its log."""

    refresh_tokens: dict[str, str]
    api_token: str
    invites: dict[str, str]
    playlists: dict[str, list[object]]
    jams: dict[str, str]

    @classmethod
    def of(cls, database: Path) -> "Keys":
        keys: Keys = cls(**json.loads(keys_file(database).read_text()))
        return keys


def keys_file(database: Path) -> Path:
    return HERE / f"{database.name.partition('.')[0]}.json"


def put_sqlite(data: Path) -> None:
    """Into a new data folder."""
    data.mkdir()
    database = data / "tutti.db"
    database.write_bytes(gzip.decompress(SQLITE.read_bytes()))
    with closing(sqlite3.connect(database)) as connection, connection:
        for statement in _LONGER:
            connection.execute(statement)


def put_postgres(url: str) -> None:
    """Into an empty database."""
    dump = gzip.decompress(POSTGRES.read_bytes()).decode()
    # A dump empties the search path of the session that reads it.
    script = ";\n".join([dump, "SET search_path TO public", *_LONGER, ""])
    psql: list[str | Path] = [
        postgres_programs() / "psql",
        "--quiet",
        "--no-psqlrc",
        "--set",
        "ON_ERROR_STOP=1",
        url,
    ]
    subprocess.run(psql, input=script, text=True, stdout=subprocess.DEVNULL, check=True)


def hash_of(log: Path) -> str:
    """What is noted of a Jam's log."""
    return sha256(log.read_bytes()).hexdigest()


def prolonged(api_token: str) -> str:
    """The same token, as if it had been made today: its life is signed with it."""
    header = jwt.get_unverified_header(api_token)
    claims = jwt.decode(api_token, options={"verify_signature": False})
    now_s = int(time.time())
    today = {**claims, "iat": now_s, "exp": now_s + _DAY_S}
    return jwt.encode(today, SECRET, algorithm=header["alg"], headers={"kid": header["kid"]})
