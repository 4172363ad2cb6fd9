"""What HTTP answers about Jams, as strict types; see `shapes`."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from jam.state import Ending, Role, Status
from tests.documents.shapes import Answer, Fields, JoinCode, Milliseconds, User

Length = Annotated[int, Meta(description="ms.")]
Microseconds = Annotated[int, Meta(description="µs.")]


class JamInList(Answer, frozen=True):
    """A Jam as it stands in lists. `people` and `songs` count members and entries; `playing` is the song."""

    id: str
    href: str
    name: str
    status: Status
    host: User
    role: Annotated[Role, Meta(description="Of the user who asks.")]
    started_at: Milliseconds
    people: int
    songs: int
    playing: Fields | None
    epoch: str
    version: int


class Jams(Answer, frozen=True):
    """A page of Jams, the newest first."""

    href: str
    items: list[JamInList]
    limit: int
    next: str | None
    offset: int
    previous: str | None
    total: int


class Jam(JamInList, frozen=True, kw_only=True):
    """A Jam with its state, as a socket gets it, and what follows from it at room time `now`."""

    now: Milliseconds
    state: Annotated[dict[str, Any], Meta(description="The snapshot: PROTOCOL.md section 8.")]
    order: Annotated[list[str], Meta(description="Ids of the entries, what plays first.")]
    starts_in_ms: Annotated[dict[str, int], Meta(description="In about how long each that waits will play.")]


class StartedJam(Jam, frozen=True, kw_only=True):
    """With the code that lets people in."""

    code: JoinCode


class Decided(Answer, frozen=True):
    """The version that the command became; the present one if it changed nothing."""

    version: int


class Play(Answer, frozen=True):
    """One playing of a song. `added_by` is empty for the fallback's; `heard_ms` leaves pauses out."""

    play: int
    entry: str
    track: Fields
    added_by: str
    added_at: Milliseconds
    votes: Annotated[dict[str, Literal[-1, 1]], Meta(description="Of at most 64 people, by user id.")]
    up: int
    down: int
    started_at: Milliseconds
    ended_at: Milliseconds
    heard_ms: Length
    ending: Ending


class Listener(Answer, frozen=True):
    """Of the songs played, `added` were theirs, and on `voted` they voted."""

    user: str
    name: str
    listened_ms: Length
    added: int
    voted: int
    closest: Annotated[str, Meta(description="Whose votes were most like theirs; empty if nobody's.")]


class Pair(Answer, frozen=True):
    users: tuple[str, str]
    both: Annotated[int, Meta(description="Songs on which both voted.")]
    agreed: Annotated[int, Meta(description="Songs on which both voted alike.")]
    permille: Annotated[int, Meta(description="The share of these in the songs on which either voted.")]


class Sync(Answer, frozen=True):
    """How far off devices said that they were whenever a song began."""

    readings: int
    p50_us: Microseconds
    p95_us: Microseconds


class Recap(Answer, frozen=True):
    """What the evening was. `skipped` and `liked` name plays; `since` is later than `started_at` if older
    events are no longer kept. The last 1,000 plays and the 200 people who listened longest."""

    jam: str
    name: str
    host: str
    started_at: Milliseconds
    since: Milliseconds
    until: Milliseconds
    status: Status
    music_ms: Length
    played: list[Play]
    skipped: list[int]
    liked: Annotated[list[int], Meta(description="The most liked first, ten at most.")]
    people: list[Listener]
    people_in_all: int
    most_at_once: int
    pairs: Annotated[list[Pair], Meta(description="Of the 64 who voted most, the most alike first.")]
    sync: Sync


class SavedPlaylist(Answer, frozen=True):
    playlist: str
    version: int
    songs: int
