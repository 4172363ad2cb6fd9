"""Which kinds of documents there are."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from collab.jam_kind import JamKind
from collab.kind import Kind
from collab.playlist import ENTRIES_MAX, Playlist
from collab.songs import Admission

# By name: a document's head says of which kind it is.
Kinds: TypeAlias = Mapping[str, Kind[Any]]


def all_kinds(entries_max: int = ENTRIES_MAX, admission: Admission = Admission.ANY) -> Kinds:
    """All that this program knows. No playlist may become longer than `entries_max`. `admission`: of new
    songs; whoever reads what was committed once asks for none."""
    playlist, jam = Playlist(entries_max, admission), JamKind(admission)
    return {playlist.name: playlist, jam.name: jam}
