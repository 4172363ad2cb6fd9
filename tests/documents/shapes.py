"""What HTTP answers, as strict types.

The server builds its answers as maps (`collab.http_shapes`); here they stand a second time, so that the
OpenAPI document can be made from types, and a test can hold every real answer against the type that
documents it: a member too many or too few is an error there.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from collab.config import Limits
from collab.errors import CODES
from collab.fields import ARTISTS_MAX, NAME_CHARS_MAX, TEXT_CHARS_MAX
from collab.guests import REFRESH_CHARS
from collab.history import Deed
from collab.http_errors import MESSAGE_CHARS_MAX
from collab.http_followers import IDS_MAX
from collab.http_history import HISTORY_LIMIT_MAX
from collab.http_history_shapes import CHANGES_SHOWN
from collab.http_members import MEMBERS_LIMIT
from collab.http_playlists import PLAYLISTS_LIMIT_MAX
from collab.http_search import SEARCH_LIMIT_MAX, TRACKS_MAX
from collab.http_search_shapes import PICTURES
from collab.http_shapes import TRACKS_LIMIT
from collab.http_suggestions import NAMES_SHOWN, SUGGESTIONS_LIMIT_MAX
from collab.ids import ID_LENGTH
from collab.invites import LIVE_MAX
from collab.past import VERSIONS_MAX
from collab.roles import JamRole, PlaylistRole
from jam.smooth import ENERGY_MAX, KEYS, TEMPO_MAX, TEMPO_MIN
from jam.suggest import REASONS_MAX
from storage.catalogue import FOUND_MAX
from tests.documents.bounds import (
    Count,
    Fields,
    Id,
    Length,
    Milliseconds,
    Note,
    PersonName,
    ShownCode,
    SnapshotId,
    Text,
    Token,
    Uid,
    Uri,
    Url,
)

ENTRIES_MAX = Limits().entries_max

Isrc = Annotated[str, Meta(max_length=12)]
# Where the original says more, and nobody here knows it.
Nothing = Annotated[str, Meta(max_length=0)]


class Answer(Struct, frozen=True, forbid_unknown_fields=True):
    """Root of what HTTP answers."""


class NamedUser(Answer, frozen=True):
    id: Id
    name: PersonName


class Session(Answer, frozen=True):
    """What a device holds: a token for now and the secret that buys the next one, once."""

    token: Token
    refresh_token: Annotated[str, Meta(max_length=REFRESH_CHARS)]
    expires_at: Milliseconds
    user: NamedUser


class DeviceLink(Answer, frozen=True):
    """What is typed on the other device, which is this person from then on; good once, until `expires_at`."""

    code: ShownCode
    expires_at: Milliseconds


class User(Answer, frozen=True):
    """A person as others see them; the name of one who is gone is null."""

    id: Id
    display_name: PersonName | None
    type: Literal["user"]
    uri: Uri


class ExternalUrls(Answer, frozen=True, omit_defaults=True):
    """Pages for people: a playlist's in the web app, Spotify's of what is there."""

    spotify: Url = ""


class UserRef(Answer, frozen=True):
    """A person by id; an empty one is somebody whom nobody knows."""

    id: Annotated[str, Meta(max_length=ID_LENGTH)]
    type: Literal["user"]
    uri: Uri
    href: Url
    external_urls: ExternalUrls


class Followers(Answer, frozen=True):
    href: None
    total: Count


class Image(Answer, frozen=True):
    """`url` needs no token. Neither side is longer than what is said here; null is not known."""

    url: Url
    width: Annotated[int, Meta(ge=1, le=PICTURES[0])] | None
    height: Annotated[int, Meta(ge=1, le=PICTURES[0])] | None


class Profile(UserRef, frozen=True):
    """A person with all that a profile of the original has."""

    display_name: PersonName | None
    images: Annotated[list[Image], Meta(max_length=0)]
    followers: Followers


class ExplicitContent(Answer, frozen=True):
    filter_enabled: bool
    filter_locked: bool


class Me(Profile, frozen=True):
    """Oneself. What an account of the original also has is null: nobody here knows it."""

    name: PersonName
    account_id: Id
    country: None
    email: None
    product: None
    explicit_content: ExplicitContent


class Artist(Answer, frozen=True):
    """Known by name only: the rest is empty."""

    id: Nothing
    name: Text
    type: Literal["artist"]
    uri: Nothing
    href: Nothing
    external_urls: ExternalUrls


class Album(Answer, frozen=True):
    """Known by name only, if at all: the rest is empty."""

    id: Nothing
    name: Text
    type: Literal["album"]
    album_type: Literal["album"]
    uri: Nothing
    href: Nothing
    external_urls: ExternalUrls
    artists: Annotated[list[Artist], Meta(max_length=0)]
    images: Annotated[list[Image], Meta(max_length=len(PICTURES))]
    release_date: Nothing
    release_date_precision: Literal["day"]
    total_tracks: Count


class ExternalIds(Answer, frozen=True, omit_defaults=True):
    """As far as they are known."""

    isrc: Isrc = ""
    musicbrainz: Annotated[str, Meta(max_length=36, description="Of the recording.")] = ""


class Track(Answer, frozen=True):
    """What is known of a track. `uri` is what existing clients take; `tutti_uri` is the same track in lists
    and on the socket, if the server has it. What only its URI names has an empty id."""

    id: Annotated[str, Meta(max_length=ID_LENGTH)]
    uri: Uri
    tutti_uri: Annotated[str, Meta(max_length=34, description="`tutti:track:…`")] | None
    type: Literal["track"]
    name: Text
    artists: Annotated[list[Artist], Meta(max_length=ARTISTS_MAX)]
    album: Album
    duration_ms: Length
    external_ids: ExternalIds
    external_urls: ExternalUrls
    href: Url
    is_local: bool
    disc_number: Count
    track_number: Count
    explicit: bool
    popularity: Count
    preview_url: None
    episode: bool
    track: bool


class Thumbnail(Answer, frozen=True):
    url: None


class Item(Answer, frozen=True):
    """One entry of a playlist. `item` and `track` are the same. `uid` names the entry for ever; the same
    track may stand in a playlist often."""

    added_at: Annotated[str, Meta(max_length=20, description="UTC, such as `2023-11-14T22:13:20Z`.")]
    added_by: UserRef
    is_local: bool
    primary_color: None
    video_thumbnail: Thumbnail
    item: Track
    track: Track
    uid: Uid
    note: Note | None


class Items(Answer, frozen=True):
    """A page of entries."""

    href: Url
    items: Annotated[list[Item], Meta(max_length=TRACKS_LIMIT)]
    limit: Annotated[int, Meta(ge=1, le=TRACKS_LIMIT)]
    next: Url | None
    offset: Count
    previous: Url | None
    total: Count


class Song(Track, frozen=True):
    """A track that the server has: what its file says. `GET /v1/audio/{id}` is its sound."""

    tempo: Annotated[int, Meta(ge=TEMPO_MIN, le=TEMPO_MAX, description="Beats a minute × 100.")] | None
    key: Annotated[Literal[KEYS], Meta(description="On the Camelot wheel.")] | None
    energy: Annotated[int, Meta(ge=0, le=ENERGY_MAX)] | None


class Songs(Answer, frozen=True):
    """In the order of `ids`; null for what there is not."""

    tracks: Annotated[list[Song | None], Meta(max_length=TRACKS_MAX)]


class SongPage(Answer, frozen=True):
    """A page of what was found, the best first. `total` counts up to 1,000."""

    href: Url
    items: Annotated[list[Song], Meta(max_length=SEARCH_LIMIT_MAX)]
    limit: Annotated[int, Meta(ge=1, le=SEARCH_LIMIT_MAX)]
    next: Url | None
    offset: Count
    previous: Url | None
    total: Annotated[int, Meta(ge=0, le=FOUND_MAX)]


class SearchResult(Answer, frozen=True):
    tracks: SongPage


class TracksLink(Answer, frozen=True):
    href: Url
    total: Count


class PlaylistBase(Answer, frozen=True):
    id: Id
    name: Annotated[str, Meta(max_length=NAME_CHARS_MAX)]
    description: Annotated[str, Meta(max_length=TEXT_CHARS_MAX)] | None
    public: bool
    collaborative: bool
    owner: Profile
    followers: Annotated[Followers, Meta(description="Members that do not own it.")]
    images: Annotated[list[Image], Meta(max_length=1)]
    primary_color: None
    href: Url
    external_urls: ExternalUrls
    snapshot_id: SnapshotId
    type: Literal["playlist"]
    uri: Uri
    version: Count
    role: (
        Annotated[PlaylistRole, Meta(description="Of the user who asks; null: a stranger to a public one.")]
        | None
    )


class PlaylistInList(PlaylistBase, frozen=True, kw_only=True):
    """A playlist as it stands in lists. `items` and `tracks` lead to the same."""

    items: TracksLink
    tracks: TracksLink


class Playlist(PlaylistBase, frozen=True, kw_only=True):
    """A playlist with its first hundred entries. `items` and `tracks` are the same."""

    items: Items
    tracks: Items


class Playlists(Answer, frozen=True):
    """A page of playlists, the newest first."""

    href: Url
    items: Annotated[list[PlaylistInList], Meta(max_length=PLAYLISTS_LIMIT_MAX)]
    limit: Annotated[int, Meta(ge=1, le=PLAYLISTS_LIMIT_MAX)]
    next: Url | None
    offset: Count
    previous: Url | None
    total: Count


Images = Annotated[list[Image], Meta(max_length=1)]
# True where it is so, in the order of what was asked.
Contained = Annotated[list[bool], Meta(max_length=IDS_MAX)]


class Member(Answer, frozen=True):
    id: Id
    display_name: PersonName | None
    type: Literal["user"]
    uri: Uri
    role: PlaylistRole


class Members(Answer, frozen=True):
    """A page of them; first those whose roles allow the most."""

    href: Url
    members: Annotated[list[Member], Meta(max_length=MEMBERS_LIMIT)]
    limit: Annotated[int, Meta(ge=1, le=MEMBERS_LIMIT)]
    next: Url | None
    offset: Count
    previous: Url | None
    total: Count


class Invite(Answer, frozen=True):
    id: Id
    role: PlaylistRole | JamRole
    created_by: Id
    created_at: Milliseconds
    expires_at: Milliseconds


class NewInvite(Answer, frozen=True):
    """With the secret, which is shown this once."""

    id: Id
    role: PlaylistRole | JamRole
    created_by: Id
    created_at: Milliseconds
    expires_at: Milliseconds
    secret: Id


class Invites(Answer, frozen=True):
    invites: Annotated[list[Invite], Meta(max_length=LIVE_MAX)]


class Joined(Answer, frozen=True):
    """Where an invite led, and the role that the user has there now."""

    playlist: Id
    role: PlaylistRole


class Admission(Answer, frozen=True):
    """Where a code or link led, at which version of the Jam."""

    jam: Id
    role: Annotated[JamRole | None, Meta(description="Null: the host has to let you in first.")]
    version: Count


class Knock(Answer, frozen=True):
    """Whether we knocked and the host has not answered yet."""

    waits: bool


class JoinCode(Answer, frozen=True):
    """What lets people into a Jam until it expires, or until somebody is thrown out or locks the door."""

    code: ShownCode
    url: Annotated[Url, Meta(description="Where a browser goes with it; in a QR symbol in capitals.")]
    expires_at: Milliseconds


class Change(Answer, frozen=True):
    """What happened to one entry. `from` and `to` are its indexes, null where it does not stand; `fields`
    is what was set, for an edit."""

    change: Deed
    entry: Annotated[Fields, Meta(description="After the change; as it was last, if it was removed.")]
    from_: Count | None = field(name="from")
    to: Count | None
    fields: Fields | None


class Counts(Answer, frozen=True):
    added: Count
    removed: Count
    moved: Count
    edited: Count


class Version(Answer, frozen=True):
    """One version in a list. `changes` are the first twenty; `counts` counts them all."""

    version: Count
    at: Milliseconds
    author: User
    by_server: Annotated[bool, Meta(description="Made for the author: a restore, a take-back.")]
    snapshot_id: SnapshotId
    counts: Counts
    changes: Annotated[list[Change], Meta(max_length=CHANGES_SHOWN)]
    attributes: Annotated[Fields, Meta(description="Those that were set; null deletes one.")]


class History(Answer, frozen=True):
    """A page of versions. Those up to `horizon` are no longer kept."""

    items: Annotated[list[Version], Meta(max_length=HISTORY_LIMIT_MAX)]
    limit: Annotated[int, Meta(ge=1, le=HISTORY_LIMIT_MAX)]
    next: Url | None
    version: Annotated[Count, Meta(description="The newest one.")]
    horizon: Count


class LifeEvent(Answer, frozen=True):
    version: Count
    at: Milliseconds
    author: User
    by_server: bool
    change: Deed
    entry: Fields
    from_: Count | None = field(name="from")
    to: Count | None
    fields: Fields | None


class Life(Answer, frozen=True):
    """What happened to one entry after version `since`, where the look began."""

    uid: Uid
    since: Count
    items: Annotated[list[LifeEvent], Meta(max_length=2 * VERSIONS_MAX)]


class State(Answer, frozen=True):
    """A playlist at a version, entries and attributes as on the wire. Who made the version, and when, is
    null at the beginning of what is kept."""

    version: Count
    snapshot_id: SnapshotId
    at: Milliseconds | None
    author: User | None
    by_server: bool
    attributes: Fields
    entries: Annotated[list[Fields], Meta(max_length=ENTRIES_MAX)]


class Difference(Answer, frozen=True):
    """`op` leads from one version to the other: PROTOCOL.md section 6."""

    from_: Count = field(name="from")
    to: Count
    op: Fields
    counts: Counts
    changes: Annotated[list[Change], Meta(max_length=2 * ENTRIES_MAX)]
    attributes: Fields


class Became(Answer, frozen=True):
    version: Annotated[Count, Meta(description="What the change became; the newest one if nothing changed.")]


class NamedTrack(Answer, frozen=True):
    """A track of the playlist that was asked about."""

    uri: Uri
    name: Text


class Reason(Answer, frozen=True):
    """The suggestion stands beside a track of the playlist in so many `lists` of this server, of which the
    user who asks is a member of `mine`; `names` are the names of the first five of these."""

    with_: NamedTrack = field(name="with")
    lists: Count
    mine: Count
    names: Annotated[list[Annotated[str, Meta(max_length=NAME_CHARS_MAX)]], Meta(max_length=NAMES_SHOWN)]


class Suggestion(Answer, frozen=True):
    """A track that the playlist does not hold. The strongest reason comes first."""

    track: Track
    score: Annotated[Count, Meta(description="Compares the suggestions of one answer.")]
    reasons: Annotated[list[Reason], Meta(max_length=REASONS_MAX)]


class Suggestions(Answer, frozen=True):
    """`considered` are the playlists and Jams that were looked through. After a start the server reads them
    one by one; `complete` says whether it has read all."""

    items: Annotated[list[Suggestion], Meta(max_length=SUGGESTIONS_LIMIT_MAX)]
    limit: Annotated[int, Meta(ge=1, le=SUGGESTIONS_LIMIT_MAX)]
    considered: Count
    complete: bool


class Checks(Answer, frozen=True):
    """What was looked at; `ok`, or what is wrong."""

    node: Literal["ok", "starting", "draining"]
    database: Literal["ok", "unreachable"]


class Readiness(Answer, frozen=True):
    ready: bool
    checks: Checks


class Written(Answer, frozen=True):
    """The version that an edit became, or the present one if it changed nothing. Send it with the next edit
    to have that mean the list as it was then, whatever others do meanwhile."""

    snapshot_id: SnapshotId


class ErrorBody(Answer, frozen=True, omit_defaults=True):
    status: Annotated[int, Meta(ge=400, le=503)]
    message: Annotated[str, Meta(max_length=MESSAGE_CHARS_MAX, description="One sentence; it may improve.")]
    code: Annotated[Literal[tuple(sorted(CODES))], Meta(description="Stable.")]
    reason: Annotated[str, Meta(max_length=32, description="Of a player: the original's word for it.")] = ""


class Error(Answer, frozen=True):
    """How every request fails."""

    error: ErrorBody
