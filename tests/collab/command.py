"""The command `tutti` as a person runs it: in a process of its own, with nothing but its arguments."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Longer than any of this takes; a test that meets it fails.
PATIENCE_S = 30

_READY = re.compile(r"Tutti is ready at (\S+)")


def tutti(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the command to its end."""
    return subprocess.run(
        _command(arguments),
        env=_environment(environment),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


class Serving:
    """A server that runs; `url` is what its own line says."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process = process
        self.url = url

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def stop(self) -> int:
        """The exit code after SIGTERM."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)


@contextmanager
def serving(data: Path, *arguments: object, port: int = 0, **environment: str) -> Iterator[Serving]:
    process = subprocess.Popen(
        _command(("serve", "--data", data, "--port", port, *arguments)),
        env=_environment(environment),
        stdout=subprocess.PIPE,
        stderr=(data.parent / "log").open("a"),
        text=True,
    )
    try:
        assert process.stdout is not None, "it is a pipe"
        ready = _READY.match(process.stdout.readline())
        assert ready is not None, (data.parent / "log").read_text()
        yield Serving(process, ready[1])
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def refused(run: subprocess.CompletedProcess[str]) -> str:
    """The one sentence on stderr of a command that could not do its work."""
    assert run.returncode == 1, run
    assert run.stdout == ""
    [sentence] = run.stderr.splitlines()
    assert sentence.endswith((".", "'tutti-collab[server]'")), sentence
    return sentence


def _command(arguments: tuple[object, ...]) -> list[str]:
    return [sys.executable, "-m", "collab.main", *map(str, arguments)]


def _environment(more: dict[str, str]) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TUTTI_")}
    # Hundreds of servers do not each make music; a test of that asks for it.
    return inherited | {"TUTTI_SAMPLES": "no"} | more
