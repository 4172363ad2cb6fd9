"""Tutti's own clients, for the load generator: guests who open one playlist and change its description.

Each change is a real edit: checked, transformed, committed to the database, and sent to everybody as a row of
some 120 bytes. Knows the wire. Does not know what is measured.
"""

import json
import os
import urllib.request
from typing import Any

import msgpack

from benchmarks.harness import Server
from benchmarks.plan import BINARY, MARK, Plan
from collab.codec import Encoding, encode_message, join
from collab.ids import ID_BYTES, encode_id
from collab.messages import ClientMessage, Hello, Open, Submit
from collab.socket import PATH

ROW_BYTES = 120
# What a row holds beside its text: version, client, seq, author and the op's frame.
ROW_FRAME_BYTES = 74
# Numbers that take five bytes in MessagePack wherever they stand, to be found and replaced.
SEQ, BASE = 0xFFFF_FFF1, 0xFFFF_FFF2


def playlist_plan(server: Server, listeners: int, publishers: int) -> Plan:
    """A new guest with a new playlist, and all clients in it."""
    guest = _post(server, "/v1/guest", {"name": "Benchmark"}, "")
    token = guest["token"]
    room = _post(server, "/v1/me/playlists", {"name": "Benchmark"}, token)["id"]
    text = MARK.ljust(ROW_BYTES - ROW_FRAME_BYTES, b".").decode()
    template = _frame(Submit(room, SEQ, BASE, {"a": {"description": text}}))
    return Plan(
        template,
        publishers,
        [
            (_frame(Hello(token, encode_id(os.urandom(ID_BYTES)))), _frame(Open(room)))
            for _ in range(publishers + listeners)
        ],
        host=f"127.0.0.1:{server.port}",
        path=PATH,
        subprotocol=Encoding.MSGPACK.value,
        ready=b"opened",
        opcode=BINARY,
        seq_at=_place(template, SEQ),
        base_at=_place(template, BASE),
        base_first=0,
    )


def _frame(message: ClientMessage) -> bytes:
    return join([encode_message(message, Encoding.MSGPACK)], Encoding.MSGPACK)


def _place(template: bytes, number: int) -> int:
    packed: bytes = msgpack.packb(number)
    return template.index(packed) + 1


def _post(server: Server, path: str, body: object, token: str) -> dict[str, Any]:
    request = urllib.request.Request(
        server.url + path,
        json.dumps(body).encode(),
        {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {}),
    )
    with urllib.request.urlopen(request) as response:
        answer: dict[str, Any] = json.load(response)
        return answer
