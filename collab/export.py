"""All that is known of one person, for that person.

One JSON document, written piece by piece: one playlist or Jam is read at a time, and let go before the next.
Holds what they are, have and did; of others only what stands in documents that they may read anyway. Knows
the store and what documents look like. Does not know HTTP, nor how often somebody may ask.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, Final

import msgspec

from collab.codec import unpack_body
from collab.errors import Refusal
from collab.http_jam_shapes import recap_json
from collab.http_ports import Documents
from collab.http_shapes import Json, snapshot_id
from collab.jams import KIND as JAM
from collab.jams import Jams
from collab.playlist import KIND as PLAYLIST
from jam import events as e
from jam.state import role_of
from storage.administered import Audited
from storage.rows import Head
from storage.store import DocumentInfo, Store, User

FORMAT: Final = "tutti-export-1"
# What leaves at once.
PIECE_BYTES: Final = 32 * 1024
# Of anything; nobody has so many.
LIST_MAX: Final = 20_000
_PAGE: Final = 50
_LINES: Final = 1000
_ROWS: Final = 500


class Export:
    """`pieces` raises StoreError; then the document has no end, and is not JSON."""

    def __init__(self, store: Store, people: Audited, documents: Documents, jams: Jams) -> None:
        self._store = store
        self._people = people
        self._documents = documents
        self._jams = jams

    async def pieces(self, user: User, now_ms: int) -> AsyncGenerator[bytes, None]:
        opening = {"format": FORMAT, "exported_at": now_ms, "profile": _profile(user)}
        yield msgspec.json.encode(opening)[:-1]
        lists: dict[str, AsyncIterator[bytes | None]] = {
            "devices": self._devices(user.id),
            "tokens": self._tokens(user.id),
            "audit": self._audit(user.id),
            "playlists": self._playlists(user.id),
            "jams": self._all_jams(user.id),
        }
        for name, items in lists.items():
            yield b',"%s":[' % name.encode()
            count = 0
            async for item in items:
                if item is not None:
                    yield item
                    continue
                if count == LIST_MAX:
                    break
                if count:
                    yield b","
                count += 1
            yield b"]"
        yield b"}\n"

    # Each yields None before an item, and then the item in one piece or more.

    # -- what they hold ---------------------------------------------------------------------------------

    async def _devices(self, user: str) -> AsyncIterator[bytes | None]:
        after = ""
        while page := await self._people.devices(user, after, _PAGE):
            for device in page:
                yield None
                yield msgspec.json.encode(
                    {
                        "since": device.since_ms,
                        "renewed_at": device.renewed_ms,
                        "expires_at": device.expires_ms,
                        "revoked": device.revoked,
                    }
                )
            after = page[-1].id

    async def _tokens(self, user: str) -> AsyncIterator[bytes | None]:
        for token in await self._people.api_tokens(user):
            yield None
            yield msgspec.json.encode(
                {
                    "id": token.id,
                    "label": token.label,
                    "created_at": token.created_ms,
                    "expires_at": token.expires_ms,
                    "revoked": token.revoked,
                }
            )

    async def _audit(self, user: str) -> AsyncIterator[bytes | None]:
        """What operators did to them. Who the operator was is the operator's."""
        after = 0
        while lines := await self._people.audit(after, _LINES, subject=user):
            for line in lines:
                yield None
                yield msgspec.json.encode({"at": line.at_ms, "action": line.action, "why": line.why})
            after = lines[-1].number

    # -- what they are in ----------------------------------------------------------------------------------

    async def _infos(self, user: str, kind: str) -> AsyncIterator[DocumentInfo]:
        offset = 0
        while True:
            page, _ = await self._store.documents_of(user, kind, offset, _PAGE)
            for info in page:
                yield info
            if len(page) < _PAGE:
                return
            offset += _PAGE

    async def _playlists(self, user: str) -> AsyncIterator[bytes | None]:
        async for info in self._infos(user, PLAYLIST):
            try:
                view = await self._documents.read(info.head.document, user)
            except Refusal:  # deleted, or its owner took them out, while others were read
                continue
            yield None
            opening: Json = {
                "id": info.head.document,
                "snapshot_id": snapshot_id(view.head),
                "version": view.head.version,
                "role": info.role,
                "made_by_me": info.creator == user,
                "created_at": info.created_ms,
                "attributes": view.attributes,
                "added_by_me": sum(entry.get("added_by") == user for entry in view.entries),
            }
            piece = bytearray(msgspec.json.encode(opening)[:-1]) + b',"entries":['
            for number, entry in enumerate(view.entries):
                piece += (b"," if number else b"") + msgspec.json.encode(entry)
                if len(piece) >= PIECE_BYTES:
                    yield bytes(piece)
                    piece.clear()
            yield bytes(piece) + b"]}"

    async def _all_jams(self, user: str) -> AsyncIterator[bytes | None]:
        async for info in self._infos(user, JAM):
            try:
                view = await self._jams.read(info.head.document, user)
            except Refusal:
                continue
            jam = view.jam
            yield None
            opening = {
                "id": info.head.document,
                "name": jam.settings.name,
                "role": role_of(jam, user),
                "made_by_me": info.creator == user,
                "status": jam.status,
                "started_at": jam.started_at,
                "recap": await self._recap(info.head, user),
            }
            yield msgspec.json.encode(opening)[:-1] + b',"said":['
            count = 0
            async for said in self._said(view.head, user):
                if count == LIST_MAX:
                    break
                yield (b"," if count else b"") + msgspec.json.encode(said)
                count += 1
            yield b"]}"

    async def _recap(self, head: Head, user: str) -> Any:
        """What the evening was; None where its log is no longer kept, or too many ask just now."""
        try:
            return recap_json(head.document, await self._jams.recap(head.document, user))
        except Refusal:
            return None

    async def _said(self, head: Head, user: str) -> AsyncIterator[Json]:
        """Their messages, as far back as the log is kept, also those that were deleted since."""
        after = head.horizon
        while after < head.version:
            through = min(after + _ROWS, head.version)
            for row in await self._store.ops(head.document, after, through):
                if row.author == user:
                    event = e.decode_event(unpack_body(row.body))
                    if isinstance(event, e.Said):
                        yield {"at": event.at, "text": event.text}
            after = through


def _profile(user: User) -> Json:
    return {"id": user.id, "name": user.name, "kind": user.kind, "created_at": user.created_ms}
