"""What HTTP answers, as strict types.

The server builds its answers as maps (`collab.http_shapes`); here they stand a second time, so that the
OpenAPI document can be made from types, and a test can hold every real answer against the type that
documents it: a member too many or too few is an error there.
"""

from typing import Annotated, Any

from msgspec import Meta, Struct, field

Milliseconds = Annotated[int, Meta(description="Milliseconds since 1970.")]
Uri = Annotated[str, Meta(description="Such as `tutti:playlist:…` or `spotify:track:…`.")]


class Answer(Struct, frozen=True, forbid_unknown_fields=True):
    """Root of what HTTP answers."""


class NamedUser(Answer, frozen=True):
    id: str
    name: str


class Session(Answer, frozen=True):
    """What a device holds: a token for now and the secret that buys the next one, once."""

    token: str
    refresh_token: str
    expires_at: Milliseconds
    user: NamedUser


class DeviceLink(Answer, frozen=True):
    """What is typed on the other device, which is this person from then on; good once, until `expires_at`."""

    code: str
    expires_at: Milliseconds


class User(Answer, frozen=True):
    """A person as others see them; the name of one who is gone is null."""

    id: str
    display_name: str | None
    type: str
    uri: Uri


class Me(Answer, frozen=True):
    id: str
    name: str
    display_name: str
    type: str
    uri: Uri


class UserRef(Answer, frozen=True):
    id: str
    type: str
    uri: Uri


class Artist(Answer, frozen=True):
    name: str
    type: str


class Album(Answer, frozen=True):
    name: str
    type: str


class ExternalIds(Answer, frozen=True, omit_defaults=True):
    isrc: str = ""


class NoUrls(Answer, frozen=True):
    """Always empty: there is no page elsewhere."""


class Track(Answer, frozen=True):
    """What the entry says about its track; nothing is looked up."""

    id: str
    uri: Uri
    type: str
    name: str
    artists: list[Artist]
    album: Album | None
    duration_ms: int
    external_ids: ExternalIds
    is_local: bool


class Item(Answer, frozen=True):
    """One entry of a playlist. `uid` names it for ever; the same track may stand in a playlist often."""

    added_at: Annotated[str, Meta(description="UTC, such as `2023-11-14T22:13:20Z`.")] | None
    added_by: UserRef | None
    is_local: bool
    track: Track
    uid: str
    note: str | None


class Items(Answer, frozen=True):
    """A page of entries."""

    href: str
    items: list[Item]
    limit: int
    next: str | None
    offset: int
    previous: str | None
    total: int


class Image(Answer, frozen=True):
    """`url` needs no token. Neither side is longer than what is said here."""

    url: str
    width: int
    height: int


class PicturedAlbum(Answer, frozen=True):
    """`images` are the cover in several sizes, the largest first; none if the file holds none."""

    name: str
    type: str
    images: list[Image]


class SongIds(Answer, frozen=True, omit_defaults=True):
    """As far as the file says them."""

    isrc: str = ""
    musicbrainz: Annotated[str, Meta(description="Of the recording.")] = ""


class Song(Answer, frozen=True):
    """A track that the server has: what its file says. `GET /v1/audio/{id}` is its sound."""

    id: str
    uri: Annotated[str, Meta(description="`tutti:track:…`")]
    href: str
    type: str
    name: str
    artists: list[Artist]
    album: PicturedAlbum
    duration_ms: int
    external_ids: SongIds
    external_urls: NoUrls
    is_local: bool
    tempo: Annotated[int, Meta(description="Beats a minute × 100.")] | None
    key: Annotated[str, Meta(description="On the Camelot wheel, such as `8A`.")] | None
    energy: Annotated[int, Meta(description="0 to 100.")] | None


class Songs(Answer, frozen=True):
    """In the order of `ids`; null for what there is not."""

    tracks: list[Song | None]


class SongPage(Answer, frozen=True):
    """A page of what was found, the best first. `total` counts up to 1,000."""

    href: str
    items: list[Song]
    limit: int
    next: str | None
    offset: int
    previous: str | None
    total: int


class SearchResult(Answer, frozen=True):
    tracks: SongPage


class TracksLink(Answer, frozen=True):
    href: str
    total: int


class PlaylistBase(Answer, frozen=True):
    id: str
    name: str
    description: str | None
    public: bool | None
    collaborative: bool
    owner: User
    images: list[str]
    href: str
    external_urls: NoUrls
    snapshot_id: Annotated[str, Meta(description="Names this version for ever: epoch, dot, version.")]
    type: str
    uri: Uri
    version: int
    role: Annotated[str, Meta(description="Of the user who asks: owner, editor or viewer.")]


class PlaylistInList(PlaylistBase, frozen=True, kw_only=True):
    """A playlist as it stands in lists."""

    tracks: TracksLink


class Playlist(PlaylistBase, frozen=True, kw_only=True):
    """A playlist with its first hundred entries."""

    tracks: Items


class Playlists(Answer, frozen=True):
    """A page of playlists, the newest first."""

    href: str
    items: list[PlaylistInList]
    limit: int
    next: str | None
    offset: int
    previous: str | None
    total: int


