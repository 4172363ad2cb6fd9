"""JSPF, the JSON form of XSPF, as ListenBrainz writes and reads it.

https://www.xspf.org/jspf and https://musicbrainz.org/doc/jspf. Holds everything of a listing: who added what
and when stands in the extension of a track, the collaborators in that of the playlist. What ListenBrainz has
no member for (an ISRC, what a person's program calls them) stands in `additional_metadata`, which is there
for that.
"""

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from collab.formats.listing import (
    ENTRIES_MAX,
    PEOPLE_MAX,
    Entries,
    Listed,
    Listing,
    Person,
    TooManyEntries,
    Unreadable,
    is_place,
    iso_of,
    lines,
    moment_of,
    one_line,
    recording_of,
    recording_url,
    some_lines,
    whole,
)

PLAYLIST: Final = "https://musicbrainz.org/doc/jspf#playlist"
TRACK: Final = "https://musicbrainz.org/doc/jspf#track"

# A full playlist has a tenth of that. Each costs many times the bytes that it has in the file.
_OBJECTS_MAX: Final = 40 * ENTRIES_MAX
_QUOTES_MAX: Final = 400 * ENTRIES_MAX

_MARK: Final = b"\xef\xbb\xbf"

# What other programs write where a text belongs; a list means its first.
_Text = str | int | float | bool | list[str] | None
_Texts = str | list[str] | None
_Number = int | float | str | None


class _Artist(msgspec.Struct):
    artist_credit_name: str | None = None


class _More(msgspec.Struct):
    artists: list[_Artist] | None = None
    isrc: _Text = None
    added_by_uri: _Text = None


class _TrackExtension(msgspec.Struct):
    added_by: _Text = None
    added_at: _Text = None
    additional_metadata: _More | None = None


class _TrackExtensions(msgspec.Struct):
    track: Annotated[_TrackExtension | None, Meta(description=TRACK)] = msgspec.field(
        default=None, name=TRACK
    )


class _Track(msgspec.Struct):
    location: _Texts = None
    identifier: _Texts = None
    title: _Text = None
    creator: _Text = None
    annotation: _Text = None
    album: _Text = None
    duration: _Number = None
    isrc: _Text = None
    extension: _TrackExtensions | None = None


class _PlaylistExtension(msgspec.Struct):
    creator: _Text = None
    collaborators: list[str] | None = None
    public: bool | None = None


class _PlaylistExtensions(msgspec.Struct):
    playlist: _PlaylistExtension | None = msgspec.field(default=None, name=PLAYLIST)


class _Playlist(msgspec.Struct):
    title: _Text = None
    creator: _Text = None
    annotation: _Text = None
    extension: _PlaylistExtensions | None = None
    track: list[_Track] | None = None


class _File(msgspec.Struct):
    playlist: _Playlist


_DECODER: Final = msgspec.json.Decoder(_File)


# -- reading -----------------------------------------------------------------------------------------------


def read(content: bytes) -> Listing:
    content = content.removeprefix(_MARK)
    if content.count(b"{") > _OBJECTS_MAX or content.count(b'"') > _QUOTES_MAX:
        raise TooManyEntries
    playlist = _decoded(content).playlist
    extension = (playlist.extension.playlist if playlist.extension else None) or _PlaylistExtension()
    entries = Entries()
    for track in playlist.track or ():
        entries.add(_entry(track))
    return Listing(
        title=one_line(_text(playlist.title)),
        description=some_lines(_text(playlist.annotation)),
        creator=one_line(_text(playlist.creator) or _text(extension.creator)),
        collaborators=lines(extension.collaborators or [], PEOPLE_MAX),
        public=extension.public,
        entries=entries.all(),
    )


def _decoded(content: bytes) -> _File:
    try:
        return _DECODER.decode(content)
    except msgspec.ValidationError as error:
        raise Unreadable(f"This is no JSPF: {_said(str(error))}.") from None
    except UnicodeDecodeError:
        raise Unreadable("JSPF is UTF-8, and this is not.", _line_that_is_no_utf_8(content)) from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise Unreadable("This is no JSON.", _line_of(str(error), content)) from None


def _said(complaint: str) -> str:
    """The decoder's complaint within a sentence: it names the place as `$.playlist.track[3].title`."""
    return complaint[:1].lower() + complaint[1:].replace(" - at `$.", ", at `").rstrip(".")


