"""What the database holds when all is over.

Reads documents beside the running nodes, as `tutti verify` does, and folds their logs anew from the first op
that is kept: no memory of a node is believed, and no snapshot that is not needed. Knows the store and the
algebra. Does not know histories.
"""

from collections.abc import Iterable
from pathlib import Path

from collab.codec import unpack_body
from collab.config import Settings
from collab.database import visit_database
from ot.apply import apply
from ot.digest import digest
from ot.document import Document
from ot.op import Insert, Op, decode
from ot.value import Entry
from storage.rows import OpRow
from storage.store import Store
from tests.faults.checker import LogRow, Truth

# What a marked entry's track begins with.
MARK = "tutti:track:"


async def read_truths(
    data: Path, database_url: str | None, documents: Iterable[str], name: str = "Friday"
) -> dict[str, Truth]:
    """By document. `name` is what they were called when they were made. Raises StoreError."""
    store = await visit_database(Settings(data=data, database_url=database_url))
    try:
        return {document: await _truth(store, document, name) for document in documents}
    finally:
        await store.close()


async def _truth(store: Store, document: str, name: str) -> Truth:
    loaded = await store.load(document)
    assert loaded is not None, f"{document} is gone"
    rows: list[LogRow] = []
    begin, state = 0, Document([], {"name": name})
    if loaded.head.horizon:
        # What came before is forgotten: only the newest snapshot can be begun with.
        begin = loaded.snapshot.version
        held = unpack_body(loaded.snapshot.body)
        state = Document(held["entries"], held["attributes"])
    for row in await _log(store, document):
        op = decode(unpack_body(row.body))
        if row.version > begin:
            state = apply(state, op)
        rows.append(LogRow(row.version, row.client_id, row.seq, markers_of(op)))
    return Truth(document, loaded.head.version, rows, _marks(state.entries), digest(state))


async def _log(store: Store, document: str) -> list[OpRow]:
    return list(await store.ops(document, 0, 1 << 30))


def markers_of(op: Op) -> tuple[str, ...]:
    """Of what an op inserts."""
    return tuple(
        marker
        for component in op.components
        if isinstance(component, Insert)
        for marker in _marks(component.entries)
    )


def _marks(entries: Iterable[Entry]) -> list[str]:
    tracks = (str(entry["track"]) for entry in entries)
    return [track.removeprefix(MARK) for track in tracks if track.startswith(MARK)]
