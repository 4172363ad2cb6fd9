"""Histories of real playlists, as they were recorded.

A line of a history file is one playlist:
`{"id", "name", "description", "versions": [[date, [track, …]], …]}`, where a track is a line number of the
track file, `{"id", "title", "artists", "album", "duration_ms"}`. Both may be gzipped. Knows the files. Does
not know what people did between two versions: that is `steps`.
"""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TextIO, TypeVar

import msgspec

from collab.errors import CannotStart
from collab.fields import ARTISTS_MAX

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Recording:
    """One playlist: its versions in order, each a list of indexes into the tracks."""

    name: str
    description: str
    versions: tuple[tuple[int, ...], ...]


class Track(msgspec.Struct, frozen=True):
    """What an entry of this track says, besides who added it."""

    id: str
    title: str
    artists: list[str]
    album: str
    duration_ms: int

    @property
    def uri(self) -> str:
        return f"spotify:track:{self.id}"

    def fields(self) -> dict[str, Any]:
        """As a playlist's entry has them."""
        return {
            "track": self.uri,
            "title": self.title,
            "artists": self.artists[:ARTISTS_MAX],
            "album": self.album,
            "duration_ms": self.duration_ms,
        }


class _History(msgspec.Struct, frozen=True):
    name: str
    versions: list[tuple[str, tuple[int, ...]]]
    description: str | None = None


def read_recordings(path: Path, playlists: int | None) -> list[Recording]:
    """The first `playlists` histories; None: all. Raises CannotStart."""
    decoder = msgspec.json.Decoder(_History)
    return [
        Recording(history.name, history.description or "", tuple(tracks for _, tracks in history.versions))
        for history in (_decoded(decoder, line, path) for line in islice(_lines(path), playlists))
    ]


def read_tracks(path: Path) -> list[Track]:
    """All tracks, by line. Raises CannotStart."""
    decoder = msgspec.json.Decoder(Track)
    return [_decoded(decoder, line, path) for line in _lines(path)]


def _lines(path: Path) -> Iterator[str]:
    try:
        with _open(path) as file:
            yield from file
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise CannotStart(f"{path} cannot be read: {error}.") from None


def _open(path: Path) -> TextIO:
    return gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")


def _decoded(decoder: msgspec.json.Decoder[T], line: str, path: Path) -> T:
    try:
        return decoder.decode(line)
    except msgspec.MsgspecError as error:
        raise CannotStart(f"{path} holds a line that is not of its format: {error}.") from None
