"""Which track of the catalogue an entry of a file means.

By its URI, its ISRC, its recording at MusicBrainz; else by title, artist and length. Two spellings are the
same title if they have the same words, the same artist if one of them is named by both, the same length
within a few seconds: services cut the same recording differently. Everything is asked for all entries at
once. Pure but for the catalogue, which is handed in.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from collab.formats.listing import Listed
from collab.listed import catalogue_id_of
from storage.catalogue import Catalogue, TrackRow
from storage.catalogue_words import title_key, words_of

# What two services' lengths of one recording may differ by.
LENGTH_LEEWAY_MS: Final = 5_000


class Way(Enum):
    """How a track was found."""

    URI = "uri"
    ISRC = "isrc"
    RECORDING = "recording"
    TITLE = "title"


class Lack(Enum):
    """Why none was. The value is the sentence for whoever imports."""

    NOTHING_SAID = "The file does not say what song this is."
    NO_TITLE = "No song here has this title."
    NO_ARTIST = "A song here has this title, but it is somebody else's."
    NO_LENGTH = "The song here with this title and artist has another length."

    @property
    def code(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Match:
    row: TrackRow
    way: Way


Finding: TypeAlias = Match | Lack


async def matches(entries: Sequence[Listed], catalogue: Catalogue) -> list[Finding]:
    """For each of the entries what was found. Raises StoreError."""
    by_id = await catalogue.tracks(sorted({id for id in map(catalogue_id_of, entries) if id is not None}))
    isrcs = {entry.isrc for entry in entries if entry.isrc}
    recordings = {entry.recording_id for entry in entries if entry.recording_id}
    identified = await catalogue.identified(isrcs, recordings) if isrcs or recordings else ()
    by_isrc = _first_by(identified, "isrc")
    by_recording = _first_by(identified, "recording_id")

    found: list[Finding | None] = []
    for entry in entries:
        named = (
            (Way.URI, by_id.get(catalogue_id_of(entry) or "")),
            (Way.ISRC, by_isrc.get(entry.isrc) if entry.isrc else None),
            (Way.RECORDING, by_recording.get(entry.recording_id) if entry.recording_id else None),
        )
        found.append(next((Match(row, way) for way, row in named if row is not None), None))
    titles = {entry.title for entry, match in zip(entries, found, strict=True) if match is None}
    titles.discard("")
    by_title = await catalogue.titled(titles) if titles else {}
    # Letters of tens of thousands of titles: long enough for others to wait for.
    return await asyncio.to_thread(_with_titles, entries, found, by_title)


def _first_by(rows: Iterable[TrackRow], field: str) -> dict[str, TrackRow]:
    first: dict[str, TrackRow] = {}
    for row in rows:
        first.setdefault(getattr(row, field), row)
    return first


def _with_titles(
    entries: Sequence[Listed], found: Sequence[Finding | None], by_title: Mapping[str, Sequence[TrackRow]]
) -> list[Finding]:
    return [
        match if match is not None else by_words(entry, by_title)
        for entry, match in zip(entries, found, strict=True)
    ]


def by_words(entry: Listed, by_title: Mapping[str, Sequence[TrackRow]]) -> Finding:
    """The track that has this title, artist and length; `by_title` are the catalogue's by `title_key`."""
    key = title_key(entry.title)
    if not key:
        return Lack.NOTHING_SAID
    same_title = by_title.get(key, ())
    if not same_title:
        return Lack.NO_TITLE
    # Lengths first: names take long to compare, and an "Intro" has hundreds of namesakes.
    same_length = [row for row in same_title if _apart_ms(entry, row) <= LENGTH_LEEWAY_MS]
    same = [row for row in same_length if _share_an_artist(entry.artists, row.artists)]
    if not same:
        is_theirs = any(_share_an_artist(entry.artists, row.artists) for row in same_title)
        return Lack.NO_LENGTH if is_theirs else Lack.NO_ARTIST
    if len(same) == 1:
        return Match(same[0], Way.TITLE)
    album = words_of(entry.album)
    nearest = min(same, key=lambda row: (words_of(row.album) != album, _apart_ms(entry, row), row.id))
    return Match(nearest, Way.TITLE)


def _share_an_artist(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether somebody is named by both, also where all stand in one text; nobody named may be anybody."""
    if not one or not other or not set(one).isdisjoint(other):
        return True
    mine, theirs = ([" ".join(words_of(name)) for name in names] for names in (one, other))
    my_line, their_line = f" {' '.join(mine)} ", f" {' '.join(theirs)} "
    return any(f" {name} " in their_line for name in mine if name) or any(
        f" {name} " in my_line for name in theirs if name
    )


def _apart_ms(entry: Listed, row: TrackRow) -> int:
    """0 if either length is unknown."""
    if not entry.duration_ms or not row.duration_ms:
        return 0
    return abs(entry.duration_ms - row.duration_ms)
