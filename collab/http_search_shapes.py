"""How a track of the server's own looks in JSON.

As a track of the Spotify Web API; what is ours (`tempo`, `key`, `energy`) stands beside it, null where nobody
knows it. Pure: values in, maps out.
"""

from collections.abc import Iterable
from typing import Final

from collab.http_requests import Page
from collab.http_shapes import Json, page_json
from collab.http_track_shapes import album_json, track_json
from collab.songs import track_uri
from storage.catalogue import Found, TrackRow

# The longer side in pixels, the largest first; as `/v1/artwork` gives them.
PICTURES: Final = (640, 300, 64)


def found_json(base: str, typed: str, page: Page, found: Found) -> Json:
    """A page of a search for what was typed."""
    items = [song_json(base, row) for row in found.rows]
    asked = {"q": typed, "type": "track"}
    return {"tracks": page_json(f"{base}v1/search", items, page, found.total, asked)}


def songs_json(base: str, rows: Iterable[TrackRow | None]) -> Json:
    return {"tracks": [row and song_json(base, row) for row in rows]}


def song_json(base: str, row: TrackRow) -> Json:
    fields = {
        "track": track_uri(row.id),
        "title": row.title,
        "artists": row.artists,
        "duration_ms": row.duration_ms,
    }
    ids = {"isrc": row.isrc, "musicbrainz": row.recording_id}
    return {
        **track_json(base, fields),
        "album": album_json(row.album, _images(base, row.artwork)),
        "external_ids": {name: value for name, value in ids.items() if value},
        "tempo": row.tempo,
        "key": row.key or None,
        "energy": row.energy,
    }


def _images(base: str, artwork: str) -> list[Json]:
    """A picture's address needs no token: it names the picture's own hash, which nobody can guess."""
    if not artwork:
        return []
    url = f"{base}v1/artwork/{artwork}"
    return [{"url": f"{url}?size={size}", "width": size, "height": size} for size in PICTURES]
