"""Empty Python environments with a wheel in them, made without a network.

An environment gets the wheel and exactly those distributions that its metadata asks for, linked from the
environment that runs the tests. So a package that the code uses and the metadata forgets is missing there.
Knows wheels and metadata. Does not know what Tutti is.
"""

import os
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator, Set
from email.parser import HeaderParser
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def build_wheel(checkout: Path, folder: Path) -> Path:
    """The checkout's wheel, built into `folder`."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=checkout, check=True, capture_output=True)
    [wheel] = folder.glob("*.whl")
    return wheel


class Environment:
    """A virtual environment with `wheel` installed, and what it needs for `extras`."""

    def __init__(self, folder: Path, wheel: Path, extras: Set[str]) -> None:
        self._folder = folder
        venv.create(folder, with_pip=False, symlinks=os.name != "nt")
        # The tests' pip, acting on the other environment.
        command = [sys.executable, "-m", "pip", "--python", str(self._program("python")), "install"]
        subprocess.run([*command, "--quiet", "--no-deps", "--no-index", str(wheel)], check=True)
        [packages] = folder.glob("lib/python*/site-packages")
        for needed in _closure(_requirements(wheel), extras):
            _link(needed, packages)

    def command(self, program: str, *arguments: object) -> list[str]:
        return [str(self._program(program)), *map(str, arguments)]

    def run(self, program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Runs a program of the environment to its end, away from the checkout."""
        return subprocess.run(
            self.command(program, *arguments),
            cwd=self._folder,
            env=self.variables,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def variables(self) -> dict[str, str]:
        """What a program may inherit: nothing that leads back to the checkout or chooses settings. Its server
        makes no music."""
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "TUTTI_"))
        }
        return inherited | {"TUTTI_SAMPLES": "no"}

    def _program(self, name: str) -> Path:
        return self._folder / "bin" / name


def _requirements(wheel: Path) -> list[Requirement]:
    with zipfile.ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = HeaderParser().parsestr(archive.read(name).decode())
    return [Requirement(line) for line in metadata.get_all("Requires-Dist", [])]


def _closure(requirements: list[Requirement], extras: Set[str]) -> Iterator[Distribution]:
    """Every distribution that the requirements lead to, each once."""
    waiting = [(requirement, extras) for requirement in requirements]
    seen: set[tuple[str, str]] = set()
    while waiting:
        requirement, wanted = waiting.pop()
        if not any(_applies(requirement, extra) for extra in wanted | {""}):
            continue
        name = canonicalize_name(requirement.name)
        new = {(name, extra) for extra in requirement.extras | {""}} - seen
        if not new:
            continue
        seen |= new
        found = distribution(name)
        assert requirement.specifier.contains(found.version, prereleases=True), f"{requirement} is not met"
        if (name, "") in new:
            yield found
        waiting += [(Requirement(line), requirement.extras) for line in found.requires or []]


def _applies(requirement: Requirement, extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def _link(found: Distribution, packages: Path) -> None:
    assert found.files is not None, f"{found.name} does not say which files it has"
    for top in {file.parts[0] for file in found.files} - {"..", "__pycache__"}:
        link = packages / top
        if not link.exists():
            link.symlink_to(Path(str(found.locate_file(top))).resolve())
