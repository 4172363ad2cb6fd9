"""Light writers for the generator `writers`: who they are, and the playlists that they edit.

A guest's playlists of so many entries, filled through a real socket, and the clients of that guest that write
to them. Knows the wire and the layout of the file that `writers.c` reads. Does not know what is measured.
"""

import os
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import msgpack
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks.harness import BenchmarkError, Server
from collab.codec import Encoding, decode_server, encode_message, join
from collab.ids import ID_BYTES, encode_id
from collab.messages import ClientMessage, Goodbye, Hello, Leave, Open, Opened, Ops, Refused, Submit
from collab.socket import PATH
from ot.build import insert_at
from ot.op import encode
from ot.value import Entry

# A submission of so many entries fits a frame.
FILL_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Desk:
    """A guest with playlists to write to."""

    user: str
    token: str
    rooms: Sequence[str]


@dataclass(frozen=True, slots=True)
class Writing:
    """So many writers, dealt out among the first `playlists` of the desk's."""

    desk: Desk
    writers: int
    playlists: int

    def write(self, path: Path) -> None:
        """For `writers.c`."""
        path.write_bytes(self.as_bytes())

    def as_bytes(self) -> bytes:
        """As `people.h` reads them; numbers as this machine has them."""
        members = entry_members(self.desk.user)
        entry = b"".join(msgpack.packb(item) for pair in members.items() for item in pair)
        parts = [_number(self.writers)]
        for number in range(self.writers):
            client, room = new_id(), self.desk.rooms[number % self.playlists]
            parts += map(_blob, (client.encode(), room.encode()))
            parts += map(_blob, (frame(Hello(self.desk.token, client)), frame(Open(room))))
            parts += (_number(len(members)), _blob(entry))
        return b"".join(parts)


def open_desk(server: Server, playlists: int, entries: int) -> Desk:
    """A new guest with so many playlists of so many entries each."""
    with httpx.Client(base_url=server.url) as http:
        guest = _post(http, "/v1/guest", {"name": "Benchmark"})
        token, user = guest["token"], guest["user"]["id"]
        http.headers["Authorization"] = f"Bearer {token}"
        rooms = [
            _post(http, "/v1/me/playlists", {"name": f"Benchmark {number}"})["id"]
            for number in range(playlists)
        ]
    client = new_id()
    uids = (f"{client}.{number}" for number in count(1))
    url = f"ws://127.0.0.1:{server.port}{PATH}"
    with connect(url, subprotocols=[Subprotocol(Encoding.MSGPACK.value)], max_size=None) as socket:
        socket.send(frame(Hello(token, client)))
        for room in rooms:
            _fill(socket, room, [{"uid": next(uids), **entry_members(user)} for _ in range(entries)])
    return Desk(user, token, rooms)


def _fill(socket: ClientConnection, room: str, entries: list[Entry]) -> None:
    socket.send(frame(Open(room)))
    _wait_for(socket, Opened)
    for seq, start in enumerate(range(0, len(entries), FILL_AT_ONCE), 1):
        op = insert_at(start, start, entries[start : start + FILL_AT_ONCE])
        socket.send(frame(Submit(room, seq, seq - 1, encode(op))))
        _wait_for(socket, Ops)
    socket.send(frame(Leave(room)))


def _wait_for(socket: ClientConnection, kind: type[Opened] | type[Ops]) -> None:
    while True:
        for message in decode_server(socket.recv(), Encoding.MSGPACK).messages:
            if isinstance(message, kind):
                return
            if isinstance(message, Refused | Goodbye):
                raise BenchmarkError(f"A playlist could not be filled: {message.message}")


def entry_members(user: str) -> Entry:
    """An entry of usual size, but for its uid."""
    return {
        "track": "tutti:track:0123456789abcdefABCDEF",
        "title": "A Song of Usual Length",
        "artists": ["Some Artist"],
        "duration_ms": 215_000,
        "added_by": user,
        "added_at": time.time_ns() // 1_000_000,
    }


def _post(http: httpx.Client, path: str, body: object) -> dict[str, Any]:
    answer: dict[str, Any] = http.post(path, json=body).raise_for_status().json()
    return answer


def new_id() -> str:
    return encode_id(os.urandom(ID_BYTES))


def frame(message: ClientMessage) -> bytes:
    return join([encode_message(message, Encoding.MSGPACK)], Encoding.MSGPACK)


def _number(value: int) -> bytes:
    return struct.pack("=I", value)


def _blob(data: bytes) -> bytes:
    return _number(len(data)) + data
