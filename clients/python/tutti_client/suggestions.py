"""What else would go well with a playlist.

The server knows which tracks stand together in its playlists and Jams. Asked over HTTP, so it needs a
connection to the server but no open room.
"""

from typing import Any
from urllib.parse import quote

from msgspec import Struct, field

from tutti_client.asker import Asker
from tutti_client.catalogue import FoundTrack
from tutti_client.http import http_url
from tutti_client.tokens import TokenSource


class NamedTrack(Struct, frozen=True):
    """A track of the playlist; `name` may be empty."""

    uri: str
    name: str


class Reason(Struct, frozen=True):
    """The suggestion stands beside `other`, a track of the playlist, in so many `lists` of the server; `mine`
    of them are playlists and Jams of this user, and `names` are the names of the first five."""

    other: NamedTrack = field(name="with")
    lists: int
    mine: int
    names: tuple[str, ...]

    def __str__(self) -> str:
        """Such as `in 3 of your playlists with Teardrop`."""
        n, whose = (self.mine, "of your playlists") if self.mine else (self.lists, "playlists here")
        return f"in {n} {whose} with {self.other.name or self.other.uri}"


class Suggestion(Struct, frozen=True):
    """`score` compares the suggestions of one answer; the strongest reason comes first."""

    found: FoundTrack = field(name="track")
    score: int
    reasons: tuple[Reason, ...]

    @property
    def track(self) -> dict[str, Any]:
        """As `Playlist.append` takes it."""
        return self.found.track


class Suggestions(Struct, frozen=True):
    """The best first. `considered` are the playlists and Jams that were looked through; until `is_complete`
    the server is still reading them."""

    items: tuple[Suggestion, ...]
    considered: int
    is_complete: bool = field(name="complete")


async def suggestions(url: str, playlist_id: str, tokens: TokenSource, limit: int) -> Suggestions:
    """At most `limit` (of at most 50) tracks that the playlist does not hold. Raises RequestRefused
    (`not_found`, `busy`) and Unreachable."""
    asker = Asker(f"{http_url(url)}/v1/playlists/{quote(playlist_id, safe='')}", tokens)
    return await asker.ask("GET", "suggestions", Suggestions, {"limit": limit})
