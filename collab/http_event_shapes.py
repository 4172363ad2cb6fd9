"""How a playlist's events look: `text/event-stream`, as WHATWG's HTML standard has it in section 9.2.

Entries stand as they do on the wire and in the history. Pure: values in, bytes out.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from collab.history import Change
from collab.http_history_shapes import change_json, counts_json
from collab.http_shapes import Json, user_json
from ot.document import Document

# What leaves at once: far below what a connection may make a node hold.
PIECE_BYTES: Final = 32 * 1024
# An op that did more, an import for example, is told by the whole state.
EVENT_BYTES_MAX: Final = 64 * 1024
CHANGES_MAX: Final = 500

HEARTBEAT: Final = b": still here\n\n"


def retry(ms: int) -> bytes:
    """How long to wait before coming back."""
    return b"retry: %d\n\n" % ms


def goodbye(code: str, message: str, retry_after_ms: int) -> bytes:
    """The last event: why the stream ends, and when to come back."""
    body = {"code": code, "message": message, "retry_after_ms": retry_after_ms}
    event = b"event: goodbye\ndata: " + msgspec.json.encode(body) + b"\n\n"
    return retry(retry_after_ms) + event if retry_after_ms else event


def op_event(
    epoch: str,
    version: int,
    author: str,
    by_server: bool,
    changes: Sequence[Change],
    attributes: Mapping[str, Any],
) -> bytes | None:
    """What one op did. None if that is more than an event tells."""
    if len(changes) > CHANGES_MAX:
        return None
    body = {
        **_place(epoch, version),
        "author": author_json(author),
        "by_server": by_server,
        "counts": counts_json(changes),
        "changes": [change_json(change) for change in changes],
        "attributes": attributes,
    }
    data = msgspec.json.encode(body)
    return None if len(data) > EVENT_BYTES_MAX else _head("op", epoch, version) + data + b"\n\n"


def state_pieces(epoch: str, version: int, role: str, document: Document) -> Iterator[bytes]:
    """The whole playlist as one event, in pieces that are made one by one."""
    opening = {**_place(epoch, version), "role": role or None, "attributes": document.attributes}
    piece = bytearray(_head("state", epoch, version))
    piece += msgspec.json.encode(opening)[:-1] + b',"entries":['
    for number, entry in enumerate(document.entries):
        if number:
            piece += b","
        piece += msgspec.json.encode(entry)
        if len(piece) >= PIECE_BYTES:
            yield bytes(piece)
            piece.clear()
    piece += b"]}\n\n"
    yield bytes(piece)


def author_json(user_id: str) -> Json:
    """A person by id: whoever reads along asks for names, if at all."""
    return {key: value for key, value in user_json(user_id, None).items() if key != "display_name"}


def _head(name: str, epoch: str, version: int) -> bytes:
    return f"event: {name}\nid: {epoch}.{version}\ndata: ".encode()


def _place(epoch: str, version: int) -> Json:
    return {"version": version, "snapshot_id": f"{epoch}.{version}"}
