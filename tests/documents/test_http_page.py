"""What docs/HTTP.md tells somebody with a client of the Spotify Web API to run prints what the page says."""

import os
import re
import subprocess
import sys
from pathlib import Path

from collab.config import DEFAULT_PORT
from tests.collab.command import serving
from tests.documents.files import ROOT

PAGE = (ROOT / "docs/HTTP.md").read_text()
PATIENCE_S = 60


def blocks(language: str, text: str = PAGE) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_ten_lines_are_enough_for_spotipy() -> None:
    first = blocks("python")[0]
    imports, lines = first.split("\n\n")
    assert imports == "import httpx\nimport spotipy"
    assert len(lines.splitlines()) <= 10


def test_the_program_of_the_page_prints_what_the_page_says(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:
        program = "".join(blocks("python")).replace(f"http://127.0.0.1:{DEFAULT_PORT}", server.url)
        run = subprocess.run(
            [sys.executable, "-c", program],
            env={name: value for name, value in os.environ.items() if not name.startswith("SPOTIPY")},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
    assert run.returncode == 0, run.stderr
    assert run.stdout == "".join(blocks("text"))
