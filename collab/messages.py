"""What can travel on the wire.

Every message of protocol v1, once, as an immutable value; `codec` turns frames into these and back.
Direction is in the class's family: `FromClient` or `FromServer`; `time` and `part` go both ways under two
names. Knows shapes and limits. Does not know encodings, sockets, or what an op means: `op` and `state` are
maps that the document's kind reads. Unknown fields are ignored; nothing is ever renamed within v1.
"""

from typing import Annotated, Any

from msgspec import Meta, Struct

# Past the codec nobody looks inside these except the kind that owns them.
Body = dict[str, Any]

Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]
# From 1: a `refused` with seq 0 is about an `open`.
Seq = Annotated[int, Meta(ge=1, le=2**53 - 1)]
Identifier = Annotated[str, Meta(max_length=64)]

PROTOCOL_MSGPACK = "tutti.v1.msgpack"
PROTOCOL_JSON = "tutti.v1.json"

FRAME_BYTES_MAX = 64 * 1024
PART_BYTES_MAX = 48 * 1024
SUBMISSION_BYTES_MAX = 4 * 1024 * 1024
PRESENCE_BYTES_MAX = 1024


class Row(Struct, frozen=True, array_like=True, gc=False):
    """One committed op as everybody in the room gets it: `[version, client, seq, author, op, count]`.

    `count` is how many versions the row covers: 1, or more for ops composed while catching up; then
    `client` and `author` are empty, `seq` is 0, and `version` is the last one covered.
    """

    version: int
    client: str
    seq: int
    author: str
    op: Body
    count: int = 1


class Outcome(Struct, frozen=True, omit_defaults=True):
    """How the last submission of the client that asks ended: a version, or the code of its refusal."""

    seq: int
    version: int | None = None
    code: str = ""


class Snapshot(Struct, frozen=True):
    """State of a document, as its kind writes it, at the version of the message that carries it."""

    state: Body


class Member(Struct, frozen=True, omit_defaults=True):
    """One connection in a room. `id` is unique in the room; `counter` grows with each change of `state`."""

    id: str
    user: str
    name: str
    counter: int = 0
    state: Body = {}


# -- from clients ---------------------------------------------------------------------------------------


class FromClient(Struct, frozen=True, omit_defaults=True, tag_field="type"):
    """Root of what a client may send."""


class Hello(FromClient, frozen=True, tag="hello"):
    """First message on a socket, within 10 s. `client` is the client id under which seqs are counted."""

    token: str
    client: Identifier
    sdk: str = ""


class Open(FromClient, frozen=True, tag="open"):
    """Enter a room. With `epoch` and `version` the server sends what is missing; without, a snapshot.

    `inflight` is the seq of the submission that was sent and never answered, 0 for none.
    """

    room: Identifier
    epoch: Identifier = ""
    version: int = -1
    inflight: Count = 0


class Leave(FromClient, frozen=True, tag="leave"):
    """Leave a room; what was submitted is still decided."""

    room: Identifier


class Submit(FromClient, frozen=True, tag="submit"):
    """One op, written against version `base`. (room, client id, seq) names it for ever."""

    room: Identifier
    seq: Seq
    base: Count
    op: Body


class SetPresence(FromClient, frozen=True, tag="presence"):
    """Replaces what others see of this connection in the room. An older `counter` is ignored."""

    room: Identifier
    counter: Count
    state: Body


class Probe(FromClient, frozen=True, tag="time"):
    """Asks for the server's time; `t0` is the client's own, in µs, and comes back untouched."""

    t0: int


class Refresh(FromClient, frozen=True, tag="refresh"):
    """A new token of the same user, before the old one ends."""

    token: str


class PartFromClient(FromClient, frozen=True, tag="part"):
    """A piece of a frame that is larger than frames may be. Its pieces come in order, the last one marked;
    other messages may come between them, other parts not. In JSON `data` is base64 (RFC 4648)."""

    data: bytes
    last: bool = False


