"""The folder with the music, and what is known about it.

The catalogue says what there is, the folder holds the sound; here the two meet. Nothing that a client sends
ever becomes a path. Knows what tracks are called, by what path and by what id. Does not know tags, requests
or who may listen.
"""

import hashlib
import os
import stat
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from collab.errors import TuttiError
from collab.ids import ID_BYTES, encode_id, is_id
from collab.music.folder import open_below
from collab.songs import track_uri as track_uri  # who names files names their tracks
from ot.value import Entry
from storage.catalogue import Catalogue, TrackRow


class FileGone(TuttiError):
    """A track's file cannot be read (any more). The message is one sentence for whoever wants to hear it; it
    names no path."""


@dataclass(frozen=True, slots=True)
class Library:
    """`root` is the music folder. `is_closed`: an operator named it, so only its tracks may be inserted;
    otherwise it holds the sample pieces, and any well-formed URI goes."""

    root: Path
    catalogue: Catalogue
    is_closed: bool = False

    async def track(self, track_id: str) -> TrackRow | None:
        """None if there is none, or if this is no id. Raises StoreError."""
        return await self.catalogue.track(track_id) if is_id(track_id) else None

    async def songs(self, ids: Collection[str]) -> dict[str, Entry]:
        """Of these tracks those that there are, as they are put into lists. Raises StoreError."""
        rows = await self.catalogue.tracks(list(ids))
        return {track_id: song_of(row) for track_id, row in rows.items()}

    def open(self, row: TrackRow) -> int:
        """A file descriptor, for reading, of the track's file as it is now; the caller closes it. Blocks as
        long as the disk does, so call it in a thread. Raises FileGone."""
        try:
            descriptor = open_below(self.root, row.path)
        except (OSError, ValueError) as error:
            raise FileGone("The file of this track is not there (any more); choose another track.") from error
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise FileGone("What stands in this track's place is no file; choose another track.")
        return descriptor


def song_of(row: TrackRow) -> Entry:
    """What is known of a track, in the fields of an entry."""
    song: Entry = {
        "track": track_uri(row.id),
        "title": row.title,
        "artists": list(row.artists),
        "duration_ms": row.duration_ms,
    }
    if row.album:
        song["album"] = row.album
    if row.isrc:
        song["isrc"] = row.isrc
    if row.key:
        song["key"] = row.key
    if row.tempo is not None:
        song["tempo"] = row.tempo
    if row.energy is not None:
        song["energy"] = row.energy
    return song


def id_of_path(path: str) -> str:
    """The id that a file gets at first sight. `path` is relative to the music folder, with `/`."""
    named = b"tutti track\0" + path.encode("utf-8", "surrogateescape")
    return encode_id(hashlib.sha256(named).digest()[:ID_BYTES])
