"""The pages name only what exists, and what they tell a newcomer to run, runs."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from collab.cli import COMMANDS
from collab.config import DEFAULT_PORT
from tests.collab.command import serving
from tests.documents.files import ROOT
from tests.documents.markdown import first_table, section

README = (ROOT / "README.md").read_text()
DEFAULT_URL = f"http://127.0.0.1:{DEFAULT_PORT}"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

# `collab/room.py`, `tests/sim/`: a path from the root.
_PATH = re.compile(r"`((?:\.?\w[\w.-]*/)+[\w.-]*)`")
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")
_PYTHON = re.compile(r"\b(?:[a-z_]+/)+[a-z_]+\.py\b")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_on_a_page_exists(page: Path) -> None:
    text = page.read_text()
    for path in {*_PATH.findall(text), *_PYTHON.findall(text)} - {"data/"}:
        assert (ROOT / path).exists(), path
    for link in _LINK.findall(text):
        assert (page.parent / link).exists(), link


def test_the_tree_is_the_tree() -> None:
    listed = re.findall(r"^    (\w+)/  ", section(README, "The tree"), re.MULTILINE)
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    folders = {line.split("/")[0] for line in tracked.splitlines() if "/" in line}
    assert set(listed) == {folder for folder in folders if not folder.startswith(".")}


def test_every_command_and_target_is_named_and_no_other() -> None:
    text = section(README, "Commands")
    assert {row[0] for row in first_table(text)} == {f"tutti {command}" for command in COMMANDS}
    rest = text[text.index("| target |") :]
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE)) - {
        "lint",
        "types",
        "layers",
        "node",
        "browser",
    }
    assert {row[0] for row in first_table(rest)} == {f"make {target}" for target in targets}


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs/decisions"
    listed = re.findall(r"\[(\d{4})\]\((\S+)\) \| (.+?) \|", (folder / "README.md").read_text())
    assert [name for _, name, _ in listed] == sorted(path.name for path in folder.glob("0*.md"))
    for number, name, title in listed:
        assert (folder / name).read_text().startswith(f"# {number} {title}\n"), name


def _block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert found is not None
    return found[1]


def _python(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join([str(ROOT), str(ROOT / "clients/python")])
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": paths},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_a_newcomer_runs_works(tmp_path: Path) -> None:
    program = (ROOT / "examples/friday.py").read_text()
    assert _block("python") in program
    with serving(tmp_path / "data") as server:
        run = _python(program.replace(DEFAULT_URL, server.url), tmp_path)
    assert f"It prints `{run.stdout.strip()}`" in " ".join(README.split()), run.stderr


def test_the_jam_that_a_newcomer_starts_works(tmp_path: Path) -> None:
    text = section(README, "Start a Jam")
    found = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert found is not None
    with serving(tmp_path / "data") as server:
        names = f"import asyncio\nfrom tutti_client import connect, guest\nURL = {server.url!r}\n"
        run = _python(names + found[1] + "asyncio.run(evening())\n", tmp_path)
    assert f"prints `{run.stdout.strip()}`" in " ".join(text.split()), run.stderr


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_what_a_newcomer_asks_with_curl_is_answered(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:
        for command in _block("sh").replace(DEFAULT_URL, server.url).splitlines():
            run = subprocess.run(
                ["bash", "-c", command.replace("curl", "curl --silent --fail", 1)],
                capture_output=True,
                text=True,
                check=False,
            )
            assert run.returncode == 0, command
            assert run.stdout, command
