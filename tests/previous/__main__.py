"""`make previous`: makes the databases of the previous version anew, with its wheel.

An evening (`evening.py`) on its server, once on SQLite and once on PostgreSQL; when the server has stopped,
the database is kept beside the keys that open it and what it must hold.
"""

import gzip
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.previous.kept import POSTGRES, SECRET, SQLITE, hash_of, keys_file
from tests.previous.version import Previous
from tests.servers import postgres, postgres_programs


def make(previous: Previous, database: Path, folder: Path, *where: object) -> None:
    """Has the evening in the database at `where`, and notes what came of it beside `database`. Logs go into
    `folder`."""
    with previous.serving(*where, TUTTI_SECRET=SECRET) as url:
        issued = previous.tutti("token", "--user", "robot", "--ttl", "90d", *where, TUTTI_SECRET=SECRET)
        evening = previous.running("evening.py", url, issued.stdout.strip())
        said, _ = evening.communicate()
        assert evening.returncode == 0, "it says why on stderr"
    checked = previous.tutti("verify", *where)
    assert checked.returncode == 0, checked
    keys: dict[str, Any] = json.loads(said)
    logs = {jam: folder / jam for jam in keys["jams"]}
    for jam, log in logs.items():
        played = previous.tutti("replay-jam", log, "--from", jam, *where)
        assert played.returncode == 0, played
    keys["jams"] = {jam: hash_of(log) for jam, log in logs.items()}
    keys_file(database).write_text(json.dumps(keys, indent=2) + "\n")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tutti-previous-") as name, postgres() as server:
        folder = Path(name)
        previous = Previous(folder)

        make(previous, SQLITE, folder, "--data", folder / "data")
        # The last one to leave it has put everything into this one file.
        SQLITE.write_bytes(gzip.compress((folder / "data" / "tutti.db").read_bytes(), mtime=0))

        url = f"{server}/postgres"
        assert previous.tutti("migrate", "--database-url", url).returncode == 0
        make(previous, POSTGRES, folder, "--data", folder / "node", "--database-url", url)
        pg_dump: list[str | Path] = [postgres_programs() / "pg_dump", "--no-owner", "--no-privileges", url]
        dump = subprocess.run(pg_dump, check=True, capture_output=True).stdout
        POSTGRES.write_bytes(gzip.compress(dump, mtime=0))
    for file in (SQLITE, POSTGRES):
        sys.stdout.write(f"{file.name}: {file.stat().st_size:,} bytes\n")


main()
