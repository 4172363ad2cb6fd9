"""What fifty people cost who fetch the same song at the same time, beside Starlette's `FileResponse`.

A server that has just started gives one file of 8 MiB to 50 listeners at once, each as fast as it can.
Counted is what went over all sockets in a second, what the server's core had to do for it, and how much it
read from the file: the kernel's own count (`rchar` of `/proc/PID/io`), so nobody has to be believed. The rate
has no gate: it is the loopback's, and whoever else uses the machine moves it more than either server does.
"""

import os
import selectors
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from benchmarks.audio_server import STARLETTE, TUTTI
from benchmarks.harness import GENERATOR_CORE, BenchmarkError, Server, free_port, running
from benchmarks.report import ROUNDS, Gate, Report

LISTENERS: Final = 50
SONG_BYTES: Final = 8 * 1024 * 1024
MIB: Final = 1024 * 1024
HUNG_S: Final = 60.0

RATE, READ, WORK = "MiB/s", "MiB read", "ms of a core for 100 MiB"

_REQUEST: Final = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def run(rounds: int = ROUNDS) -> Report:
    report = Report("audio")
    with tempfile.TemporaryDirectory() as folder, _pinned():
        song = Path(folder) / "song.mp3"
        song.write_bytes(os.urandom(SONG_BYTES))
        for _ in range(rounds):
            for who in (TUTTI, STARLETTE):
                _measure(report, who, song)
    report.gates = [
        Gate("bytes read, × stock", report.ratio(STARLETTE, TUTTI, READ), at_least=25),
        Gate("a core's work, × stock", report.ratio(STARLETTE, TUTTI, WORK), at_least=2),
    ]
    return report


@contextmanager
def _pinned() -> Iterator[None]:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {GENERATOR_CORE})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _measure(report: Report, who: str, song: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.audio_server", who, str(port), str(song)]
    with running(f"audio-{who}", command, port) as server:
        before, worked_s, own_s = _read_bytes(server), server.cpu_s(), time.process_time()
        began_s = time.monotonic()
        got = _listen(port)
        seconds = time.monotonic() - began_s
        run = {"cpu": (time.process_time() - own_s) / seconds, "foreign_cpu": 0.0}
        if got < LISTENERS * SONG_BYTES:
            raise BenchmarkError(f"{who}: some listeners did not get all of the song")
        report.add(who, RATE, got / MIB / seconds, run)
        report.add(who, READ, (_read_bytes(server) - before) / MIB)
        report.add(who, WORK, (server.cpu_s() - worked_s) * 1000 / (got / MIB) * 100)


def _listen(port: int) -> int:
    """Bytes that all listeners got."""
    got, buffer = 0, bytearray(MIB)
    with selectors.DefaultSelector() as selector, ExitStack() as stack:
        for _ in range(LISTENERS):
            listener = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            listener.sendall(_REQUEST)
            listener.setblocking(False)
            selector.register(listener, selectors.EVENT_READ)
        give_up_s = time.monotonic() + HUNG_S
        while selector.get_map():
            if time.monotonic() > give_up_s:
                raise BenchmarkError(f"no end within {HUNG_S:g} s")
            for key, _ in selector.select(HUNG_S):
                ready = key.fileobj
                assert isinstance(ready, socket.socket), "nothing else is registered"
                count = ready.recv_into(buffer)
                got += count
                if not count:
                    selector.unregister(ready)
    return got


def _read_bytes(server: Server) -> int:
    counts = dict(
        line.split(": ") for line in Path(f"/proc/{server.process.pid}/io").read_text().splitlines()
    )
    return int(counts["rchar"])