def _line_that_is_no_utf_8(content: bytes) -> int:
    """The decoder knows the place within a string only."""
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return content.count(b"\n", 0, error.start) + 1
    return 0


def _line_of(complaint: str, content: bytes) -> int:
    """The line of `… (byte 17)`; the last one if the file ends too soon."""
    _, found, rest = complaint.rpartition("(byte ")
    end = int(rest.rstrip(")")) if found and rest.rstrip(")").isdecimal() else len(content)
    return content.count(b"\n", 0, end) + 1


def _entry(track: _Track) -> Listed:
    extension = (track.extension.track if track.extension else None) or _TrackExtension()
    more = extension.additional_metadata or _More()
    artists = tuple(artist.artist_credit_name or "" for artist in more.artists or ())
    uri, recording_id = named_by(_several(track.identifier), _several(track.location))
    return Listed(
        uri=uri,
        title=_text(track.title),
        artists=artists if any(artists) else (_text(track.creator),),
        album=_text(track.album),
        duration_ms=whole(track.duration),
        isrc=_text(more.isrc) or _text(track.isrc),
        recording_id=recording_id,
        added_at=moment_of(_text(extension.added_at)),
        added_by=Person(_text(extension.added_by), _text(more.added_by_uri)),
        note=_text(track.annotation),
    )


def named_by(identifiers: list[str], locations: list[str]) -> tuple[str, str]:
    """The URI and the MusicBrainz id of a track that has these: what it is called before where it lies."""
    recording_id, uri = "", ""
    for identifier in identifiers:
        if found := recording_of(identifier):
            recording_id = recording_id or found
        else:
            uri = uri or identifier.strip()
    return uri or next((place.strip() for place in locations if place.strip()), ""), recording_id


def _several(texts: _Texts) -> list[str]:
    return [texts] if isinstance(texts, str) else texts or []


def _text(value: _Text) -> str:
    if isinstance(value, list):
        value = value[0] if value else None
    return "" if value is None else str(value)


# -- writing -----------------------------------------------------------------------------------------------


def write(listing: Listing) -> str:
    extension: dict[str, Any] = {"public": bool(listing.public)} if listing.public is not None else {}
    extension |= _said_of(creator=listing.creator, collaborators=list(listing.collaborators))
    playlist = {
        **_said_of(title=listing.title, creator=listing.creator, annotation=listing.description),
        "extension": {PLAYLIST: extension},
        "track": [_track(entry) for entry in listing.entries],
    }
    return msgspec.json.format(msgspec.json.encode({"playlist": playlist}), indent=1).decode() + "\n"


def _track(entry: Listed) -> dict[str, Any]:
    identifiers, locations = names_and_places(entry)
    more = _said_of(isrc=entry.isrc, artists=_credit(entry.artists))
    if entry.added_by.uri:
        more["added_by_uri"] = entry.added_by.uri
    extension = _said_of(
        added_by=entry.added_by.name, added_at=iso_of(entry.added_at), additional_metadata=more
    )
    track = _said_of(
        identifier=identifiers,
        location=locations,
        title=entry.title,
        creator=", ".join(entry.artists),
        album=entry.album,
        annotation=entry.note,
    )
    if entry.duration_ms is not None:
        track["duration"] = entry.duration_ms
    return track | {"extension": {TRACK: extension}}


def names_and_places(entry: Listed) -> tuple[list[str], list[str]]:
    """The identifiers and locations of a track; ListenBrainz looks at the first identifier."""
    identifiers = [recording_url(entry.recording_id)] if entry.recording_id else []
    if not entry.uri:
        return identifiers, []
    if is_place(entry.uri) or recording_of(entry.uri):
        return identifiers, [entry.uri]
    return [*identifiers, entry.uri], []


def _credit(artists: tuple[str, ...]) -> list[dict[str, str]]:
    joins = [", "] * (len(artists) - 1) + [""]
    return (
        [{"artist_credit_name": name, "join_phrase": join} for name, join in zip(artists, joins, strict=True)]
        if artists
        else []
    )


def _said_of(**members: Any) -> dict[str, Any]:
    """Without what says nothing."""
    return {name: value for name, value in members.items() if value}
