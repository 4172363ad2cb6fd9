"""A playlist with the names of its people and what the catalogue knows of its tracks, as a file wants it.

Asks for everybody and everything at once. Knows store, people and catalogue. Does not know formats, nor who
may read the playlist.
"""

import asyncio
from collections.abc import Mapping, Sequence

from collab.formats.listing import Listing
from collab.listed import listing_of
from collab.songs import tracks_in
from ot.value import Value
from storage.catalogue import Catalogue
from storage.store import DocumentInfo, People, Store


async def exported(
    store: Store,
    people: People,
    catalogue: Catalogue | None,
    info: DocumentInfo,
    state: tuple[Mapping[str, Value], Sequence[Mapping[str, Value]]],
    reader: str | None,
) -> Listing:
    """The playlist with this state, its attributes and entries, for this user; None: the operator. Who else
    belongs to it is told to those who do. Raises StoreError."""
    attributes, entries = state
    members = await store.members(info.head.document)
    editors = [user for user, role in members.items() if user != info.creator and role != "viewer"]
    collaborators = tuple(sorted(editors)) if reader is None or reader in members else ()
    adders = {str(by) for entry in entries if (by := entry.get("added_by"))}
    users = await people.users(sorted({*adders, *collaborators, info.creator}))
    ids = sorted(tracks_in(entries))
    rows = await catalogue.tracks(ids) if catalogue is not None and ids else {}
    names = {id: user.name for id, user in users.items()}
    return await asyncio.to_thread(listing_of, attributes, entries, info.creator, collaborators, names, rows)
