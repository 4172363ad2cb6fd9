"""How many requests a second the HTTP API answers, beside a plain Starlette route on the same uvicorn
and event loop.

Two requests that existing clients send most: a page of a hundred entries, and adding one track. The plain
route gives the very bytes of that page, which it need not make. For a track it writes a row as durably as
Tutti does (SQLite, WAL, synchronous=FULL, the same disk), on one writing thread, one transaction each; it
knows no tokens, rights, versions or people who listen. All adds of a round go to one playlist. Both are asked
by as many connections that stay open, each with its next request when the last was answered. What waits while
a transaction runs, Tutti writes together in the next one, as its rooms always do.

Where others use the cores as well, the ratio of adds comes out higher than on a quiet machine: quiet runs
count.
"""

import json
import os
import selectors
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import httpx

from benchmarks.contenders import TUTTI
from benchmarks.databases import sqlite
from benchmarks.harness import BUILD, GENERATOR_CORE, BenchmarkError, Quiet, Server, free_port, running
from benchmarks.report import ROUNDS, Gate, Report

CONNECTIONS: Final = 16
SECONDS: Final = 2.0
HUNG_S: Final = 30.0
ENTRIES: Final = 100

MINE, PLAIN = "tutti", "plain Starlette"
READ, ADD = "page of 100, requests/s", "add of one track, requests/s"
# The same by what the server's process did itself, whoever else used its core.
_WORK: Final = {READ: "page of 100, us of a core", ADD: "add of one track, us of a core"}

_TRACK: Final = "spotify:track:4iV5W9uYEdYUVa79Axb7Rh"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a server again and again, and the status of each answer."""

    server: Server
    request: bytes
    status: int


def run(rounds: int = ROUNDS) -> Report:
    report = Report("http")
    BUILD.mkdir(exist_ok=True)
    with ExitStack() as stack:
        stack.enter_context(_pinned())
        mine = stack.enter_context(_tutti())
        client = stack.enter_context(_client(mine))
        page = f"/v1/playlists/{_playlist(client, ENTRIES)}/items"
        plain = stack.enter_context(_plain(client.get(page).content))
        token = client.headers["Authorization"]
        for _ in range(rounds):
            _measure(report, MINE, READ, Asked(mine, _request("GET", page, token), 200))
            _measure(report, PLAIN, READ, Asked(plain, _request("GET", "/page", token), 200))
            # A playlist holds 11,000 entries.
            add = f"/v1/playlists/{_playlist(client, 0)}/items"
            body = json.dumps({"uris": [_TRACK]}).encode()
            _measure(report, MINE, ADD, Asked(mine, _request("POST", add, token, body), 201))
            _measure(report, PLAIN, ADD, Asked(plain, _request("POST", "/add", token, body), 201))
    for figure in (READ, ADD):
        report.gates.append(Gate(f"{figure}, × plain", report.ratio(MINE, PLAIN, figure), at_least=0.5))
    return report


@contextmanager
def _pinned() -> Iterator[None]:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {GENERATOR_CORE})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def _tutti() -> Iterator[Server]:
    port = free_port()
    with sqlite() as database:
        command = [sys.executable, "-m", "collab.main", "serve", *database.words, "--port", str(port)]
        environment = {**TUTTI.environment, "TUTTI_HTTP_REQUESTS": "1000000"}
        with running("http-tutti", command, port, **environment) as server:
            yield replace(server, database=database.process)


@contextmanager
def _plain(page: bytes) -> Iterator[Server]:
    port = free_port()
    # On the disk that the other one has.
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        path = Path(folder) / "page.json"
        path.write_bytes(page)
        command = [sys.executable, "-m", "benchmarks.http_plain", str(port), str(path), folder]
        with running("http-plain", command, port) as server:
            yield server


@contextmanager
def _client(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url) as client:
        guest = client.post("/v1/guest", json={"name": "Benchmark"}).json()
        client.headers["Authorization"] = f"Bearer {guest['token']}"
        yield client


def _playlist(client: httpx.Client, entries: int) -> str:
    made = client.post("/v1/me/playlists", json={"name": "Benchmark"})
    if made.status_code != 201:
        raise BenchmarkError(f"tutti makes no playlist: {made.text}")
    playlist: str = made.json()["id"]
    if entries:
        added = client.post(f"/v1/playlists/{playlist}/items", json={"uris": [_TRACK] * entries})
        if added.status_code != 201:
            raise BenchmarkError(f"tutti adds nothing: {added.text}")
    return playlist


def _request(method: str, path: str, token: str, body: bytes = b"") -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {token}\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def _measure(report: Report, who: str, figure: str, asked: Asked) -> None:
    quiet = Quiet(asked.server)
    began_s, own_s, worked_s = time.perf_counter(), time.process_time(), asked.server.cpu_s()
    answers = _ask(asked)
    seconds = time.perf_counter() - began_s
    run = {"cpu": (time.process_time() - own_s) / seconds, "foreign_cpu": quiet.foreign_cpu()}
    report.add(who, figure, answers / seconds, run)
    report.add(who, _WORK[figure], (asked.server.cpu_s() - worked_s) / answers * 1e6, run)


def _ask(asked: Asked) -> int:
    """How many answers came."""
    answers, buffer = 0, bytearray(1 << 20)
    until_s = time.perf_counter() + SECONDS
    with selectors.DefaultSelector() as selector, ExitStack() as stack:
        for _ in range(CONNECTIONS):
            opened = stack.enter_context(socket.create_connection(("127.0.0.1", asked.server.port)))
            selector.register(opened, selectors.EVENT_READ, _Answer(asked.status))
            opened.sendall(asked.request)
        while selector.get_map():
            ready = selector.select(HUNG_S)
            if not ready:
                raise BenchmarkError(f"{asked.server.name}: no answer within {HUNG_S:g} s")
            for key, _ in ready:
                connection = key.fileobj
                assert isinstance(connection, socket.socket), "nothing else is registered"
                count = connection.recv_into(buffer)
                if not key.data.took(memoryview(buffer)[:count]):
                    continue
                answers += 1
                if time.perf_counter() < until_s:
                    connection.sendall(asked.request)
                else:
                    selector.unregister(connection)
    return answers


class _Answer:
    """The answer that a connection waits for, as far as it has come."""

    def __init__(self, status: int) -> None:
        self._begins = f"HTTP/1.1 {status} ".encode()
        self._head = b""
        self._left = 0

    def took(self, piece: memoryview) -> bool:
        """Whether it is whole."""
        if not piece:
            raise BenchmarkError("a server closed a connection that it was to keep open")
        if self._left:
            self._left -= len(piece)
            return not self._left
        self._head += bytes(piece)
        head, end, body = self._head.partition(b"\r\n\r\n")
        if not end:
            return False
        if not head.startswith(self._begins):
            raise BenchmarkError(f"another answer than was wanted: {self._head[:300].decode()}")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        self._head = b""
        self._left = int(length.partition(b":")[2]) - len(body)
        return not self._left
