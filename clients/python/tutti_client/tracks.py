"""From what a caller says to what a playlist holds.

A track is a URI, or a mapping with the URI and what is known about it; an entry is that with a uid and who
put it there when. Content is checked by the server's own table of fields before an edit is made: one bad
field would make the server refuse the whole submission it travels in.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ParamSpec

from collab.errors import Refusal
from collab.fields import check_attributes, check_edits, check_entry, check_track
from ot.build import insert_at, set_attribute, set_field
from ot.op import Op, OpError, decode, encode
from ot.value import Entry, Value
from tutti_client.errors import InvalidEdit

# "spotify:track:…", or {"track": "spotify:track:…", "title": …, "artists": […], "album": …, "duration_ms": …}
Track = str | Mapping[str, Any]

P = ParamSpec("P")


def as_list(tracks: Track | Iterable[Track]) -> list[Track]:
    """One track or several, as several."""
    if isinstance(tracks, str | Mapping):
        return [tracks]
    return list(tracks)


def make_entry(track: Track, uid: str, user: str, server_ms: int) -> Entry:
    """The entry for a track that `user` adds at this wall time of the server. Raises InvalidEdit."""
    fields = {"track": track} if isinstance(track, str) else dict(track)
    entry: Entry = {**fields, "uid": uid, "added_by": user, "added_at": server_ms}
    _check_values(insert_at(0, 0, [entry]))
    _check(check_entry, entry)
    return entry


def make_song(track: Track) -> Entry:
    """What a Jam holds of a track. Raises InvalidEdit."""
    song: Entry = {"track": track} if isinstance(track, str) else dict(track)
    _check_values(insert_at(0, 0, [{**song, "uid": "song"}]))
    _check(check_track, song)
    return song


def check_field(entry: Entry, field: str, value: Value) -> None:
    """Raises InvalidEdit if the entry cannot have this value in this field."""
    if field == "uid":
        raise InvalidEdit("entry_invalid", "A uid is never edited.")
    _check_values(set_field(1, 0, field, value))
    _check(check_edits, {field: value}, [entry])


def check_attribute(name: str, value: Value) -> None:
    """Raises InvalidEdit if playlists have no such attribute, or it cannot hold the value."""
    _check_values(set_attribute(name, value))
    _check(check_attributes, {name: value})


def _check_values(op: Op) -> None:
    """What the algebra refuses anywhere: floats, numbers beyond 2^53, lone surrogates, keys but text."""
    try:
        decode(encode(op))
    except OpError as error:
        raise InvalidEdit(error.code, error.message) from None


def _check(check: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> None:
    try:
        check(*args, **kwargs)
    except Refusal as refusal:
        raise InvalidEdit(refusal.code, refusal.message) from None
