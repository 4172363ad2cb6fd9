"""The promise of the catalogue.

What a store must do for the music that a server has: keep one row a track, and find tracks while somebody
types. `tests/contracts/test_catalogue.py` is the suite that both databases pass. `open_database` returns a
store whose attribute `catalogue` is one.

Knows rows and what a search means. Does not know files: what a path leads to, and what its tags say, is found
out elsewhere and handed in. Raises as `storage.store`: Unavailable, OutcomeUnknown.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

# A search counts and pages this far: nobody reads on there, and a letter that half of the tracks have costs
# no more than a name that few have. Spotify's search ends at the same number.
FOUND_MAX = 1_000
# A transaction of `put` or `remove` holds as many rows, so that a scan of 100,000 files never keeps people's
# edits waiting for long.
BATCH_MAX = 100


@dataclass(frozen=True, slots=True)
class TrackRow:
    """One track. Text has no NUL and no lone surrogate, but for `path`, which is relative to the music
    folder, posix, and decoded with surrogateescape.

    `tempo` is beats a minute × 100, `key` on the Camelot wheel ("8A") or "", `energy` 0 to 100; `isrc`,
    `recording_id` (MusicBrainz) and `artwork` (hex SHA-256 prefix of the embedded picture) are "" where there
    is none. `added_ms` is wall time of the first sight.
    """

    id: str
    path: str
    size_bytes: int
    mtime_ns: int
    title: str
    artists: tuple[str, ...]
    album: str
    duration_ms: int
    isrc: str
    recording_id: str
    tempo: int | None
    key: str
    energy: int | None
    media_type: str
    artwork: str
    added_ms: int


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What tells whether a file is still the one whose tags were read."""

    id: str
    size_bytes: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what a search found, best first. `total` counts all of it, up to FOUND_MAX."""

    rows: tuple[TrackRow, ...]
    total: int


class Catalogue(Protocol):
    """The tracks of this server; of all its nodes, where several share a database."""

    async def known(self) -> Mapping[str, KnownFile]:
        """Every file that has a row, by path."""

    async def put(self, rows: Sequence[TrackRow]) -> None:
        """Adds rows; one that is there with the same id becomes the new one, but keeps its `added_ms`. A row
        of another id that has the path of a new one goes: a path leads to one file. Any number of rows, no id
        twice, in transactions of BATCH_MAX: after an error the first of them may be written, and putting all
        again does no harm."""

    async def remove(self, ids: Sequence[str]) -> None:
        """Drops the rows of these ids, however many; those that are not there are no error."""

    async def track(self, track_id: str) -> TrackRow | None: ...

    async def tracks(self, ids: Sequence[str]) -> dict[str, TrackRow]:
        """Those of the tracks that are there, by id."""

    async def identified(self, isrcs: Collection[str], recording_ids: Collection[str]) -> Sequence[TrackRow]:
        """The tracks that have one of these ISRCs or MusicBrainz recording ids, in the order of their ids.
        Nothing that is asked for is ""."""

    async def titled(self, titles: Collection[str]) -> Mapping[str, Sequence[TrackRow]]:
        """The tracks whose titles have the same words as one of these, whatever their order and case, by
        their `storage.catalogue_words.title_key`, each in the order of their ids. Looks through the whole
        catalogue once, however many are asked for."""

    async def with_artwork(self, artwork: str) -> TrackRow | None:
        """One of the tracks that have this picture, which is not ""."""

    async def track_ids(self) -> set[str]:
        """The ids of all tracks."""

    async def count(self) -> int: ...

    async def search(self, query: str, limit: int, offset: int = 0) -> Found:
        """Tracks of which title, artists and album hold a word that begins as each word of `query` does, case
        and diacritics aside; where there are none, tracks whose words differ from it by typing errors.

        Title before artist before album, whole words before beginnings, short titles before long ones; in
        the same order on every database. Any string may be asked for: one without a word finds nothing, and
        of a long one only the beginning counts.
        """
