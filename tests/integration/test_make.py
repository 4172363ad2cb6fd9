"""`make` on a machine without Node.js: the server is served without its web app, which says what it wants."""

import shutil
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
# What a newcomer's machine has, and a Makefile of ours uses before anything is built.
_HAS = ("make", "sh", "bash", "env", "find", "test", "id", "python3", "uname")

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A PATH that leads to little, and not to Node."""
    for name in _HAS:
        program = shutil.which(name)
        if program is not None:
            (tmp_path / name).symlink_to(program)
    return str(tmp_path)


def make(path: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    variables = {"PATH": path, "LC_ALL": "C"}
    command = ["make", "--no-print-directory", *arguments]
    return subprocess.run(command, cwd=CHECKOUT, env=variables, capture_output=True, text=True, check=False)


def test_it_serves_all_the_same(path: str) -> None:
    run = make(path, "--dry-run", "run")
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1].startswith(".venv/bin/tutti serve")
    assert "npm" not in run.stdout


@pytest.mark.parametrize("target", ["web", "js"])
def test_what_cannot_be_built_says_so_in_a_sentence(path: str, target: str) -> None:
    run = make(path, target)
    assert run.returncode == 2
    [sentence] = run.stdout.splitlines()
    assert "built by Node.js 20 or newer" in sentence
