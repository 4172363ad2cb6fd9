"""What a client is shown of an entry, whichever way it reads: from JSON, or from tekore's models."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

import tekore

from collab.ids import is_id


class Shown(NamedTuple):
    uri: str
    id: str
    title: str
    artists: tuple[str, ...]
    album: str
    duration_ms: int
    isrc: str | None
    added_by: str
    added_at: datetime
    is_local: bool


def of_entry(entry: Any) -> Shown:
    """What is to be shown, said independently of the server's code."""
    *kind, id = entry["track"].split(":")
    is_track = kind in (["tutti", "track"], ["spotify", "track"]) and is_id(id)
    return Shown(
        uri=f"spotify:track:{id}" if is_track else entry["track"],
        # The original has null; tekore's models fail on that.
        id=id if is_track else "",
        title=entry.get("title", ""),
        artists=tuple(entry.get("artists", ())),
        album=entry.get("album", ""),
        duration_ms=entry.get("duration_ms", 0),
        isrc=entry.get("isrc"),
        added_by=entry["added_by"],
        added_at=datetime.fromtimestamp(entry["added_at"] // 1000, UTC),
        is_local=False,
    )


def of_json(item: dict[str, Any]) -> Shown:
    track = item["track"]
    assert item["item"] == track
    return Shown(
        uri=track["uri"],
        id=track["id"],
        title=track["name"],
        artists=tuple(artist["name"] for artist in track["artists"]),
        album=track["album"]["name"],
        duration_ms=track["duration_ms"],
        isrc=track["external_ids"].get("isrc"),
        added_by=item["added_by"]["id"],
        added_at=datetime.fromisoformat(item["added_at"]),
        is_local=item["is_local"],
    )


def of_model(item: tekore.model.PlaylistTrack) -> Shown:
    track = item.track
    assert isinstance(track, tekore.model.FullPlaylistTrack | tekore.model.LocalPlaylistTrack)
    assert item.item == track
    return Shown(
        uri=track.uri,
        id=track.id,
        title=track.name,
        artists=tuple(artist.name for artist in track.artists),
        album=track.album.name,
        duration_ms=int(track.duration_ms),
        isrc=track.external_ids.get("isrc"),
        added_by=item.added_by.id,
        added_at=item.added_at,
        is_local=item.is_local,
    )
