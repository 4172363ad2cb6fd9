"""A file becomes a playlist.

Somebody's listing is matched with the catalogue and put into a new playlist of theirs by one op of the
server's own, so that it may say who added what and when, as far as those are people of this server. Says of
everything that the catalogue does not have what became of it. Knows catalogue, people and documents. Does not
know formats.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from collab.ambient import Ambient
from collab.errors import CODES, Refusal
from collab.formats.listing import Listed, Listing
from collab.http_ports import Documents
from collab.listed import (
    attributes_of,
    entry_of,
    is_shortened,
    song_of_listed,
    track_of,
    user_of,
)
from collab.matching import Finding, Lack, Match, matches
from collab.music.library import Library, song_of
from collab.request_names import Names
from ot.build import insert_at
from ot.op import encode
from ot.value import Entry
from storage.store import People

# Of what the catalogue does not have, the first are told one by one.
TOLD_MAX: Final = 1_000

NO_CATALOGUE: Final = "This server has no songs to compare it with."
NO_URI: Final = "The file has no address for it that works elsewhere."


@dataclass(frozen=True, slots=True)
class Unmatched:
    """An entry that is no track of the catalogue. `position` counts from 0 in the file, `line` from 1; 0: the
    format has no lines. `kept`: it stands in the playlist under its own URI."""

    position: int
    listed: Listed
    kept: bool
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a file's entries. `matched` counts by the way in which a track was found. `unmatched`
    are the first TOLD_MAX of `kept + left_out`, those that were left out before the others."""

    entries: int
    matched: Mapping[str, int]
    kept: int
    left_out: int
    shortened: int
    unmatched: Sequence[Unmatched]

    @property
    def imported(self) -> int:
        return self.entries - self.left_out


@dataclass(frozen=True, slots=True)
class Imported:
    playlist: str
    report: Report


class Imports:
    def __init__(
        self, documents: Documents, people: People, library: Library | None, ambient: Ambient
    ) -> None:
        self._documents = documents
        self._people = people
        self._library = library
        self._ambient = ambient

    async def run(self, user: str, listing: Listing, name: str, names: Names) -> Imported:
        """A new playlist of this user, called as the file says, else `name`. `names`: what it and its
        entries are called by, so that the same request makes them once. Raises Refusal, StoreError."""
        library = self._library
        listed = listing.entries
        found: Sequence[Finding | None] = (
            [None] * len(listed) if library is None else await matches(listed, library.catalogue)
        )
        adders = await self._people.users(sorted({by for by in map(user_of, listed) if by is not None}))
        now_ms = self._ambient.now_ms()
        making = _Making(
            user, names.id("edit"), set(adders), library is not None and library.is_closed, now_ms
        )
        entries, report = await asyncio.to_thread(making.entries, listed, found)
        playlist = await self._documents.create(
            user, attributes_of(listing, name), now_ms, names.id("playlist")
        )
        if entries and not (names.is_kept and await self._is_filled(playlist, user)):
            await self._fill(playlist, user, entries, names)
        return Imported(playlist, report)

    async def _is_filled(self, playlist: str, user: str) -> bool:
        return (await self._documents.read(playlist, user)).head.version > 0

    async def _fill(self, playlist: str, user: str, entries: list[Entry], names: Names) -> None:
        try:
            await self._documents.bring_back(playlist, user, 0, encode(insert_at(0, 0, entries)))
        except Refusal as refusal:
            if refusal.code == "uid_taken":  # the same request was faster on another connection
                return
            # Under a key the same may come again, and finds the playlist, unless it cannot fare better.
            if not names.is_kept or CODES[refusal.code].status < 500:
                await self._documents.delete(playlist, user)
            raise


@dataclass(frozen=True, slots=True)
class _Making:
    """Makes entries of what was found. `adders` are users that there are."""

    user: str
    client: str
    adders: set[str]
    is_closed: bool
    now_ms: int

    def entries(
        self, listed: Sequence[Listed], found: Sequence[Finding | None]
    ) -> tuple[list[Entry], Report]:
        entries: list[Entry] = []
        matched: Counter[str] = Counter()
        kept: list[Unmatched] = []
        left_out: list[Unmatched] = []
        shortened = 0
        for position, (one, finding) in enumerate(zip(listed, found, strict=True)):
            if isinstance(finding, Match):
                song = song_of(finding.row)
                matched[finding.way.value] += 1
            else:
                track = track_of(one)
                unmatched = self._unmatched(position, one, finding, track)
                (kept if unmatched.kept else left_out).append(unmatched)
                if track is None or not unmatched.kept:
                    continue
                song = song_of_listed(one, track)
                shortened += is_shortened(one, song)
            by = user_of(one)
            adder = by if by in self.adders else self.user
            uid = f"{self.client}.{len(entries) + 1}"
            entries.append(entry_of(one, song, uid, str(adder), self.now_ms))
        told = (left_out + kept)[:TOLD_MAX]
        return entries, Report(len(listed), matched, len(kept), len(left_out), shortened, told)

    def _unmatched(self, position: int, one: Listed, lack: Lack | None, track: str | None) -> Unmatched:
        code, message = ("no_catalogue", NO_CATALOGUE) if lack is None else (lack.code, lack.value)
        if track is None and not self.is_closed:
            code, message = "no_uri", NO_URI
        return Unmatched(position, one, track is not None and not self.is_closed, code, message)
