"""A music folder with a catalogue in a dict: no scan, and only what endpoints ask."""

import io
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mutagen.flac import FLAC, Picture
from PIL import Image

from collab.music.library import Library, id_of_path
from collab.music.tags import artwork_of
from storage.catalogue import Found, TrackRow
from storage.catalogue_words import title_key
from tests.clients.sounds import sound


class Shelf:
    """`library` may be handed to a world. Its rows are put in and changed by hand."""

    def __init__(self, root: Path) -> None:
        self._rows: dict[str, TrackRow] = {}
        self.root = root
        catalogue: Any = self
        self.library = Library(root, catalogue)

    def add(self, path: str, **fields: Any) -> TrackRow:
        """The file that lies at `path` below the root."""
        looked = (self.root / path).stat()
        row = TrackRow(
            id=id_of_path(path),
            path=path,
            size_bytes=looked.st_size,
            mtime_ns=looked.st_mtime_ns,
            title=path,
            artists=(),
            album="",
            duration_ms=2_000,
            isrc="",
            recording_id="",
            tempo=None,
            key="",
            energy=None,
            media_type="audio/mpeg",
            artwork="",
            added_ms=0,
        )
        self._rows[row.id] = replace(row, **fields)
        return self._rows[row.id]

    def song(self, path: str, picture: bytes) -> TrackRow:
        """A new file at `path`, a FLAC with a picture in it."""
        file = self.root / path
        file.write_bytes(sound("FLAC"))
        tagged = FLAC(file)
        front = Picture()
        front.data, front.type, front.mime = picture, 3, "image/png"
        tagged.add_picture(front)
        tagged.save()
        return self.add(path, media_type="audio/flac", artwork=artwork_of(picture))

    def change(self, track_id: str, **fields: Any) -> None:
        self._rows[track_id] = replace(self._rows[track_id], **fields)

    # -- as a Catalogue --------------------------------------------------------------------------------------

    async def track(self, track_id: str) -> TrackRow | None:
        return self._rows.get(track_id)

    async def tracks(self, ids: Sequence[str]) -> dict[str, TrackRow]:
        return {track_id: self._rows[track_id] for track_id in ids if track_id in self._rows}

    async def identified(self, isrcs: Collection[str], recording_ids: Collection[str]) -> list[TrackRow]:
        return [row for row in self._sorted() if row.isrc in isrcs or row.recording_id in recording_ids]

    async def titled(self, titles: Collection[str]) -> dict[str, list[TrackRow]]:
        found: dict[str, list[TrackRow]] = {}
        for row in self._sorted():
            found.setdefault(title_key(row.title), []).append(row)
        return {key: found[key] for key in map(title_key, titles) if key in found}

    def _sorted(self) -> list[TrackRow]:
        return sorted(self._rows.values(), key=lambda row: row.id)

    async def search(self, query: str, limit: int, offset: int) -> Found:
        """Everything is found."""
        rows = tuple(self._rows.values())
        return Found(rows[offset : offset + limit], len(rows))

    async def with_artwork(self, artwork: str) -> TrackRow | None:
        return next((row for row in self._rows.values() if row.artwork == artwork), None)


def cover(form: str = "PNG", width: int = 900, height: int = 600, mode: str = "RGB", **more: Any) -> bytes:
    """A picture of one colour."""
    file = io.BytesIO()
    Image.new(mode, (width, height), "teal" if mode != "CMYK" else 0).save(file, form, **more)
    return file.getvalue()
