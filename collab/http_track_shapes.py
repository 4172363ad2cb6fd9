"""How a track looks in JSON, and an entry of a playlist.

As in the Spotify Web API, whose clients check what they get against models: every member that one of them
wants is there. What nobody here knows is null where the original may say null, else empty or 0: so is the id
of what only its URI names. The original has nulls for such, but tekore's models fail on them. Pure: values
in, maps out; only what a mask wants is made.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final

from collab.field_mask import EVERYTHING, Mask, masked
from collab.http_ports import EntryFields
from collab.ids import is_id
from collab.uris import id_in, named, shown_uri, tutti_uri

Json = dict[str, Any]

_EPISODE: Final = "spotify:episode:"
# What the original says of additions before it kept times. Its clients' models know no other.
_LONG_AGO: Final = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class _Track:
    """An entry and where it is shown. `id` is empty for what only its URI names."""

    base: str
    entry: EntryFields
    uri: str
    id: str


@dataclass(frozen=True)
class _Item:
    base: str
    entry: EntryFields

    @cached_property
    def track(self) -> Json:
        """Whole, and the same under both names."""
        return track_json(self.base, self.entry)


def track_json(base: str, entry: EntryFields, mask: Mask = EVERYTHING) -> Json:
    """A track, from the fields of an entry."""
    uri = str(entry["track"])
    return masked(_TRACK, _Track(base, entry, uri, _id(uri)), mask)


def item_json(base: str, entry: EntryFields, mask: Mask = EVERYTHING) -> Json:
    """An entry of a playlist, whose track goes by both of its names."""
    return masked(_ITEM, _Item(base, entry), mask)


def user_ref_json(base: str, user_id: str) -> Json:
    """A person by id. An empty one is somebody whom nobody knows."""
    return {
        "id": user_id,
        "type": "user",
        "uri": named("user", user_id),
        "href": f"{base}v1/users/{user_id}",
        "external_urls": {},
    }


def _id(uri: str) -> str:
    episode = uri.removeprefix(_EPISODE)
    return episode if episode != uri and is_id(episode) else id_in(uri, "track") or ""


def _artists(track: _Track, mask: Mask) -> list[Json]:
    """Known by name only."""
    return [
        {"id": "", "name": name, "type": "artist", "uri": "", "href": "", "external_urls": {}}
        for name in track.entry.get("artists", ())
    ]


def album_json(name: str, images: list[Json]) -> Json:
    """Known by name only, if at all."""
    return {
        "id": "",
        "name": name,
        "type": "album",
        "album_type": "album",
        "uri": "",
        "href": "",
        "external_urls": {},
        "artists": [],
        "images": images,
        "release_date": "",
        "release_date_precision": "day",
        "total_tracks": 0,
    }


def _urls(track: _Track, mask: Mask) -> Json:
    """A page exists only for what Spotify itself has under this URI."""
    if not track.id or tutti_uri(track.uri) is not None:
        return {}
    kind = track.uri.split(":")[1]
    return {"spotify": f"https://open.spotify.com/{kind}/{track.id}"}


def _ids(track: _Track, mask: Mask) -> Json:
    isrc = track.entry.get("isrc")
    return {"isrc": isrc} if isrc is not None else {}


def _href(track: _Track, mask: Mask) -> str:
    return f"{track.base}v1/tracks/{track.id}" if track.id else ""


_TRACK: Final[Mapping[str, Callable[[_Track, Mask], Any]]] = {
    "id": lambda track, mask: track.id,
    "uri": lambda track, mask: shown_uri(track.uri),
    "tutti_uri": lambda track, mask: tutti_uri(track.uri),
    "type": lambda track, mask: "track",
    "name": lambda track, mask: track.entry.get("title", ""),
    "artists": _artists,
    "album": lambda track, mask: album_json(track.entry.get("album", ""), []),
    "duration_ms": lambda track, mask: track.entry.get("duration_ms", 0),
    "external_ids": _ids,
    "external_urls": _urls,
    "href": _href,
    "is_local": lambda track, mask: False,
    "disc_number": lambda track, mask: 0,
    "track_number": lambda track, mask: 0,
    "explicit": lambda track, mask: False,
    "popularity": lambda track, mask: 0,
    "preview_url": lambda track, mask: None,
    # What is in a list is listened to as a track, also an episode that somebody put there.
    "episode": lambda track, mask: False,
    "track": lambda track, mask: True,
}


def _track_of(item: _Item, mask: Mask) -> Json:
    return item.track if mask is EVERYTHING else track_json(item.base, item.entry, mask)


_ITEM: Final[Mapping[str, Callable[[_Item, Mask], Any]]] = {
    "added_at": lambda item, mask: _iso(item.entry.get("added_at")),
    "added_by": lambda item, mask: user_ref_json(item.base, item.entry.get("added_by", "")),
    "is_local": lambda item, mask: False,
    "primary_color": lambda item, mask: None,
    "video_thumbnail": lambda item, mask: {"url": None},
    "item": _track_of,
    "track": _track_of,
    "uid": lambda item, mask: item.entry["uid"],
    "note": lambda item, mask: item.entry.get("note"),
}


def _iso(at_ms: int | None) -> str:
    """Spotify's timestamps have whole seconds. One beyond the year 9999 has no such form."""
    if at_ms is None:
        return _LONG_AGO
    try:
        return datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return _LONG_AGO
