"""What the load generator's clients say, as the file that `load.c` reads.

A published message is a template in which the generator writes a mark (and, where the protocol counts, a seq
and a base) before each sending. Knows the file's layout. Does not know servers.
"""

import base64
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# The generator finds messages by it and replaces the digits; `load.c` has the same.
MARK = b"~tutti:00000000"
NOWHERE = -1
TEXT, BINARY = 1, 2


@dataclass(frozen=True, slots=True)
class Plan:
    """`prologues`: what each client sends after its upgrade, publishers first. `ready` stands in the frame
    that ends a client's preparation; empty: the upgrade does. `seq_at` and `base_at` are places of 4-byte
    big-endian numbers in `template`; a seq counts each publisher's messages from 1, a base is `base_first`
    plus how many messages everyone has."""

    template: bytes
    publishers: int
    prologues: Sequence[Sequence[bytes]]
    host: str = "127.0.0.1"
    path: str = "/"
    subprotocol: str = ""
    ready: bytes = b""
    opcode: int = BINARY
    seq_at: int = NOWHERE
    base_at: int = NOWHERE
    base_first: int = 0

    @property
    def listeners(self) -> int:
        return len(self.prologues) - self.publishers

    def write(self, path: Path) -> None:
        """For `load.c`; numbers as this machine has them."""
        parts = [
            _blob(self._request()),
            _blob(self.ready),
            _number(self.opcode),
            _blob(self.template),
            *map(_number, (self.template.index(MARK), self.seq_at, self.base_at, self.base_first)),
            *map(_number, (self.publishers, len(self.prologues))),
        ]
        for frames in self.prologues:
            parts.append(_number(len(frames)))
            parts.extend(map(_blob, frames))
        path.write_bytes(b"".join(parts))

    def _request(self) -> bytes:
        key = base64.b64encode(bytes(16)).decode()
        offer = f"Sec-WebSocket-Protocol: {self.subprotocol}\r\n" if self.subprotocol else ""
        return (
            f"GET {self.path} HTTP/1.1\r\nHost: {self.host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n{offer}\r\n"
        ).encode()


def plain_plan(listeners: int, publishers: int, message_bytes: int = 120) -> Plan:
    """For a room that passes on whatever anybody in it says."""
    template = MARK.ljust(message_bytes, b".")
    return Plan(template, publishers, [()] * (publishers + listeners))


def _number(value: int) -> bytes:
    return struct.pack("=i", value)


def _blob(data: bytes) -> bytes:
    return _number(len(data)) + data
