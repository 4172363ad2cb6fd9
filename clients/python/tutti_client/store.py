"""What a device keeps of a playlist, so that edits survive the process.

A replica is pure, so its state at some moment (*whole*) and what it did since (*records*: edits, freezes,
committed rows) give it back. Records are small, one for each change; a whole takes their place where the
change is none of the three, or when they have grown longer than it. Knows the form, and when something is
due. Does not know where it is written: that is `store_file`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from collab.messages import Body, Row
from ot.client import Inflight
from ot.op import COMPONENTS_MAX as SENT_COMPONENTS_MAX
from ot.op import Op, decode, encode
from tutti_client.events import Refusal
from tutti_client.unsaved import Unsaved

FORMAT: Final = 1
# Records may grow to this many bytes, or to the size of the whole that they follow.
RECORDS_BYTES_MIN: Final = 32 * 1024
# Others may cut an op into pieces without end; what could never be sent is at least kept to be handed back.
COMPONENTS_MAX: Final = 100 * SENT_COMPONENTS_MAX
# What others do while nothing is unsaved is worth no disk access of its own: coming back from further behind
# costs a little more, and loses nothing.
ROWS_HELD_MAX: Final = 64


class KeptInflight(Struct, frozen=True, array_like=True):
    """The submission in flight, exactly as sent, and as its commit will be."""

    seq: int
    base: int
    op: Body
    rebased: Body
    edits: int
    exact: bool

    @classmethod
    def of(cls, inflight: Inflight | None) -> "KeptInflight | None":
        if inflight is None:
            return None
        op, rebased = encode(inflight.op), encode(inflight.rebased)
        return cls(inflight.seq, inflight.base, op, rebased, inflight.edits, inflight.exact)

    def read(self) -> Inflight:
        """Raises OpError."""
        op, rebased = read_op(self.op), read_op(self.rebased)
        return Inflight(self.seq, self.base, op, rebased, self.edits, self.exact)


class Kept(Struct, frozen=True):
    """A replica. `entries` and `attributes` are acknowledged at `version`; `pending` is what waits behind
    `inflight`, grouped as in the engine's queue. `undecided` as in `ot.client`; the last three are the
    replica's, and of this form."""

    client: str
    last_seq: int
    epoch: str
    version: int
    role: str
    entries: list[dict[str, Any]]
    attributes: dict[str, Any]
    inflight: KeptInflight | None
    pending: list[tuple[int, Body]]
    pending_edits: int
    undecided: list[str]
    unsaved: Unsaved
    needs_client: bool
    is_restarting: bool
    format: int = FORMAT


class Edited(Struct, frozen=True, array_like=True, tag="e"):
    """An edit, made at `now_ms`; `op` in MessagePack."""

    now_ms: int | None
    op: Raw


class Froze(Struct, frozen=True, array_like=True, tag="f"):
    """All that waited became the submission `seq`; `op` as it is sent."""

    seq: int
    op: Body


class Received(Struct, frozen=True, array_like=True, tag="r"):
    """A committed row came."""

    row: Row


Record = Edited | Froze | Received

_whole = msgspec.msgpack.Decoder(Kept)
_record: msgspec.msgpack.Decoder[Record] = msgspec.msgpack.Decoder(Record)
_encode = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True, slots=True)
class Write:
    """What is to be written of a room, all of it or nothing. With `whole` the records before are void."""

    room: str
    whole: bytes | None
    records: tuple[bytes, ...]
    is_unsaved: bool


@dataclass(frozen=True, slots=True)
class Stored:
    """A room as it was read: a whole, and the records since."""

    room: str
    whole: bytes
    records: Sequence[bytes]


class Unreadable(Exception):
    """What was stored is not of this form: damaged, or written by another version of this program."""


def read(stored: Stored) -> tuple[Kept, list[Record]]:
    """Raises Unreadable."""
    try:
        kept = _whole.decode(stored.whole)
        records = [_record.decode(record) for record in stored.records]
    except msgspec.DecodeError as error:
        raise Unreadable(f"What was kept of {stored.room} cannot be read: {error}") from None
    if kept.format != FORMAT:
        raise Unreadable(f"What was kept of {stored.room} is in format {kept.format}, not {FORMAT}.")
    return kept, records


def read_op(wire: Body) -> Op:
    """An own op, which may have become larger than those that the server takes. Raises OpError."""
    return decode(wire, components_max=COMPONENTS_MAX)


class Journal:
    """What a replica has done and nobody has written yet."""

    def __init__(self) -> None:
        self._records: list[bytes] = []
        self._needs_whole = True
        self._whole_bytes = 0
        self._bytes = 0

    def edited(self, packed: bytes, now_ms: int | None) -> None:
        """An edit; `packed` is its op in MessagePack."""
        self._add(Edited(now_ms, Raw(packed)))

    def froze(self, seq: int, op: Op) -> None:
        self._add(Froze(seq, encode(op)))

    def received(self, row: Row) -> None:
        self._add(Received(row))

    def changed(self) -> None:
        """Something else happened: a whole is due."""
        self._needs_whole = True
        self._records.clear()

    def resumed(self, stored: Stored) -> None:
        """What is stored is where this begins."""
        self._needs_whole = False
        self._whole_bytes = len(stored.whole)
        self._bytes = sum(map(len, stored.records))

    def is_due(self, *, is_unsaved: bool) -> bool:
        """Whether there is something to write now; while nothing is unsaved some rows may wait."""
        return self._needs_whole or len(self._records) > (0 if is_unsaved else ROWS_HELD_MAX)

    def take(self, room: str, kept: Callable[[], Kept], *, is_unsaved: bool) -> Write | None:
        """What is to be written now, in the order of calls; None if nothing is."""
        records = tuple(self._records)
        self._records.clear()
        if not self._needs_whole:
            return Write(room, None, records, is_unsaved) if records else None
        whole = _encode(kept())
        self._needs_whole = False
        self._whole_bytes, self._bytes = len(whole), 0
        return Write(room, whole, (), is_unsaved)

    def _add(self, record: Record) -> None:
        if not self._needs_whole:
            packed = _encode(record)
            self._bytes += len(packed)
            if self._bytes > max(RECORDS_BYTES_MIN, self._whole_bytes):
                self.changed()
            else:
                self._records.append(packed)


def pack_refusal(refusal: Refusal) -> bytes:
    op = encode(refusal.op)
    return _encode((refusal.client, refusal.seq, refusal.code, refusal.message, op, refusal.edits))


def unpack_refusal(packed: bytes) -> Refusal:
    """As `pack_refusal` wrote it."""
    client, seq, code, message, op, edits = msgspec.msgpack.decode(packed)
    return Refusal(client, seq, code, message, read_op(op), edits)
