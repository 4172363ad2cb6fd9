"""Who takes part: how to start each, and what its clients say."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.harness import Server, free_port, running
from benchmarks.plan import Plan, plain_plan


@dataclass(frozen=True, slots=True)
class Contender:
    """`plan` prepares a room on the running server for so many listeners and publishers."""

    name: str
    command: Callable[[int], list[str]]
    plan: Callable[[Server, int, int], Plan]

    @contextmanager
    def running(self) -> Iterator[Server]:
        port = free_port()
        with running(self.name, self.command(port), port) as server:
            yield server


def _room(name: str, *options: str) -> Contender:
    return Contender(
        "-".join((name, *options)),
        lambda port: [sys.executable, "-m", "benchmarks.rooms", name, str(port), *options],
        lambda server, listeners, publishers: plain_plan(listeners, publishers),
    )


STARLETTE = _room("starlette")
BROADCAST = _room("broadcast")
FRAMES = _room("frames")
FRAMES_ASYNCIO = _room("frames", "asyncio")
CONTENDERS = {contender.name: contender for contender in (STARLETTE, BROADCAST, FRAMES, FRAMES_ASYNCIO)}
