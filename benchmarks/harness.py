"""What the benchmarks share: servers and the generator on their own cores.

A run during which others used the two cores is made again, a few times. Knows processes. What their figures
say is the report's.
"""

import json
import os
import resource
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.report import CORES, FOREIGN_CPU_MAX, Report

FOLDER = Path(__file__).parent
BUILD = FOLDER / "build"
RESULTS = FOLDER / "results"
START_S = 20.0
# How often to wait for a quieter moment.
TRIES = 3
TICKS_PER_S = os.sysconf("SC_CLK_TCK")

SERVER_CORE = CORES[0]
GENERATOR_CORE = CORES[-1]


class GeneratorPlan(Protocol):
    """What a generator's clients do, as the file that it reads."""

    def write(self, path: Path) -> None: ...


class BenchmarkError(Exception):
    """A run that says nothing: a server did not start, a client was turned away. One sentence."""


def keep_report(report: Report) -> None:
    """Its JSON, in `results/`."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{report.benchmark}.json").write_text(json.dumps(report.as_json(), indent=2) + "\n")


def build_generator(name: str) -> Path:
    """The compiled load generator; compiles it if a source is newer."""
    source, program = FOLDER / f"{name}.c", BUILD / name
    newest = max(path.stat().st_mtime for path in (source, *FOLDER.glob("*.h")))
    if not program.exists() or program.stat().st_mtime < newest:
        BUILD.mkdir(exist_ok=True)
        subprocess.run(["cc", "-O2", "-Wall", "-o", program, source], check=True)
    return program


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@dataclass(frozen=True, slots=True)
class Server:
    """A server that listens; its process and whatever it started are pinned to one core. `database` is the
    process whose children work for it too, if there is one, `redis` that of its bus; `beside` are servers
    that share the work with it."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    database: int | None = None
    redis: int | None = None
    beside: tuple["Server", ...] = ()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cpu_s(self) -> float:
        """Seconds of a core that its process has used."""
        return cpu_ticks(self.process.pid) / TICKS_PER_S

    def database_cpu_s(self) -> float:
        """Seconds of a core that the database has used, those of its workers that have ended too."""
        if self.database is None:
            return 0.0
        with open(f"/proc/{self.database}/task/{self.database}/children") as children:
            used = sum(cpu_ticks(int(pid)) for pid in children.read().split())
        return (used + cpu_ticks(self.database, of_ended_children=True)) / TICKS_PER_S

    def resident_bytes(self) -> int:
        """Memory of the process that is its own: what it would give back if it ended."""
        with open(f"/proc/{self.process.pid}/smaps_rollup") as lines:
            private = (line.split() for line in lines if line.startswith(("Private_Clean", "Private_Dirty")))
            return sum(int(words[1]) for words in private) * 1024


@contextmanager
def running(
    name: str, command: Sequence[str], port: int, core: int = SERVER_CORE, **environment: str
) -> Iterator[Server]:
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
    os.sched_setaffinity(process.pid, {core})
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


def _generator(name: str, server: Server, plan: GeneratorPlan, *words: object) -> subprocess.Popen[bytes]:
    path = BUILD / f"{server.name}.plan"
    program = build_generator(name)
    plan.write(path)
    ports = ",".join(str(each.port) for each in (server, *server.beside))
    process = subprocess.Popen(
        [str(word) for word in (program, ports, path, *words)],
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    os.sched_setaffinity(process.pid, {GENERATOR_CORE})
    return process


def generate(
    server: Server,
    prepare: Callable[[], GeneratorPlan],
    *words: object,
    generator: str = "load",
    meter: Callable[[], Mapping[str, float]] = dict,
) -> dict[str, float]:
    """The least disturbed of a few runs of the generator: what it measured, by how much each reading of
    `meter` grew while it measured, and `foreign_cpu`, the cores that others used meanwhile. `prepare` makes a
    plan for each run."""
    runs: list[dict[str, float]] = []
    for _ in range(TRIES):
        runs.append(_generate(generator, server, prepare(), meter, *words))
        if runs[-1]["foreign_cpu"] <= FOREIGN_CPU_MAX:
            break
    return min(runs, key=lambda run: run["foreign_cpu"])


def _generate(
    generator: str,
    server: Server,
    plan: GeneratorPlan,
    meter: Callable[[], Mapping[str, float]],
    *words: object,
) -> dict[str, float]:
    quiet = Quiet(server)
    process = _generator(generator, server, plan, *words)
    assert process.stdout is not None
    process.stdout.readline()  # "measuring", or nothing if it failed
    before = meter()
    output, complaint = process.communicate()
    if process.returncode != 0:
        raise BenchmarkError(f"{server.name}: {complaint.decode().strip()}")
    measured: dict[str, float] = json.loads(output)
    grown = {name: value - before[name] for name, value in meter().items()}
    return measured | grown | {"foreign_cpu": quiet.foreign_cpu()}


def _foreign_cpu_s(server: Server) -> float:
    """Seconds that our cores were busy with neither the server nor the generator nor us, since some time."""
    names = {f"cpu{SERVER_CORE}", f"cpu{GENERATOR_CORE}"}
    with open("/proc/stat") as lines:
        cores = [[int(ticks) for ticks in words[1:]] for line in lines if (words := line.split())[0] in names]
    # user, nice, system, idle, iowait, irq, softirq, steal
    busy = sum(sum(core[:3]) + sum(core[5:8]) for core in cores)
    used_s = server.cpu_s() + sum(each.cpu_s() for each in server.beside) + server.database_cpu_s()
    if server.redis is not None:
        used_s += cpu_ticks(server.redis) / TICKS_PER_S
    ours = sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return busy / TICKS_PER_S - used_s - ours


def cpu_ticks(pid: int, *, of_ended_children: bool = False) -> int:
    """What a process has used so far; nothing if it is gone."""
    try:
        with open(f"/proc/{pid}/stat") as line:
            words = line.read().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0
    return sum(map(int, words[11 : 15 if of_ended_children else 13]))


class Talk:
    """A generator that says a line when it is there, and goes on when it is told to."""

    def __init__(self, server: Server, process: subprocess.Popen[bytes]) -> None:
        self._server = server
        self._process = process

    def hear(self) -> str:
        """Its next line. Raises BenchmarkError if it has ended instead."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise BenchmarkError(f"{self._server.name}: {self._process.communicate()[1].decode().strip()}")
        return line.decode().strip()

    def tell(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")


@contextmanager
def talking(generator: str, server: Server, plan: GeneratorPlan, *words: object) -> Iterator[Talk]:
    """A generator that stays until the end of the block."""
    process = _generator(generator, server, plan, *words)
    try:
        yield Talk(server, process)
    finally:
        process.communicate()


@contextmanager
def held(server: Server, plan: GeneratorPlan) -> Iterator[None]:
    """The plan's clients, connected, prepared and silent."""
    with talking("load", server, plan, "hold") as load:
        load.hear()
        yield


class Quiet:
    """How much others used the cores that we measure on, since it was made."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._started_s = time.monotonic()
        self._before_s = _foreign_cpu_s(server)

    def foreign_cpu(self) -> float:
        """Cores, 0 if nobody did."""
        seconds = time.monotonic() - self._started_s
        return max(0.0, _foreign_cpu_s(self._server) - self._before_s) / seconds
