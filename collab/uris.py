"""What things are called over HTTP.

Existing clients take only `spotify:<type>:<22 base62 characters>`, so that is what an answer's `uri` says of
playlists, users and tracks of our catalogue; `tutti_uri` stands beside it. A request may use either. Entries,
the socket and the catalogue know `tutti:` alone (`songs`). Knows how a URI looks. Does not know which tracks
there are.
"""

import re
from typing import Final, Literal

from collab.ids import is_id
from collab.songs import id_of_uri, track_uri

# What has ids of ours. Artists and albums have none: nobody here knows more of them than a name.
Named = Literal["track", "user", "playlist"]

URI_CHARS_MAX: Final = 512

_SHOWN: Final = "spotify"
_OURS: Final = "tutti"
# RFC 3986 has a scheme of one letter too, but that is how a Windows path begins.
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:[^\s\x00-\x1f\x7f]+")
# Of the two schemes above, what may stand in a list. Local files have no id, and no end of parts.
_LISTED: Final = re.compile(
    r"(?:spotify|tutti):track:[0-9A-Za-z]{22}|spotify:(?:episode:[0-9A-Za-z]{22}|local:\S*)"
)


def shown_uri(track: str) -> str:
    """The URI under which an answer shows the track of an entry: what is not ours as it stands."""
    track_id = id_of_uri(track)
    return track if track_id is None else named("track", track_id)


def tutti_uri(track: str) -> str | None:
    """The URI that entries and the socket use, for a track of the catalogue; None for one of elsewhere."""
    return track if id_of_uri(track) is not None else None


def named(kind: Named, id: str) -> str:
    """The URI of something that has an id of ours, as answers show it."""
    return f"{_SHOWN}:{kind}:{id}"


def tutti_named(kind: Named, id: str) -> str:
    """The same in our own scheme."""
    return f"{_OURS}:{kind}:{id}"


def id_in(uri: str, kind: Named) -> str | None:
    """The id that a URI of a request names, in either scheme; None if it names no such thing."""
    scheme, _, rest = uri.partition(":")
    found, _, id = rest.partition(":")
    return id if scheme in (_SHOWN, _OURS) and found == kind and is_id(id) else None


def kept_uri(asked: str) -> str:
    """What an entry holds if the catalogue has this track: both of its names become ours. The same two URIs
    name the same track if and only if this is equal for them; so it is also the key to look for one by."""
    track_id = id_in(asked, "track")
    return asked if track_id is None else track_uri(track_id)


def same_track(asked: str, stored: str) -> bool:
    """Whether a URI of a request means the track of an entry."""
    return asked == stored or kept_uri(asked) == kept_uri(stored)


def is_track_uri(text: str) -> bool:
    """Whether a request may put this into a list: a URI, and of the two schemes above one of a track."""
    if len(text) > URI_CHARS_MAX or _URI.fullmatch(text) is None:
        return False
    scheme = text.partition(":")[0].lower()
    return scheme not in (_SHOWN, _OURS) or _LISTED.fullmatch(text) is not None
