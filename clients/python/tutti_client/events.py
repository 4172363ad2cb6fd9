"""What a replica reports.

Plain values, in the order in which things happened. `Change`s alone rebuild the visible list: applying each
`op` to a copy keeps it equal, except where a `Reloaded` or `Renamed` says to read it anew.
"""

from dataclasses import dataclass

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
class Reloaded:
    """Read the list anew: it was just opened, or changes were dropped because nobody took them."""

    version: int


@dataclass(frozen=True, slots=True)
class Renamed:
    """Entries that wait to be saved got new uids (old to new): this client goes on under another id."""

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
class Delayed:
    """The server cannot take what waits just now; it is sent again by itself."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Resynced:
    """A snapshot took the place of missing ops; `reason` is the server's. What was unsaved still is."""

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
    """The playlist is gone for this user. `op` is what was not saved, handed back; identity if nothing."""

    code: str
    message: str
    op: Op


Event = (
    Change | Reloaded | Renamed | Acknowledged | Refusal | Delayed | Resynced | Diverged | RoleSet | Closed
)
