"""What a replica reports.

Plain values, in the order in which things happened. A playlist's `Change`s alone rebuild the visible list:
applying each `op` to a copy keeps it equal, except where a `Reloaded` or `Renamed` says to read it anew. A
Jam's `Happened` are its committed events, in order; each command ends with one `Accepted` or `Rejected`.
"""

from dataclasses import dataclass

from collab.messages import Body
from ot.op import Op


@dataclass(frozen=True, slots=True)
class Change:
    """The visible list changed by `op`.

    `author` is a user id, empty when several people's changes arrive as one. `own`: made (or taken back)
    here, through this client. `version` is the last one that arrived from the server.
    """

    op: Op
    version: int
    author: str
    own: bool


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of a Jam was committed as `version`: `event` is the map that stands in its log. `author` is a
    user id, empty for what the room itself did. `own`: what a command of this client became."""

    event: Body
    version: int
    author: str
    own: bool


@dataclass(frozen=True, slots=True)
class Reacted:
    """Somebody in a Jam reacted; nothing of it is kept. `user` may be ourselves, on any device."""

    user: str
    text: str


@dataclass(frozen=True, slots=True)
class Reloaded:
    """Read everything anew: it was just opened, or changes were dropped because nobody took them."""

    version: int


@dataclass(frozen=True, slots=True)
class Renamed:
    """Entries that wait to be saved or added got new uids (old to new): this client goes on under another
    id."""

    uids: dict[str, str]


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """`edits` edits are durable: submission (`client`, `seq`) stands as of `version`.

    `base` is the version that it was written against. `is_op`: it is in history as the op of `version`, or
    (False) nothing of it was left to do; None where a snapshot took the place of history and nobody can
    tell.
    """

    client: str
    seq: int
    version: int
    edits: int
    base: int
    is_op: bool | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A submission of `edits` edits was refused for good and taken out of the list; `op` is what it held, for
    the acknowledged list at that moment. A `Change` that takes it back follows, if anything was visible."""

    client: str
    seq: int
    code: str
    message: str
    op: Op
    edits: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """Command `number` (see `Commands.give`) is durable: submission (`client`, `seq`) stands as of `version`.
    `is_event`: it is in the log as the event of `version`, or (False) it changed nothing; None as in
    `Acknowledged`."""

    number: int
    client: str
    seq: int
    version: int
    is_event: bool | None


@dataclass(frozen=True, slots=True)
class Rejected:
    """Command `number` was refused for good, or the room closed before it was decided (then `seq` is 0): it
    changes nothing, and all others live on. With `retry_after_ms` above 0 the same might be taken then."""

    number: int
    client: str
    seq: int
    code: str
    message: str
    retry_after_ms: int
    command: Body


@dataclass(frozen=True, slots=True)
class Delayed:
    """The server cannot take what waits just now; it is sent again by itself."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Resynced:
    """A snapshot took the place of what was missing; `reason` is the server's. What was unsaved still is."""

    reason: str
    version: int


@dataclass(frozen=True, slots=True)
class Diverged:
    """This replica did not hold what the server holds, at `version`; it repairs itself."""

    version: int


@dataclass(frozen=True, slots=True)
class RoleSet:
    role: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The room is gone for this user. `op` is what was not saved, handed back; identity if nothing, and for a
    Jam, whose commands were handed back one by one before."""

    code: str
    message: str
    op: Op


Event = (
    Change
    | Happened
    | Reacted
    | Reloaded
    | Renamed
    | Acknowledged
    | Refusal
    | Accepted
    | Rejected
    | Delayed
    | Resynced
    | Diverged
    | RoleSet
    | Closed
)
