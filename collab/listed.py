"""Between a playlist's entries and what files say of them.

Pure. Knows the fields of an entry and of a listed one, and what of a file fits into a playlist. Does not know
formats, nor which tracks there are.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from collab.fields import ARTISTS_MAX, NAME_CHARS_MAX, NOTE_CHARS_MAX, TEXT_CHARS_MAX, is_time
from collab.formats.listing import Listed, Listing, Person, one_line, recording_of, recording_url
from collab.ids import is_id
from collab.songs import id_of_uri
from collab.uris import id_in, is_track_uri, kept_uri, tutti_named
from ot.value import Entry, Value
from storage.catalogue import TrackRow

# A description has 2 KiB in all (`fields`): so much of them for each, and for all artists together.
_TITLE_BYTES_MAX: Final = 600
_ALBUM_BYTES_MAX: Final = 600
_ARTISTS_BYTES_MAX: Final = 800

NAME_OF_IMPORTED: Final = "Imported playlist"

# -- out ---------------------------------------------------------------------------------------------------


def listing_of(
    attributes: Mapping[str, Value],
    entries: Sequence[Mapping[str, Value]],
    owner: str,
    collaborators: tuple[str, ...],
    names: Mapping[str, str],
    rows: Mapping[str, TrackRow],
) -> Listing:
    """A playlist for a file. `names` are those of people by id, `rows` what the catalogue has, by id."""
    return Listing(
        title=str(attributes.get("name") or ""),
        description=str(attributes.get("description") or ""),
        creator=names.get(owner, ""),
        collaborators=tuple(name for user in collaborators if (name := names.get(user))),
        public=attributes.get("public") is True,
        entries=tuple(_listed(entry, names, rows) for entry in entries),
    )


def _listed(entry: Mapping[str, Value], names: Mapping[str, str], rows: Mapping[str, TrackRow]) -> Listed:
    uri = str(entry["track"])
    artists, by = entry.get("artists"), str(entry.get("added_by") or "")
    duration_ms, added_at = entry.get("duration_ms"), entry.get("added_at")
    row = rows.get(id_of_uri(uri) or "")
    # Whose recording has no other name is called by its page at MusicBrainz (`track_of`).
    recording_id = recording_of(uri)
    return Listed(
        uri="" if recording_id else uri,
        title=str(entry.get("title") or ""),
        artists=tuple(map(str, artists)) if isinstance(artists, list) else (),
        album=str(entry.get("album") or ""),
        duration_ms=duration_ms if isinstance(duration_ms, int) else None,
        isrc=str(entry.get("isrc") or ""),
        recording_id=recording_id or (row.recording_id if row is not None else ""),
        added_at=added_at if isinstance(added_at, int) else None,
        added_by=Person(names.get(by, ""), tutti_named("user", by)) if by else Person(),
        note=str(entry.get("note") or ""),
    )


# -- in ----------------------------------------------------------------------------------------------------


def attributes_of(listing: Listing, name: str) -> dict[str, Value]:
    """Of a new playlist, called `name` if the file does not say. An import is nobody else's business before
    its owner says so."""
    called = (listing.title or one_line(name))[:NAME_CHARS_MAX].strip() or NAME_OF_IMPORTED
    attributes: dict[str, Value] = {"name": called, "public": False, "collaborative": False}
    if listing.description:
        attributes["description"] = listing.description[:TEXT_CHARS_MAX]
    return attributes


def track_of(listed: Listed) -> str | None:
    """The URI under which an entry stands in a playlist if the catalogue does not have it; None if the file
    gives none that another program could follow."""
    uri = listed.uri or (recording_url(listed.recording_id) if listed.recording_id else "")
    return uri if is_track_uri(uri) else None


def catalogue_id_of(listed: Listed) -> str | None:
    """The id that its URI names, if it names a track of a catalogue like ours."""
    return id_of_uri(kept_uri(listed.uri))


def user_of(listed: Listed) -> str | None:
    """The id of whoever added it, if the file names somebody by an id like ours."""
    uri = listed.added_by.uri
    user = id_in(uri, "user")
    return user if user is not None and is_id(user) else None


def entry_of(listed: Listed, song: Entry, uid: str, added_by: str, now_ms: int) -> Entry:
    """An entry of a playlist. `song` is what the track is."""
    added_at = listed.added_at
    entry: Entry = {
        **song,
        "uid": uid,
        "added_by": added_by,
        "added_at": min(added_at, now_ms) if added_at is not None and is_time(added_at) else now_ms,
    }
    if listed.note:
        entry["note"] = listed.note[:NOTE_CHARS_MAX]
    return entry


def song_of_listed(listed: Listed, uri: str) -> Entry:
    """What the file says of a track that the catalogue does not have."""
    song: Entry = {"track": uri}
    if title := _fitted(listed.title, _TITLE_BYTES_MAX):
        song["title"] = title
    if artists := _fitted_artists(listed):
        song["artists"] = artists
    if album := _fitted(listed.album, _ALBUM_BYTES_MAX):
        song["album"] = album
    if listed.duration_ms is not None:
        song["duration_ms"] = listed.duration_ms
    if listed.isrc:
        song["isrc"] = listed.isrc
    return song


def is_shortened(listed: Listed, song: Entry) -> bool:
    """Whether a playlist holds less of it than the file said."""
    return len(listed.note) > NOTE_CHARS_MAX or (
        (listed.title, list(listed.artists), listed.album)
        != (song.get("title", ""), song.get("artists", []), song.get("album", ""))
    )


def _fitted_artists(listed: Listed) -> list[Value]:
    fitting: list[Value] = []
    left = _ARTISTS_BYTES_MAX
    for artist in listed.artists[:ARTISTS_MAX]:
        artist = _fitted(artist, left)
        left -= len(artist.encode())
        if artist:
            fitting.append(artist)
    return fitting


def _fitted(text: str, bytes_max: int) -> str:
    """As much of it as has so many bytes."""
    return text.encode()[:bytes_max].decode(errors="ignore").rstrip()
