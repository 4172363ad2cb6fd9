"""What the cores want done.

A core changes its own state and returns these; the edge performs them in order. Nothing here acts by
itself, so a core can be called from a test, the simulation or the hub alike.
"""

from dataclasses import dataclass

from collab.closing import CloseCode
from collab.messages import Open, ServerMessage, SetPresence, Submit
from storage.rows import Commit, OpRow, Settled, Snapshot

# -- of a room ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Send:
    """To one connection, after everything that was broadcast before it."""

    connection: str
    message: ServerMessage


@dataclass(frozen=True, slots=True)
class Broadcast:
    """To every connection that is in the room now."""

    message: ServerMessage


@dataclass(frozen=True, slots=True)
class Publish:
    """A hint for other nodes: the document moved to (version, changes).

    `rows` and `settled` are all that was written after `since` changes; with `since` None they are left out.
    """

    document: str
    epoch: str
    version: int
    changes: int
    rows: tuple[OpRow, ...] = ()
    settled: tuple[Settled, ...] = ()
    since: int | None = None


@dataclass(frozen=True, slots=True)
class Evict:
    """The connection is no longer in the room (its user lost the role, or the document is gone)."""

    connection: str


@dataclass(frozen=True, slots=True)
class SaveSnapshot:
    """Worth keeping, so that the next load is short. May fail without harm."""

    epoch: str
    snapshot: Snapshot


RoomEffect = Send | Broadcast | Publish | Evict | SaveSnapshot

# -- what a room waits for --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FetchNews:
    """Ask the store for what happened since; then `receive_news`."""

    version: int
    changes: int
    epoch: str


@dataclass(frozen=True, slots=True)
class FetchHistory:
    """Read ops with after < version <= through; then `receive_history`."""

    after: int
    through: int


@dataclass(frozen=True, slots=True)
class Reload:
    """History is not continuous with what is in memory; load the document and call `receive_load`."""


@dataclass(frozen=True, slots=True)
class FetchSongs:
    """Ask the catalogue which of these tracks (ids) there are, and what they are; then `receive_songs`."""

    tracks: frozenset[str]


# Together with these a room asks for a Commit; the edge does one thing at a time for it.
RoomTask = Commit | FetchNews | FetchHistory | FetchSongs | Reload

# -- of a session ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reply:
    """To this session's own client."""

    message: ServerMessage


@dataclass(frozen=True, slots=True)
class Authenticate:
    """Find out whose token this is and whether the client id is theirs; then call `authenticated` or
    `rejected`. Until then the session keeps what arrives."""

    token: str
    client: str


@dataclass(frozen=True, slots=True)
class Enter:
    request: Open


@dataclass(frozen=True, slots=True)
class Exit:
    room: str


@dataclass(frozen=True, slots=True)
class Pass:
    """A submission that may go to its room."""

    submission: Submit


@dataclass(frozen=True, slots=True)
class PassPresence:
    presence: SetPresence


@dataclass(frozen=True, slots=True)
class PauseReading:
    """Read nothing more from this client for a while: it sends faster than it may."""

    for_ms: int


@dataclass(frozen=True, slots=True)
class Close:
    """Say goodbye with this code and end the connection."""

    close_code: CloseCode
    code: str
    message: str
    retry_after_ms: int = 0


SessionEffect = Reply | Authenticate | Enter | Exit | Pass | PassPresence | PauseReading | Close
