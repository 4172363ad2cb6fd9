"""Parts of the program, loaded when they are wanted."""

import gc
import subprocess
import sys
from pathlib import Path

import pytest

from collab.cli import COMMANDS
from collab.errors import CannotStart
from collab.loading import load

CHECKOUT = Path(__file__).parents[2]


def test_a_package_that_is_missing_is_named_by_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "wants_much.py").write_text("import a_package_that_nobody_has\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(CannotStart, match=r"pip install 'tutti-collab\[server\]'"):
        load("wants_much", "anything")
    assert gc.isenabled()


def test_a_module_of_ours_that_is_missing_is_a_bug() -> None:
    with pytest.raises(ModuleNotFoundError):
        load("collab.nowhere", "anything")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_where_it_is_said_to_be(name: str) -> None:
    module, _, function = COMMANDS[name].partition(":")
    assert callable(load(module, function))


def test_without_the_servers_packages_the_command_says_what_to_install() -> None:
    """Without any package at all: an interpreter that looks into the checkout and nowhere else."""
    look = f"import sys; sys.path[:0] = [{str(CHECKOUT)!r}, {str(CHECKOUT / 'clients/python')!r}]"
    program = f"{look}; sys.argv = ['tutti', '--version']; from collab.main import main; main()"
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert run.stderr.startswith("The server's packages are not installed;")
