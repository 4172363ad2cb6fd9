"""Requests at random, made from the OpenAPI document, against a real server.

`python -m tests.documents.random_requests` asks as long as it is told to and prints what was answered
otherwise than the document says. Knows schemathesis' command line. Does not know what its requests are about:
that is `random_hooks`.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.collab.command import serving
from tests.collab.music.shelf import Shelf, cover
from tests.documents.files import ROOT

# What would say too much of who asks often is not what is looked for here.
_UNLIMITED = {"TUTTI_HTTP_REQUESTS": "1000000", "TUTTI_GUESTS_PER_MINUTE": "1000000"}
# Other methods are the router's, not the document's. A text that is too long may be too long for a header.
_SETTINGS = """
[phases.coverage]
unexpected-methods = []
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 409, 413, 422, 429, 431]
"""
# A stream ends when its reader wants no more, and this one reads to the end.
_ENDLESS = "/v1/playlists/{playlist}/events"
_CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
)


def ask(folder: Path, seed: int, *how: str) -> subprocess.CompletedProcess[str]:
    """Starts a server in `folder`, asks it at random, and stops it; `how` goes to schemathesis. Its exit code
    says whether every answer was as documented."""
    music = folder / "music"
    music.mkdir()
    Shelf(music).song("song.flac", picture=cover())
    (folder / "schemathesis.toml").write_text(_SETTINGS)
    with serving(folder / "data", "--music", music, **_UNLIMITED) as server:
        return subprocess.run(
            [
                *(str(Path(sys.executable).parent / "schemathesis"), "--config-file", "schemathesis.toml"),
                *("run", f"{server.url}/openapi.json", "--url", server.url, "--seed", str(seed)),
                *("--checks", ",".join(_CHECKS), "--exclude-path", _ENDLESS),
                *("--generation-database", "none", "--no-color"),
                *(
                    "--max-redirects",
                    "0",
                    "--request-timeout",
                    "60",
                    "--continue-on-failure",
                    "--warnings",
                    "off",
                    *how,
                ),
            ],
            cwd=folder,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "clients/python")]),
                "SCHEMATHESIS_HOOKS": "tests.documents.random_hooks",
                "TUTTI_ASKED_URL": server.url,
            },
            capture_output=True,
            text=True,
            check=False,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=int, default=5, help="How long to go on asking.")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        how = ("--phases", "examples,coverage,fuzzing", "--max-time", str(chosen.minutes * 60))
        run = ask(Path(folder), chosen.seed, *how)
    sys.stdout.write(run.stdout + run.stderr)
    sys.exit(run.returncode)


if __name__ == "__main__":
    main()
