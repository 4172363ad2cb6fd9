"""A Jam's log, read from the store for a file.

Reads the oldest snapshot that is kept and every event after it, and notes the digest of each later snapshot,
so that playing the file again also judges what the server stored on its way. A damaged log is read like any
other: playing it shows where. Knows the store. Does not know files.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from collab.codec import unpack_body
from collab.errors import Refusal
from collab.jam_kind import JamKind
from collab.messages import Body
from jam.digest import digest
from jam.events import decode_event
from jam.log import MISFITS, Begin, Line, Logged, Mark
from jam.reduce import reduce
from jam.state import load
from storage.rows import OpRow, Snapshot
from storage.store import Store

PAGE: Final = 1_000
# Stands for the digest of what cannot be folded, and is nobody's.
UNREADABLE: Final = "unreadable"


async def logged(store: Store, document: str) -> AsyncIterator[Line]:
    """The lines, up to the version that stands when the first is asked for. Raises Refusal `not_found`,
    `history_gone` if older versions are forgotten while this is read."""
    head = (await store.heads([document])).get(document)
    if head is None or head.kind != JamKind.name:
        raise Refusal("not_found", "There is no such Jam.")
    snapshot = await store.snapshot_at(document, head.horizon)
    if snapshot is None:
        raise Refusal("history_gone")
    version = snapshot.version
    yield Begin(document, version, _read(snapshot.body))
    while version < head.version:
        [*following] = await store.snapshots(document, version, 1)
        stop = min([head.version, *(later.version for later in following)])
        while version < stop:
            rows = await store.ops(document, version, min(version + PAGE, stop))
            if not rows or rows[0].version != version + 1:
                raise Refusal("history_gone")
            for row in rows:
                yield Logged(row.version, row.client_id, row.seq, row.author, _read(row.body))
            version = rows[-1].version
        for later in following:
            if later.version == version:
                yield Mark(version, _folded(later, []))
    newest = await store.snapshot_at(document, version)
    if newest is None:
        raise Refusal("history_gone")
    yield Mark(version, _folded(newest, await store.ops(document, newest.version, version)))


def _read(packed: bytes) -> Body:
    """What cannot be read becomes an empty map, which is neither a Jam nor an event."""
    try:
        body = unpack_body(packed)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _folded(snapshot: Snapshot, rows: Sequence[OpRow]) -> str:
    """The digest of the state as a server would load it."""
    try:
        jam = load(_read(snapshot.body))
        for row in rows:
            jam = reduce(jam, decode_event(_read(row.body)))
    except MISFITS:
        return UNREADABLE
    return digest(jam)