class Member(Answer, frozen=True):
    id: str
    display_name: str | None
    type: str
    uri: Uri
    role: str


class Members(Answer, frozen=True):
    members: list[Member]


class Invite(Answer, frozen=True):
    id: str
    role: str
    created_by: str
    created_at: Milliseconds
    expires_at: Milliseconds


class NewInvite(Answer, frozen=True):
    """With the secret, which is shown this once."""

    id: str
    role: str
    created_by: str
    created_at: Milliseconds
    expires_at: Milliseconds
    secret: str


class Invites(Answer, frozen=True):
    invites: list[Invite]


class Joined(Answer, frozen=True):
    """Where an invite led, and the role that the user has there now."""

    playlist: str
    role: str


class Admission(Answer, frozen=True):
    """Where a code or link led, at which version of the Jam."""

    jam: str
    role: Annotated[str | None, Meta(description="Null: the host has to let you in first.")]
    version: int


class Knock(Answer, frozen=True):
    """Whether we knocked and the host has not answered yet."""

    waits: bool


class JoinCode(Answer, frozen=True):
    """What lets people into a Jam until it expires, or until somebody is thrown out or locks the door."""

    code: Annotated[str, Meta(description="As it is read aloud, such as `K7QX-2MBD`.")]
    url: Annotated[str, Meta(description="Where a browser goes with it; in a QR symbol in capitals.")]
    expires_at: Milliseconds


# A flat map, as on the wire: PROTOCOL.md section 5.
Fields = dict[str, Any]


class Change(Answer, frozen=True):
    """What happened to one entry. `from` and `to` are its indexes, null where it does not stand; `fields`
    is what was set, for an edit."""

    change: Annotated[str, Meta(description="`added`, `removed`, `moved` or `edited`.")]
    entry: Annotated[Fields, Meta(description="After the change; as it was last, if it was removed.")]
    from_: int | None = field(name="from")
    to: int | None
    fields: Fields | None


class Counts(Answer, frozen=True):
    added: int
    removed: int
    moved: int
    edited: int


class Version(Answer, frozen=True):
    """One version in a list. `changes` are the first twenty; `counts` counts them all."""

    version: int
    at: Milliseconds
    author: User
    by_server: Annotated[bool, Meta(description="Made for the author: a restore, a take-back.")]
    snapshot_id: str
    counts: Counts
    changes: list[Change]
    attributes: Annotated[Fields, Meta(description="Those that were set; null deletes one.")]


class History(Answer, frozen=True):
    """A page of versions. Those up to `horizon` are no longer kept."""

    items: list[Version]
    limit: int
    next: str | None
    version: Annotated[int, Meta(description="The newest one.")]
    horizon: int


class LifeEvent(Answer, frozen=True):
    version: int
    at: Milliseconds
    author: User
    by_server: bool
    change: str
    entry: Fields
    from_: int | None = field(name="from")
    to: int | None
    fields: Fields | None


class Life(Answer, frozen=True):
    """What happened to one entry after version `since`, where the look began."""

    uid: str
    since: int
    items: list[LifeEvent]


class State(Answer, frozen=True):
    """A playlist at a version, entries and attributes as on the wire. Who made the version, and when, is
    null at the beginning of what is kept."""

    version: int
    snapshot_id: str
    at: Milliseconds | None
    author: User | None
    by_server: bool
    attributes: Fields
    entries: list[Fields]


class Difference(Answer, frozen=True):
    """`op` leads from one version to the other: PROTOCOL.md section 6."""

    from_: int = field(name="from")
    to: int
    op: Fields
    counts: Counts
    changes: list[Change]
    attributes: Fields


class Became(Answer, frozen=True):
    version: Annotated[int, Meta(description="What the change became; the newest one if nothing changed.")]


class NamedTrack(Answer, frozen=True):
    """A track of the playlist that was asked about."""

    uri: Uri
    name: str


class Reason(Answer, frozen=True):
    """The suggestion stands beside a track of the playlist in so many `lists` of this server, of which the
    user who asks is a member of `mine`; `names` are the names of the first five of these."""

    with_: NamedTrack = field(name="with")
    lists: int
    mine: int
    names: list[str]


class Suggestion(Answer, frozen=True):
    """A track that the playlist does not hold. The strongest reason comes first."""

    track: Track
    score: Annotated[int, Meta(description="Compares the suggestions of one answer.")]
    reasons: list[Reason]


class Suggestions(Answer, frozen=True):
    """`considered` are the playlists and Jams that were looked through. After a start the server reads them
    one by one; `complete` says whether it has read all."""

    items: list[Suggestion]
    limit: int
    considered: int
    complete: bool


class Readiness(Answer, frozen=True):
    ready: bool
    checks: Annotated[dict[str, str], Meta(description="What was looked at; `ok`, or what is wrong.")]


class ErrorBody(Answer, frozen=True):
    status: int
    message: Annotated[str, Meta(description="One sentence; it may improve.")]
    code: Annotated[str, Meta(description="Stable.")]


class Error(Answer, frozen=True):
    """How every request fails."""

    error: ErrorBody
