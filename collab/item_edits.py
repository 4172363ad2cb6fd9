"""From a request about a playlist's items to the op that it means.

Each builder takes the list as the request saw it, the newest or that of a snapshot, and makes one op for it;
what happened since meets that op in the algebra, as it does any other. A request that does not fit its list
is refused whole. Pure. Knows lists, positions and which URIs name one track. Does not know requests or
versions; what a catalogue says of tracks is handed in.
"""

from collections import defaultdict, deque
from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Final

from collab.errors import Refusal
from collab.songs import Songs
from collab.uris import id_in, kept_uri
from ot.build import diff, insert_at, move_range
from ot.document import Document
from ot.op import Builder, Op
from ot.value import Entry

# Of one request, as existing clients count: tracks to add, to remove or to put in place of others.
ITEMS_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be removed: every copy of a track, or only those at these positions."""

    uri: str
    positions: tuple[int, ...] | None = None


def ids_of(uris: Sequence[str]) -> frozenset[str]:
    """The ids of tracks that the catalogue may have, if it has one."""
    return frozenset(id for uri in uris if (id := id_in(uri, "track")) is not None)


def new_entries(uris: Sequence[str], songs: Songs, client: str, user: str, now_ms: int) -> list[Entry]:
    """What is put into the list for these: what the catalogue knows as it says, anything else as asked."""
    entries = []
    for number, uri in enumerate(uris, 1):
        song = songs.get(id_in(uri, "track") or "", {"track": uri})
        entries.append({**song, "uid": f"{client}.{number}", "added_by": user, "added_at": now_ms})
    return entries


def adding(document: Document, entries: Sequence[Entry], position: int | None) -> Op:
    """Puts `entries` before the entry at `position`; None is the end. Each builder raises Refusal
    `bad_request` for what the list does not have."""
    length = len(document.entries)
    if position is None:
        position = length
    if position > length:
        raise Refusal("bad_request", f"There is no position {position}: the list has {length} items.")
    return insert_at(length, position, entries)


def reordering(document: Document, start: int, count: int, before: int) -> Op:
    """Moves `count` entries from `start` on to stand before the one that is at `before` now."""
    length = len(document.entries)
    if start + count > length or before > length:
        raise Refusal("bad_request", f"The list has {length} items, fewer than this range or place needs.")
    return move_range(length, start, count, before)


def replacing(document: Document, entries: Sequence[Entry]) -> Op:
    """Makes the list hold the tracks of `entries`, in their order. An entry whose track stays is kept with
    all that is known of it, copy by copy, so that a replacement with much of the same is mostly a move."""
    standing: defaultdict[str, deque[Entry]] = defaultdict(deque)
    for entry in document.entries:
        standing[_track(entry)].append(entry)
    plan = []
    for entry in entries:
        copies = standing[_track(entry)]
        plan.append(copies.popleft() if copies else entry)
    return diff(document, Document(plan, document.attributes))


def removing(document: Document, wanted: Sequence[Wanted]) -> Op:
    """Removes tracks by name. One that does not stand in the list is gone already; but a position that is
    named with it must hold it."""
    everywhere = {kept_uri(one.uri) for one in wanted if one.positions is None}
    chosen: set[int] = set()
    if everywhere:
        chosen.update(index for index, entry in enumerate(document.entries) if _track(entry) in everywhere)
    for one in wanted:
        for position in one.positions or ():
            if _track(_at(document, position)) != kept_uri(one.uri):
                raise Refusal("bad_request", f"Another track than {one.uri!r} stands at {position}.")
            chosen.add(position)
    return _without(document, chosen)


def removing_at(document: Document, positions: Sequence[int]) -> Op:
    """Removes what stands at these positions, whatever it is."""
    for position in positions:
        _at(document, position)
    return _without(document, set(positions))


def _track(entry: Entry) -> str:
    return kept_uri(str(entry["track"]))


def _at(document: Document, position: int) -> Entry:
    if position >= len(document.entries):
        raise Refusal(
            "bad_request",
            f"There is no position {position}: the list has {len(document.entries)} items.",
        )
    return document.entries[position]


def _without(document: Document, chosen: Set[int]) -> Op:
    builder = Builder()
    position = 0
    for index in sorted(chosen):
        builder.keep(index - position)
        builder.remove(1)
        position = index + 1
    builder.keep(len(document.entries) - position)
    return Op(builder.components())
