"""What somebody asks a room to commit.

One submission as it waits: from whom, under which name it counts, written against what, and what it wants.
Knows how a message becomes one. Does not know what becomes of it: the batch decides that.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Any

import msgspec

from collab.errors import Refusal
from collab.kind import Kind, Submitted
from collab.load import Load
from collab.messages import Body, Submit
from collab.seating import Seat
from collab.songs import Songs

_CANONICAL = msgspec.msgpack.Encoder(order="deterministic")


@dataclass(slots=True)
class Submission:
    """Decoded. `change` is the refusal itself where the content is no change.

    An empty `body_hash` belongs to a seq that the room settles by itself (its base is gone), whose body it
    never saw. `is_vouched`: the server asks for this user, whatever their role. `has_asked`: the store was
    asked for news since it came, because it knew of more than the room did.
    """

    connection: str
    user: str
    client: str
    seq: int
    base: int
    change: Submitted | Refusal
    body_hash: bytes
    name: str = ""
    is_vouched: bool = False
    rounds: int = 0
    # Whether it was in a batch whose outcome nobody knew, or that lost.
    was_tried: bool = False
    has_asked: bool = False
    # What it weighs, for whoever counts: held with it, and let go with it.
    load: Load | None = None
    # Ids of tracks that must be looked up before it is decided, and what the catalogue said of them.
    tracks: frozenset[str] = frozenset()
    songs: Songs = field(default_factory=dict)


def received(kind: Kind[Any], seat: Seat, request: Submit, load: Load | None = None) -> Submission:
    """What came from a seat."""
    change: Any
    tracks: frozenset[str] = frozenset()
    try:
        change = kind.decode(request.op)
        body = kind.encode(change)
        tracks = kind.tracks(change)
    except Refusal as refusal:
        change, body = refusal.bare(), request.op
    return Submission(
        seat.connection,
        seat.user,
        seat.client,
        request.seq,
        request.base,
        change,
        body_hash(request.base, body),
        seat.name,
        seat.is_vouched,
        load=load,
        tracks=tracks,
    )


def gone(seat: Seat, seq: int) -> Submission:
    """What was sent and can never be rebased any more: it is refused for ever."""
    return Submission(seat.connection, seat.user, seat.client, seq, 0, Refusal("base_gone"), b"")


def body_hash(base: int, body: Body) -> bytes:
    """Identity of a submission's content: SHA-256 of its canonical (base, op)."""
    return hashlib.sha256(_CANONICAL.encode((base, body))).digest()
