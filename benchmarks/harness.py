"""What the benchmarks share: servers and the generator on their own cores, medians, gates, a report.

Contenders take turns within each round, so that a machine that slows down slows all of them; a figure is the
median of the rounds, and a gate compares ratios, never absolute times. A figure during which the generator
itself was nearly busy says nothing about the server and is void.
"""

import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.plan import Plan

FOLDER = Path(__file__).parent
BUILD = FOLDER / "build"
RESULTS = FOLDER / "results"
ROUNDS = 5
GENERATOR_CPU_MAX = 0.9
START_S = 20.0

_CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE = _CORES[0]
GENERATOR_CORE = _CORES[-1]


class BenchmarkError(Exception):
    """A run that says nothing: a server did not start, a client was turned away. One sentence."""


def build_generator() -> Path:
    """The compiled load generator; compiles it if its source is newer."""
    source, program = FOLDER / "load.c", BUILD / "load"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        BUILD.mkdir(exist_ok=True)
        subprocess.run(["cc", "-O2", "-Wall", "-o", program, source], check=True)
    return program


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@dataclass(frozen=True, slots=True)
class Server:
    """A server that listens; its process and whatever it started are pinned to one core."""

    name: str
    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def resident_bytes(self) -> int:
        """Memory of the process that is its own: what it would give back if it ended."""
        with open(f"/proc/{self.process.pid}/smaps_rollup") as lines:
            private = (line.split() for line in lines if line.startswith(("Private_Clean", "Private_Dirty")))
            return sum(int(words[1]) for words in private) * 1024


@contextmanager
def running(name: str, command: Sequence[str], port: int, **environment: str) -> Iterator[Server]:
    """Starts a server and waits until its port answers. What it says is in `build/NAME.log`."""
    BUILD.mkdir(exist_ok=True)
    log = BUILD / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env=os.environ | environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    os.sched_setaffinity(process.pid, {SERVER_CORE})
    try:
        give_up = time.monotonic() + START_S
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > give_up:
                raise BenchmarkError(f"{name} did not start; see {log}")
            time.sleep(0.05)
        yield Server(name, port, process)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _generator(server: Server, plan: Plan, *words: object) -> subprocess.Popen[bytes]:
    path = BUILD / f"{server.name}.plan"
    program = build_generator()
    plan.write(path)
    process = subprocess.Popen(
        [str(word) for word in (program, server.port, path, *words)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    os.sched_setaffinity(process.pid, {GENERATOR_CORE})
    return process


def generate(server: Server, plan: Plan, *words: object) -> dict[str, float]:
    """One run of the generator against a server: what it measured."""
    process = _generator(server, plan, *words)
    output, complaint = process.communicate()
    if process.returncode != 0:
        raise BenchmarkError(f"{server.name}: {complaint.decode().strip()}")
    measured: dict[str, float] = json.loads(output)
    return measured


@contextmanager
def held(server: Server, plan: Plan) -> Iterator[None]:
    """The plan's clients, connected, prepared and silent."""
    process = _generator(server, plan, "hold")
    assert process.stdout is not None
    try:
        if process.stdout.readline() != b"ready\n":
            raise BenchmarkError(f"{server.name}: {process.communicate()[1].decode().strip()}")
        yield
    finally:
        process.communicate()


@dataclass(frozen=True, slots=True)
class Gate:
    """A figure and the bound that it must keep. `value` None: it is void, and void is a miss."""

    name: str
    value: float | None
    at_least: float | None = None
    at_most: float | None = None

    @property
    def is_kept(self) -> bool:
        if self.value is None:
            return False
        return self.value >= (self.at_least or float("-inf")) and (
            self.at_most is None or self.value <= self.at_most
        )


@dataclass(slots=True)
class Report:
    """Every sample by contender and figure; medians and gates are derived."""

    benchmark: str
    samples: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    void: set[tuple[str, str]] = field(default_factory=set)
    gates: list[Gate] = field(default_factory=list)

    def add(self, contender: str, figure: str, value: float, generator_cpu: float = 0.0) -> None:
        self.samples.setdefault(contender, {}).setdefault(figure, []).append(value)
        if generator_cpu > GENERATOR_CPU_MAX:
            self.void.add((contender, figure))
        note = f"  (generator {generator_cpu:.0%} busy)" if generator_cpu else ""
        print(f"{self.benchmark}: {contender} {figure} = {value:,.2f}{note}", file=sys.stderr)

    def median(self, contender: str, figure: str) -> float | None:
        """None if it was not measured, or is void."""
        values = self.samples.get(contender, {}).get(figure)
        return None if not values or (contender, figure) in self.void else statistics.median(values)

    def ratio(self, contender: str, reference: str, figure: str) -> float | None:
        mine, theirs = self.median(contender, figure), self.median(reference, figure)
        return None if mine is None or not theirs else mine / theirs

    @property
    def is_kept(self) -> bool:
        return all(gate.is_kept for gate in self.gates)

    def as_json(self) -> dict[str, Any]:
        return {
            "benchmark": self.benchmark,
            "machine": {
                "cores": len(_CORES),
                "python": platform.python_version(),
                "system": platform.system(),
            },
            "medians": {
                contender: {figure: self.median(contender, figure) for figure in figures}
                for contender, figures in self.samples.items()
            },
            "samples": self.samples,
            "void": sorted(f"{contender} {figure}" for contender, figure in self.void),
            "gates": [
                {
                    "name": gate.name,
                    "value": gate.value,
                    "at_least": gate.at_least,
                    "at_most": gate.at_most,
                    "kept": gate.is_kept,
                }
                for gate in self.gates
            ],
        }
