"""How hints and reports travel, and why a stranger's do no harm.

A message is a version byte, a kind, the sender, a MAC and a body. Nodes of one cluster know each other by
the secret that also signs tokens: from it comes the key of the MAC, which covers all of the message and the
document that it is about. So whoever can write to the bus can neither invent a hint nor pass one off as
another document's; to repeat one is harmless. A kind that is not known is a newer node's, and passed over.
Knows bytes. Does not know where they travel.

    version 1 │ kind 1 │ sender 8 │ mac 16 │ body (MessagePack)
"""

import hmac
from dataclasses import dataclass
from typing import Final

import msgspec

from collab.effects import Publish
from collab.hints import bare
from collab.presence_report import Entry, Report, Span
from storage.rows import OpRow, Settled

VERSION: Final = 1
SENDER_BYTES: Final = 8
# 128 bits cannot be guessed, not even at the speed of a bus.
MAC_BYTES: Final = 16
# A hint with more than this to tell goes without: the store answers a long stretch as cheaply.
TOLD_BYTES_MAX: Final = 32 * 1024
MESSAGE_BYTES_MAX: Final = 64 * 1024

_HINT: Final = b"h"
_REPORT: Final = b"p"
_HEARTBEAT: Final = b"b"
_HEAD_BYTES: Final = 2 + SENDER_BYTES
_PURPOSE: Final = b"tutti: messages between nodes"


class Unreadable(Exception):
    """A message that is not to be believed. `reason` is one of a few words: size, version, mac, content."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Reported:
    """What another node, by its name, reports."""

    node: str
    report: Report


class _Body(msgspec.Struct, array_like=True, frozen=True):
    epoch: str
    version: int
    changes: int
    since: int | None
    rows: list[tuple[int, str, int, str, int, bytes]]
    settled: list[tuple[str, str, int, bytes, int | None, str, int]]


class _ReportBody(msgspec.Struct, array_like=True, frozen=True):
    number: int
    entries: tuple[Entry, ...]
    left: tuple[str, ...]
    span: tuple[str, str | None] | None
    unlisted: int
    asks: bool


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(_Body)
_REPORT_DECODER: Final = msgspec.msgpack.Decoder(_ReportBody)


class BusMessages:
    """Writes and reads as one node of a cluster. `node` is random, of SENDER_BYTES."""

    def __init__(self, secret: bytes, node: bytes) -> None:
        assert len(node) == SENDER_BYTES, "the bus makes its node's name"
        self._key = hmac.digest(secret, _PURPOSE, "sha256")
        self._node = node

    def write_hint(self, hint: Publish) -> bytes:
        """Without what was written if that is too much."""
        body = _ENCODER.encode(_body(hint))
        if len(body) > TOLD_BYTES_MAX:
            body = _ENCODER.encode(_body(bare(hint)))
        return self._write(_HINT, hint.document, body)

    def write_report(self, report: Report) -> bytes:
        span = None if report.span is None else (report.span.after, report.span.through)
        body = _ReportBody(report.number, report.entries, report.left, span, report.unlisted, report.asks)
        return self._write(_REPORT, report.document, _ENCODER.encode(body))

    def read(self, document: str, message: bytes) -> Publish | Reported | None:
        """What another node said about a document; None if we said it ourselves, or it does not concern us.
        Raises Unreadable."""
        body = self._read(document, message)
        if body is None:
            return None
        try:
            if message[1:2] == _HINT:
                return _hint(document, _DECODER.decode(body))
            if message[1:2] == _REPORT:
                node = message[2:_HEAD_BYTES].hex()
                return Reported(node, _report(document, _REPORT_DECODER.decode(body)))
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise Unreadable("content") from None
        return None

    def write_heartbeat(self, channel: str, number: int) -> bytes:
        return self._write(_HEARTBEAT, channel, number.to_bytes(8, "big"))

    def read_heartbeat(self, channel: str, message: bytes) -> int:
        """The number of one of our own heartbeats. Raises Unreadable."""
        body = self._read(channel, message, own=True)
        if body is None or len(body) != 8 or message[1:2] != _HEARTBEAT:
            raise Unreadable("content")
        return int.from_bytes(body, "big")

    def _write(self, kind: bytes, about: str, body: bytes) -> bytes:
        head = bytes([VERSION]) + kind + self._node
        return head + self._mac(head, about, body) + body

    def _read(self, about: str, message: bytes, *, own: bool = False) -> bytes | None:
        """The body; None if it is not from whom it should be, ourselves or another."""
        if len(message) > MESSAGE_BYTES_MAX:
            raise Unreadable("size")
        if message[:1] != bytes([VERSION]):
            raise Unreadable("version")
        head, mac, body = _split(message)
        if (head[2:] == self._node) != own:
            return None
        if not hmac.compare_digest(mac, self._mac(head, about, body)):
            raise Unreadable("mac")
        return body

    def _mac(self, head: bytes, about: str, body: bytes) -> bytes:
        said = b"".join((head, about.encode(), b"\0", body))
        return hmac.digest(self._key, said, "sha256")[:MAC_BYTES]


def told_bytes(hint: Publish) -> int:
    """About how long what a hint tells is on the wire."""
    return sum(len(row.body) + 64 for row in hint.rows) + 128 * len(hint.settled)


def _split(message: bytes) -> tuple[bytes, bytes, bytes]:
    end = _HEAD_BYTES + MAC_BYTES
    return message[:_HEAD_BYTES], message[_HEAD_BYTES:end], message[end:]


def _body(hint: Publish) -> _Body:
    return _Body(
        hint.epoch,
        hint.version,
        hint.changes,
        hint.since,
        [(row.version, row.client_id, row.seq, row.author, row.at_ms, row.body) for row in hint.rows],
        [
            (row.client_id, row.user_id, row.seq, row.body_hash, row.version, row.code, row.changes)
            for row in hint.settled
        ],
    )


def _hint(document: str, body: _Body) -> Publish:
    return Publish(
        document,
        body.epoch,
        body.version,
        body.changes,
        tuple(OpRow(*row) for row in body.rows),
        tuple(Settled(*row) for row in body.settled),
        body.since,
    )


def _report(document: str, body: _ReportBody) -> Report:
    span = None if body.span is None else Span(*body.span)
    return Report(document, body.number, body.entries, body.left, span, body.unlisted, body.asks)
