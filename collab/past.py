"""A playlist's past, read from the store.

States at older versions or times, what happened between two of them, and to one entry. One look is worked out
at a time, beside the event loop. Knows the store. Does not know roles, which the caller has asked, nor how
anything is changed: `way_back` does that.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from collab.ambient import Ambient
from collab.codec import unpack_body
from collab.errors import Refusal
from collab.history import Change, Step, changes, happened, life_of, replay, take_back
from collab.ids import is_server_client
from collab.playlist import KIND
from collab.turnstile import Turnstile
from ot.build import diff
from ot.document import Document
from ot.op import Op, decode
from storage.rows import Head, OpRow, Snapshot
from storage.store import Store

# How far back one person's part can be taken, and one entry followed: a second's work.
VERSIONS_MAX: Final = 20_000
# Read at once while an entry is followed; others get their turn in between.
PAGE: Final = 1_000


@dataclass(frozen=True, slots=True)
class State:
    """What a playlist held at a version. `step` led to it; None at the beginning of what is kept."""

    head: Head
    version: int
    step: Step | None
    document: Document


@dataclass(frozen=True, slots=True)
class Difference:
    """What leads from one version to another."""

    op: Op
    changes: list[Change]


@dataclass(frozen=True, slots=True)
class Life:
    """What happened to one entry after version `since`, where the look began."""

    since: int
    events: list[tuple[Step, Change]]


class Past:
    """All raise Refusal `not_found` for what does not exist, `history_gone` for what is no longer kept, and
    `busy` when too many ask at once; StoreError if the database fails."""

    def __init__(self, store: Store, ambient: Ambient) -> None:
        self._store = store
        self._ambient = ambient
        self._turnstile = Turnstile()

    async def head(self, document: str) -> Head:
        head = (await self._store.heads([document])).get(document)
        if head is None or head.kind != KIND:
            raise Refusal("not_found")
        return head

    async def state_at(self, document: str, version: int) -> State:
        async with self._turnstile.turn():
            head = await self.head(document)
            state = await self._document_at(head, version)
            rows = await self._store.ops(document, version - 1, version)
            return State(head, version, _step(rows[0]) if rows else None, state)

    async def version_at(self, document: str, at_ms: int) -> int:
        """The version that stood at a time: the last one that was committed by then. Where the clocks of
        nodes differ, so may this by as much."""
        head = await self.head(document)
        if at_ms >= self._ambient.now_ms():
            return head.version
        low, high = head.horizon, head.version
        while low < high:
            middle = (low + high + 1) // 2
            [row] = await self._rows(document, middle - 1, middle)
            if row.at_ms <= at_ms:
                low = middle
            else:
                high = middle - 1
        if low == head.horizon > 0:
            # When the op of the horizon was committed is forgotten with it.
            raise Refusal("history_gone")
        return low

    async def happened(self, document: str, after: int, through: int) -> list[tuple[Step, list[Change]]]:
        """What each version did, those after `after` up to `through`."""
        async with self._turnstile.turn():
            before = await self._document_at(await self.head(document), after)
            rows = await self._rows(document, after, through)
            return await asyncio.to_thread(lambda: happened(before, _steps(rows)))

    async def difference(self, document: str, from_version: int, to_version: int) -> Difference:
        async with self._turnstile.turn():
            head = await self.head(document)
            old = await self._document_at(head, from_version)
            new = await self._document_at(head, to_version)
            return await asyncio.to_thread(_difference, old, new)

    async def life_of(self, document: str, uid: str) -> Life:
        """Looks back `VERSIONS_MAX` versions, as far as they are kept."""
        head = await self.head(document)
        since = after = max(head.horizon, head.version - VERSIONS_MAX)
        async with self._turnstile.turn():
            state = await self._document_at(head, since)
        is_known = any(entry["uid"] == uid for entry in state.entries)
        events: list[tuple[Step, Change]] = []
        while after < head.version:
            through = min(after + PAGE, head.version)
            async with self._turnstile.turn():
                rows = await self._rows(document, after, through)
                found, state = await asyncio.to_thread(_followed, uid, state, rows)
            events += found
            after = through
        if not is_known and not events:
            raise Refusal("not_found", "There is no such entry in the history that is kept.")
        return Life(since, events)

    async def taking_back(self, document: str, author: str, since: int) -> tuple[int, Op]:
        """The op that takes back what `author` did after version `since`, and the version it is written
        against. Raises Refusal `bad_request` if that is too long ago."""
        async with self._turnstile.turn():
            head = await self.head(document)
            if head.version - since > VERSIONS_MAX:
                raise Refusal("bad_request", f"Only the last {VERSIONS_MAX:,} versions can be taken back.")
            before = await self._document_at(head, since)
            rows = await self._rows(document, since, head.version)
            op = await asyncio.to_thread(lambda: take_back(before, _steps(rows), author))
        return head.version, op

    # -- the store --------------------------------------------------------------------------------------

    async def _document_at(self, head: Head, version: int) -> Document:
        if version > head.version:
            raise Refusal("not_found", "There is no such version.")
        snapshot = await self._store.snapshot_at(head.document, version)
        if snapshot is None:
            raise Refusal("history_gone")
        rows = await self._rows(head.document, snapshot.version, version)
        return await asyncio.to_thread(_played, snapshot, rows)

    async def _rows(self, document: str, after: int, through: int) -> list[OpRow]:
        rows = await self._store.ops(document, after, through)
        if len(rows) != through - after:
            raise Refusal("history_gone")
        return rows


def _step(row: OpRow) -> Step:
    op = decode(unpack_body(row.body))
    return Step(row.version, row.author, row.at_ms, op, is_server_client(row.client_id))


def _steps(rows: Sequence[OpRow]) -> list[Step]:
    return [_step(row) for row in rows]


def _played(snapshot: Snapshot, rows: Sequence[OpRow]) -> Document:
    state = unpack_body(snapshot.body)
    return replay(Document(state["entries"], state["attributes"]), (_step(row).op for row in rows))


def _difference(old: Document, new: Document) -> Difference:
    op = diff(old, new)
    return Difference(op, changes(old, op))


def _followed(uid: str, state: Document, rows: Sequence[OpRow]) -> tuple[list[tuple[Step, Change]], Document]:
    steps = _steps(rows)
    return life_of(uid, state, steps), replay(state, (step.op for step in steps))
