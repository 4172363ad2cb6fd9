"""What HTTP answers about Jams, as strict types; see `shapes`."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from collab.codec import SERVER_MAP_MAX
from collab.http_jams import JAMS_LIMIT_MAX
from collab.ids import ID_LENGTH
from jam.agreement import PEOPLE_MAX as COMPARED_MAX
from jam.hosting import NAME_CODE_POINTS_MAX
from jam.recap import LIKED_MAX, PEOPLE_MAX, PLAYS_MAX, VOTERS_MAX
from jam.settings import Limits
from jam.state import Ending, Role, Status
from tests.documents.bounds import Count, Fields, Id, Length, Microseconds, Milliseconds, PersonName, Uid, Url
from tests.documents.shapes import Answer, JoinCode, User

# What waits, what plays when nothing does, and what plays.
SONGS_MAX = Limits().queue + Limits().fallback + 1
JamName = Annotated[str, Meta(max_length=NAME_CODE_POINTS_MAX)]


class JamInList(Answer, frozen=True):
    """A Jam as it stands in lists. `people` and `songs` count members and entries; `playing` is the song."""

    id: Id
    href: Url
    name: JamName
    status: Status
    host: User
    role: Annotated[Role, Meta(description="Of the user who asks.")]
    started_at: Milliseconds
    people: Count
    songs: Count
    playing: Fields | None
    epoch: Annotated[str, Meta(max_length=ID_LENGTH)]
    version: Count


class Jams(Answer, frozen=True):
    """A page of Jams, the newest first."""

    href: Url
    items: Annotated[list[JamInList], Meta(max_length=JAMS_LIMIT_MAX)]
    limit: Annotated[int, Meta(ge=1, le=JAMS_LIMIT_MAX)]
    next: Url | None
    offset: Count
    previous: Url | None
    total: Count


class Jam(JamInList, frozen=True, kw_only=True):
    """A Jam with its state, as a socket gets it, and what follows from it at room time `now`."""

    now: Milliseconds
    state: Annotated[
        dict[str, Any], Meta(max_length=SERVER_MAP_MAX, description="The snapshot: PROTOCOL.md section 8.")
    ]
    order: Annotated[
        list[Uid], Meta(max_length=SONGS_MAX, description="Ids of the entries, what plays first.")
    ]
    starts_in_ms: Annotated[
        dict[Uid, Length],
        Meta(max_length=SONGS_MAX, description="In about how long each that waits will play."),
    ]


class StartedJam(Jam, frozen=True, kw_only=True):
    """With the code that lets people in."""

    code: JoinCode


class Decided(Answer, frozen=True):
    """The version that the command became; the present one if it changed nothing."""

    version: Count


class Play(Answer, frozen=True):
    """One playing of a song. `added_by` is empty for the fallback's; `heard_ms` leaves pauses out."""

    play: Count
    entry: Uid
    track: Fields
    added_by: Annotated[str, Meta(max_length=ID_LENGTH)]
    added_at: Milliseconds
    votes: Annotated[
        dict[str, Literal[-1, 1]],
        Meta(max_length=VOTERS_MAX, description="Of at most 64 people, by user id."),
    ]
    up: Count
    down: Count
    started_at: Milliseconds
    ended_at: Milliseconds
    heard_ms: Length
    ending: Ending


class Listener(Answer, frozen=True):
    """Of the songs played, `added` were theirs, and on `voted` they voted."""

    user: Id
    name: PersonName
    listened_ms: Length
    added: Count
    voted: Count
    closest: Annotated[
        str, Meta(max_length=ID_LENGTH, description="Whose votes were most like theirs; empty if nobody's.")
    ]


class Pair(Answer, frozen=True):
    users: tuple[Id, Id]
    both: Annotated[Count, Meta(description="Songs on which both voted.")]
    agreed: Annotated[Count, Meta(description="Songs on which both voted alike.")]
    permille: Annotated[
        int, Meta(ge=0, le=1000, description="The share of these in the songs on which either voted.")
    ]


class Sync(Answer, frozen=True):
    """How far off devices said that they were whenever a song began."""

    readings: Count
    p50_us: Microseconds
    p95_us: Microseconds


class Recap(Answer, frozen=True):
    """What the evening was. `skipped` and `liked` name plays; `since` is later than `started_at` if older
    events are no longer kept. The last 1,000 plays and the 200 people who listened longest."""

    jam: Id
    name: JamName
    host: Id
    started_at: Milliseconds
    since: Milliseconds
    until: Milliseconds
    status: Status
    music_ms: Length
    played: Annotated[list[Play], Meta(max_length=PLAYS_MAX)]
    skipped: Annotated[list[Count], Meta(max_length=PLAYS_MAX)]
    liked: Annotated[
        list[Count], Meta(max_length=LIKED_MAX, description="The most liked first, ten at most.")
    ]
    people: Annotated[list[Listener], Meta(max_length=PEOPLE_MAX)]
    people_in_all: Count
    most_at_once: Count
    pairs: Annotated[
        list[Pair],
        Meta(
            max_length=COMPARED_MAX * (COMPARED_MAX - 1) // 2,
            description="Of the 64 who voted most, the most alike first.",
        ),
    ]
    sync: Sync


class SavedPlaylist(Answer, frozen=True):
    playlist: Id
    version: Count
    songs: Count
