"""The JavaScript SDK's page does what it says.

Its snippets run in order, as one program, and print what stands beside them. Those marked `jsx` are not run.
"""

import re
import subprocess
from pathlib import Path

from collab.config import DEFAULT_PORT
from tests.clients.javascript import SDK, needs_javascript
from tests.collab.command import PATIENCE_S, serving
from tests.documents.files import ROOT

PAGE = (SDK / "README.md").read_text()
PROGRAM = "".join(re.findall(r"```js\n(.*?)```", PAGE, re.DOTALL))
# What a line that prints says that it prints.
_PRINTED = re.compile(r"(?:console\.log\(.*\); // |; // prints: )(.+)$", re.MULTILINE)
_PATH = re.compile(r"`((?:docs|examples|tests|clients)/[\w./-]*)`")


@needs_javascript
def test_the_snippets_print_what_stands_beside_them(tmp_path: Path) -> None:
    packages = tmp_path / "node_modules"
    (packages / "@tutti").mkdir(parents=True)
    (packages / "@tutti/client").symlink_to(SDK)
    (packages / "ws").symlink_to(SDK / "node_modules/ws")
    program = tmp_path / "readme.mjs"
    with serving(tmp_path / "data") as server:
        program.write_text(PROGRAM.replace(f"http://127.0.0.1:{DEFAULT_PORT}", server.url))
        run = subprocess.run(
            ["node", str(program)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
    assert run.stdout.splitlines() == _PRINTED.findall(PROGRAM), run.stderr
    assert run.returncode == 0


def test_every_path_on_the_page_exists() -> None:
    for path in set(_PATH.findall(PAGE)) - {"docs/"}:
        assert (ROOT / path).exists(), path
