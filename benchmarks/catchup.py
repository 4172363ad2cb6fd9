"""Coming back: how long a client waits that was away for 100, 1,000 and 10,000 versions.

A playlist of 1,000 entries gets 10,000 edits. Clients leave it along the way and open it again at the end,
through real sockets: from the `open` until the list stands there, decoded and applied by the SDK's replica.
The reference is a client that has nothing yet and gets a snapshot. Which of the two a client got, ops or a
snapshot, stands in its name.
"""

import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks.contenders import TUTTI
from benchmarks.databases import sqlite
from benchmarks.harness import BenchmarkError, Server, free_port, running
from benchmarks.report import ROUNDS, Gate, Report
from benchmarks.writing import Desk, entry_members, frame, new_id, open_desk
from collab.codec import Assembler, Encoding, decode_server
from collab.messages import (
    ClientMessage,
    Goodbye,
    Hello,
    Open,
    Opened,
    Ops,
    PartFromServer,
    Refused,
    ServerMessage,
    Submit,
    Welcome,
)
from collab.socket import PATH
from ot.build import insert_at, move_range, remove_range, set_field
from ot.check import check
from ot.op import Op, decode, encode
from tutti_client.playlist_replica import PlaylistReplica
from tutti_client.uids import Uids
from tutti_client.wire import ASSEMBLED_BYTES_MAX

ENTRIES = 1_000
DISTANCES = (10_000, 1_000, 100)
# Submitted at once, about as many different entries, so that each makes a version.
AT_ONCE = 100
FRESH = "fresh: snapshot"
FIGURE = "open to applied, ms"


def run(rounds: int = ROUNDS) -> Report:
    """Each distance has a client for each round, which left so many versions before the end."""
    report = Report("catchup")
    port = free_port()
    with sqlite() as database:
        command = [sys.executable, "-m", "collab.main", "serve", *database.words, "--port", str(port)]
        with running("catchup", command, port, **TUTTI.environment) as server:
            desk = open_desk(server, 1, ENTRIES)
            returning = _written(server, desk, rounds)
            names = {}
            for replicas in returning:
                for distance, replica in replicas.items():
                    names[distance] = _measure(report, server, desk, replica, f"{distance:,} behind")
                _measure(report, server, desk, _replica(desk), "fresh")
    furthest = names[DISTANCES[0]]
    ratio = report.ratio(furthest, FRESH, FIGURE)
    report.gates = [Gate(f"{furthest}, × {FRESH}", ratio, at_most=1.2)]
    return report


def _measure(report: Report, server: Server, desk: Desk, replica: PlaylistReplica, name: str) -> str:
    """Opens the playlist; returns the name under which it is reported."""
    with _Socket.opened(server, desk, replica.client) as socket:
        began_s = time.perf_counter()
        answer = socket.enter(replica)
        ms = (time.perf_counter() - began_s) * 1000
    name = f"{name}: {'ops' if answer.snapshot is None else 'snapshot'}"
    report.add(name, FIGURE, ms)
    return name


def _written(server: Server, desk: Desk, rounds: int) -> list[dict[int, PlaylistReplica]]:
    """Makes as many versions as the largest distance; returns for each round a client for each distance."""
    returning: list[dict[int, PlaylistReplica]] = [{} for _ in range(rounds)]
    client = new_id()
    with _Socket.opened(server, desk, client) as socket:
        author = _Author(client, desk, socket.open(Open(desk.rooms[0])))
        for left in range(DISTANCES[0], 0, -AT_ONCE):
            if left in DISTANCES:
                for replicas in returning:
                    replicas[left] = _replica(desk)
                    with _Socket.opened(server, desk, replicas[left].client) as leaving:
                        leaving.enter(replicas[left])
                    replicas[left].disconnected()
            through = author.version + AT_ONCE
            for submission in author.submissions():
                socket.send(submission)
            while author.version < through:
                for message in socket.receive():
                    if isinstance(message, Ops):
                        author.receive(message)
    return returning


def _replica(desk: Desk) -> PlaylistReplica:
    return PlaylistReplica(desk.rooms[0], desk.user, Uids(new_id()))


class _Author:
    """Edits a playlist and keeps it about as long as it is."""

    def __init__(self, client: str, desk: Desk, opened: Opened) -> None:
        assert opened.snapshot is not None, "without a version the answer is a snapshot"
        self._draw = random.Random("catchup")
        self._uids = Uids(client)
        self._desk = desk
        self._seq = 0
        self._length = len(opened.snapshot.state["entries"])
        self.version = opened.version

    def submissions(self) -> Iterator[Submit]:
        """Edits of different entries, all written for the list as it is now."""
        places = self._draw.sample(range(self._length), AT_ONCE)
        for number, at in enumerate(places):
            self._seq += 1
            op = encode(self._op(number % 10, at))
            yield Submit(self._desk.rooms[0], self._seq, self.version, op)

    def receive(self, message: Ops) -> None:
        for row in message.ops:
            self._length = check(decode(row.op), self._length)
            self.version = row.version

    def _op(self, number: int, at: int) -> Op:
        if number < 4:
            return insert_at(self._length, at, [{"uid": self._uids.take(), **entry_members(self._desk.user)}])
        if number < 8:
            return remove_range(self._length, at)
        if number == 8:
            return move_range(self._length, at, 1, (at + self._length // 2) % self._length)
        return set_field(self._length, at, "note", f"edit {self._seq}")


class _Socket:
    """A session that stands, without an event loop."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._assembler = Assembler(ASSEMBLED_BYTES_MAX)

    @classmethod
    @contextmanager
    def opened(cls, server: Server, desk: Desk, client: str) -> Iterator["_Socket"]:
        url = f"ws://127.0.0.1:{server.port}{PATH}"
        with connect(url, subprotocols=[Subprotocol(Encoding.MSGPACK.value)], max_size=None) as connection:
            socket = cls(connection)
            socket.send(Hello(desk.token, client))
            while not any(isinstance(message, Welcome) for message in socket.receive()):
                pass
            yield socket

    def send(self, message: ClientMessage) -> None:
        self._connection.send(frame(message))

    def receive(self) -> list[ServerMessage]:
        """What the next frame holds. Raises BenchmarkError if the server turns somebody away."""
        found: list[ServerMessage] = []
        for message in decode_server(self._connection.recv(), Encoding.MSGPACK).messages:
            if isinstance(message, PartFromServer):
                payload = self._assembler.add(message)
                found += decode_server(payload, Encoding.MSGPACK).messages if payload is not None else ()
            else:
                found.append(message)
        for message in found:
            if isinstance(message, Refused | Goodbye):
                raise BenchmarkError(f"A client was turned away: {message.message}")
        return found

    def open(self, message: Open) -> Opened:
        """Opens a room and waits for the answer."""
        self.send(message)
        while True:
            for answer in self.receive():
                if isinstance(answer, Opened):
                    return answer

    def enter(self, replica: PlaylistReplica) -> Opened:
        """Opens the replica's room; then the replica is up to date."""
        replica.connected()
        [message] = replica.outgoing(0)
        assert isinstance(message, Open), "the room has to be opened first"
        answer = self.open(message)
        replica.receive(answer, 0)
        assert replica.is_open, "it was opened"
        assert replica.version == answer.version, "the answer leads there"
        return answer
