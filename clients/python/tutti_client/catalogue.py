"""The music that a server has.

Asked over HTTP, in the shape of the Spotify Web API with a few members of our own. Finds tracks while
somebody types. Does not know their sound (`audio`).
"""

from typing import Any, Final
from urllib.parse import quote

from msgspec import Struct
from msgspec.structs import force_setattr

from collab.errors import CallerError
from collab.ids import is_id
from tutti_client.asker import Asker
from tutti_client.http import http_url
from tutti_client.tokens import TokenSource

SEARCH_LIMIT: Final = 20

_SCHEME: Final = "tutti:track:"


class Named(Struct, frozen=True):
    name: str


class Image(Struct, frozen=True):
    """`url` may be shown as it is, without a token. Its size is None where it is not known."""

    url: str
    width: int | None = None
    height: int | None = None


class Album(Struct, frozen=True):
    name: str
    images: tuple[Image, ...] = ()


class FoundTrack(Struct, frozen=True):
    """A track. Of a server's own, `uri` is `tutti:track:…`, as lists hold it. As far as they are known,
    `tempo` is beats a minute × 100, `key` on the Camelot wheel ("8A"), `energy` 0 to 100."""

    uri: str
    name: str
    artists: tuple[Named, ...]
    album: Album | None
    duration_ms: int
    external_ids: dict[str, str] = {}
    tempo: int | None = None
    key: str | None = None
    energy: int | None = None
    tutti_uri: str | None = None

    def __post_init__(self) -> None:
        # Over HTTP, `uri` is what foreign clients take for one.
        if self.tutti_uri is not None:
            force_setattr(self, "uri", self.tutti_uri)

    @property
    def track(self) -> dict[str, Any]:
        """As `Playlist.append` and `Jam.add` take it."""
        fields = {
            "title": self.name,
            "artists": [artist.name for artist in self.artists],
            "album": self.album.name if self.album is not None else "",
            "duration_ms": self.duration_ms,
            "isrc": self.external_ids.get("isrc", ""),
            "tempo": self.tempo,
            "key": self.key,
        }
        known = {name: value for name, value in fields.items() if value}
        return {"track": self.uri, **known, **({} if self.energy is None else {"energy": self.energy})}


class Found(Struct, frozen=True):
    """A page of what a search found, the best first. `total` counts all, as far as the server counts."""

    items: tuple[FoundTrack, ...]
    offset: int
    total: int


class _Answer(Struct, frozen=True):
    tracks: Found


class Catalogue:
    """Everything raises RequestRefused and Unreachable."""

    def __init__(self, url: str, tokens: TokenSource) -> None:
        self._asker = Asker(f"{http_url(url)}/v1", tokens)

    async def search(self, text: str, limit: int = SEARCH_LIMIT, offset: int = 0) -> Found:
        """Tracks whose words begin as those of `text` do; asked for at every letter, if you like."""
        query: dict[str, int | str] = {"q": text, "type": "track", "limit": limit, "offset": offset}
        return (await self._asker.ask("GET", "search", _Answer, query)).tracks

    async def track(self, track: str) -> FoundTrack:
        """The track with this URI, or id. Raises RequestRefused `not_found`, and CallerError for the URI of
        something else."""
        return await self._asker.ask("GET", f"tracks/{quote(id_in(track))}", FoundTrack)


def is_ours(track: str) -> bool:
    """Whether a URI names a track of a server's catalogue, whose sound the server has."""
    return track.startswith(_SCHEME) and is_id(track.removeprefix(_SCHEME))


def id_in(track: str) -> str:
    """The id in a URI of ours, or the id itself. Raises CallerError."""
    track_id = track.removeprefix(_SCHEME)
    if not is_id(track_id):
        raise CallerError(f"{track!r} is no track of a server's catalogue, such as {_SCHEME}….")
    return track_id
