"""Who takes part: how to start each, and what its clients say."""

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from benchmarks.harness import Server, free_port, running
from benchmarks.plan import Plan, plain_plan
from benchmarks.playlist import playlist_plan


@dataclass(frozen=True, slots=True)
class Contender:
    """`command` for a port and a folder that is its own; `plan` prepares a room on the running server for so
    many listeners and publishers."""

    name: str
    command: Callable[[int, str], list[str]]
    plan: Callable[[Server, int, int], Plan]
    environment: Mapping[str, str] = field(default_factory=dict)

    @contextmanager
    def running(self) -> Iterator[Server]:
        port = free_port()
        with (
            tempfile.TemporaryDirectory() as folder,
            running(self.name, self.command(port, folder), port, **self.environment) as server,
        ):
            yield server


def _room(name: str, *options: str) -> Contender:
    return Contender(
        "-".join((name, *options)),
        lambda port, folder: [sys.executable, "-m", "benchmarks.rooms", name, str(port), *options],
        lambda server, listeners, publishers: plain_plan(listeners, publishers),
    )


STARLETTE = _room("starlette")
BROADCAST = _room("broadcast")
FRAMES = _room("frames")
TUTTI = Contender(
    "tutti",
    lambda port, folder: [
        sys.executable,
        "-m",
        "collab.main",
        "serve",
        "--data",
        folder,
        "--port",
        str(port),
    ],
    playlist_plan,
    # A few publishers say what a thousand people would; logs are not what is measured.
    {
        "TUTTI_SUBMISSIONS_PER_S": "1000000",
        "TUTTI_SUBMISSIONS_BURST": "1000000",
        "TUTTI_LOG_LEVEL": "error",
    },
)
