"""Tracks of the server's own catalogue, where they are put into lists.

A track of ours has the URI `tutti:track:<id>`. If the server has a catalogue, that decides what may be put
into playlists and Jams, and what a song is called. Whether a track exists is asked of the catalogue before a
submission is decided (`collab.waiting`), and the answer is handed in: nobody here asks anybody. What stands
in a list already stays there, whatever becomes of its file.
"""

from collections.abc import Iterable, Mapping
from enum import Enum, auto
from typing import Final, TypeAlias

from collab.errors import Refusal
from collab.ids import is_id
from ot.value import Entry, Value

_SCHEME: Final = "tutti:track:"

# What the catalogue says of tracks, by id, as a Jam's track or a part of a playlist's entry.
Songs: TypeAlias = Mapping[str, Entry]


class Admission(Enum):
    """Which tracks may be put into lists."""

    ANY = auto()  # nobody asks a catalogue
    OPEN = auto()  # any; of ours the catalogue says what they are
    CLOSED = auto()  # ours


def track_uri(track_id: str) -> str:
    return _SCHEME + track_id


def id_of_uri(uri: object) -> str | None:
    """The id that a URI of ours names; None for anything else."""
    if not isinstance(uri, str) or not uri.startswith(_SCHEME):
        return None
    track_id = uri[len(_SCHEME) :]
    return track_id if is_id(track_id) else None


def tracks_in(entries: Iterable[Mapping[str, Value]]) -> frozenset[str]:
    """The ids of those that are ours."""
    return frozenset(id for entry in entries if (id := id_of_uri(entry.get("track"))) is not None)


def is_known(entry: Mapping[str, Value], songs: Songs) -> bool:
    return id_of_uri(entry.get("track")) in songs


def as_catalogued(track: Entry, admission: Admission, songs: Songs) -> Entry:
    """A Jam's track as the catalogue has it, whatever was claimed; one that is not ours as it stands. Raises
    Refusal `unknown_track`."""
    song = songs.get(id_of_uri(track.get("track")) or "")
    if song is None and admission is Admission.CLOSED:
        raise Refusal("unknown_track")
    return track if song is None else song
