"""The previous version of Tutti, installed from its wheel where nothing else is.

Runs its command, its server, and programs on its SDK. Knows processes. Does not know what any of them does.
"""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.integration.environments import Environment

HERE = Path(__file__).parent
PATIENCE_S = 30

_READY = re.compile(r"Tutti is ready at (\S+)")


class Previous:
    """`folder` gets the environment; whatever is run writes its log there."""

    def __init__(self, folder: Path) -> None:
        [wheel] = HERE.glob("*.whl")
        self._environment = Environment(folder / "environment", wheel, {"server"})
        self._log = folder / "log"

    def tutti(self, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs its command to the end."""
        return subprocess.run(
            self._environment.command("tutti", *arguments),
            env={**self._environment.variables, **environment},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )

    @contextmanager
    def serving(self, *arguments: object, **environment: str) -> Iterator[str]:
        """Its server's URL. In the end it must stop in good order."""
        command = self._environment.command("tutti", "serve", "--port", 0, *arguments)
        variables = {**self._environment.variables, **environment}
        with (
            self._log.open("a") as log,
            subprocess.Popen(
                command, env=variables, stdout=subprocess.PIPE, stderr=log, text=True
            ) as process,
        ):
            try:
                assert process.stdout is not None, "it is a pipe"
                ready = _READY.match(process.stdout.readline())
                assert ready is not None, self._log.read_text()
                yield ready[1]
                process.send_signal(signal.SIGTERM)
                assert process.wait(PATIENCE_S) == 0, self._log.read_text()
            finally:
                process.kill()

    def running(self, program: str, *arguments: str) -> subprocess.Popen[str]:
        """A program of this folder on its SDK, with pipes to talk to it."""
        return _talking(self._environment.command("python", HERE / program, *arguments), self._environment)


def running_here(program: str, *arguments: str) -> subprocess.Popen[str]:
    """The same program on the SDK of this version."""
    return _talking([sys.executable, str(HERE / program), *arguments])


def _talking(command: list[str], environment: Environment | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        cwd="/",
        env=None if environment is None else environment.variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