# -- from the server ------------------------------------------------------------------------------------


class FromServer(Struct, frozen=True, omit_defaults=True, tag_field="type"):
    """Root of what the server may send."""


class Welcome(FromServer, frozen=True, tag="welcome"):
    """The session stands. `limits` are numbers by name; times in ms, `time_us` in µs."""

    user: str
    name: str
    connection: str
    limits: dict[str, int]
    heartbeat_ms: int
    time_us: int
    retry_base_ms: int
    retry_cap_ms: int
    token_expires_ms: int
    server: str = ""


class Opened(FromServer, frozen=True, tag="opened"):
    """The room is open at `version`. Either `ops` lead there from the version that the client has, or
    `snapshot` is the state; `reason` says why: `fresh`, `resumed`, `epoch`, `behind` or `gone`.

    `settled` is the outcome of this client id's last submission here, if there was one. `total` is how many
    connections are in the room if that is more than are named in `members`; else 0.
    """

    room: str
    kind: str
    epoch: str
    version: int
    role: str
    reason: str
    ops: tuple[Row, ...] = ()
    snapshot: Snapshot | None = None
    settled: Outcome | None = None
    members: tuple[Member, ...] = ()
    total: int = 0


class Ops(FromServer, frozen=True, tag="ops"):
    """Committed ops in version order, to everyone in the room; to its author an op here is its ack."""

    room: str
    ops: tuple[Row, ...]


class Ack(FromServer, frozen=True, tag="ack"):
    """Answers a resend, or a submission that changed nothing: it stands as of `version`."""

    room: str
    seq: int
    version: int


class Refused(FromServer, frozen=True, tag="refused"):
    """`seq` 0: the `open` was refused. Retryable: nothing changed, send the same bytes again after
    `retry_after_ms`. Otherwise the seq is consumed, except where the code is about the seq itself."""

    room: str
    seq: int
    code: str
    message: str
    retryable: bool = False
    retry_after_ms: int = 0


class Presence(FromServer, frozen=True, tag="presence"):
    """Who changed, and who left (member ids). In a room of more than a hundred, those who show nothing need
    not be named: then `total` is how many connections are there in all, to within a 20th; else it is 0."""

    room: str
    members: tuple[Member, ...] = ()
    left: tuple[str, ...] = ()
    total: int = 0


class RoleChanged(FromServer, frozen=True, tag="role"):
    """The user's role in the room from now on; empty: they are out, and the room is closed to them."""

    room: str
    role: str


class Digest(FromServer, frozen=True, tag="digest"):
    """The state at `version` has this digest; a client that differs opens the room anew without a version."""

    room: str
    version: int
    digest: str


class Time(FromServer, frozen=True, tag="time"):
    """µs of the server's clock: `t1` on receipt of the probe, `t2` just before this was written."""

    t0: int
    t1: int
    t2: int


class Drain(FromServer, frozen=True, tag="drain"):
    """This node is about to stop: connect elsewhere (or again) after `after_ms`, and keep what you have."""

    after_ms: int


class Goodbye(FromServer, frozen=True, tag="goodbye"):
    """Why the socket is about to be closed, and when to come back (0: at once; see the close code)."""

    code: str
    message: str
    retry_after_ms: int = 0


class RefreshSoon(FromServer, frozen=True, tag="refresh"):
    """The token ends in `within_ms`; send `refresh`."""

    within_ms: int


class PartFromServer(FromServer, frozen=True, tag="part"):
    """As `PartFromClient`."""

    data: bytes
    last: bool = False


ClientMessage = Hello | Open | Leave | Submit | SetPresence | Probe | Refresh | PartFromClient
ServerMessage = (
    Welcome
    | Opened
    | Ops
    | Ack
    | Refused
    | Presence
    | RoleChanged
    | Digest
    | Time
    | Drain
    | Goodbye
    | RefreshSoon
    | PartFromServer
)
