"""What a kind of document must be able to do.

A room keeps versions, acks, dedupe, roles and catching up for any document; everything about its content
is asked of its kind. A kind is pure: its state changes only through `Draft`, which belongs to one batch
and is absorbed when the batch is committed, or thrown away when someone else was faster.

What is submitted becomes what is committed in one of two ways. A kind with an `Algebra` (the playlist)
rewrites a change over those that were faster and commits it as it then reads; neighbours in its history can
be composed. A kind without one (the Jam) takes commands: each is decided on the newest state, whatever it
was written against, and becomes an event.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, TypeVar

from collab.ids import ROOM_CLIENT, is_server_client
from collab.messages import Body
from collab.songs import Songs

# What is committed: an op, an event.
Change = TypeVar("Change")

# What `Kind.decode` returned or `State.proposals` asks for: an op, a command. Only its kind looks inside.
Submitted: TypeAlias = Any

# User id to role.
Roles: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Scene:
    """What one node sees of the people in a room; another node sees others. Times are those of `now_ms`.

    `here`: users with a connection on this node, and since when. `elsewhere`: users of whose connections
    other nodes told, as far as they are heard, with their number. `left_ms`: when somebody's last one of
    either kind ended, until they are back. `loaded_ms`: since when this node has watched. `shown`: the newest
    presence state of each user who is here or elsewhere. The mappings are alive: look now, keep nothing.
    """

    here: Mapping[str, int] = field(default_factory=dict)
    left_ms: Mapping[str, int] = field(default_factory=dict)
    loaded_ms: int = 0
    shown: Mapping[str, Body] = field(default_factory=dict)
    elsewhere: Mapping[str, int] = field(default_factory=dict)


NOBODY = Scene()


@dataclass(frozen=True, slots=True)
class Author:
    """Who submits, from which client, at what wall time (ms), under which name, and who is there then."""

    user: str
    client: str
    now_ms: int
    name: str = ""
    scene: Scene = NOBODY
    # Of the tracks that `Kind.tracks` named, those that there are.
    songs: Songs = field(default_factory=dict)

    @property
    def is_server(self) -> bool:
        """Whether the server made the change, for this user (a restore, a join) or by itself."""
        return is_server_client(self.client)

    @property
    def is_room(self) -> bool:
        """Whether the room made the change, for nobody: one of `State.proposals`."""
        return self.client == ROOM_CLIENT


class Draft(Protocol[Change]):
    """The state as it will be when the batch is committed."""

    def accept(self, change: Submitted, author: Author) -> Change | None:
        """Decides what was submitted (with an algebra: rebased onto this draft already), applies what it
        becomes and returns that; None if it changes nothing. Raises Refusal; then the draft is as before."""

    def apply(self, change: Change) -> None:
        """Applies what is committed already, unchecked."""

    def replay(self, change: Change, author: Author) -> None:
        """As `apply`, for an audit. Raises Refusal if this cannot have been committed here, as far as the
        change itself can show; then the draft is as before."""

    def roles(self) -> Roles | None:
        """As `State.roles`, with the batch's changes."""


class State(Protocol[Change]):
    """The committed state of one document."""

    def draft(self) -> Draft[Change]: ...

    def absorb(self, draft: Any) -> None:
        """The draft's changes are committed: make them the state."""

    def view(self) -> Body:
        """The state as a client gets it."""

    def dump(self) -> Body:
        """The state as it is stored: the view and what only the server needs. `Kind.load` reads it."""

    def digest(self) -> str: ...

    def roles(self) -> Roles | None:
        """The members, if the state holds them; None: the store's table decides. Whoever asks compares by
        identity: the same object while nobody's role changed, another one when somebody's did."""

    def proposals(self, scene: Scene, now_ms: int) -> tuple[Sequence[Submitted], int | None]:
        """What time and presence want done now, and when to ask again if nothing else happens (ms; None: not
        for time's sake). Asked of kinds that propose, also whenever the state or the scene changed. What is
        wanted is decided as any submission, on any node, so it may be refused or change nothing by then."""

    @property
    def at_ms(self) -> int:
        """The newest time in the state, so what has been (ms); 0 if time means nothing to it."""

    @property
    def lives(self) -> bool:
        """Whether the room stays loaded while nobody is in it, as long as `proposals` names a time."""


class Algebra(Protocol[Change]):
    """How changes meet that did not know of each other."""

    def rebase(self, change: Change, over: Change) -> Change:
        """The later `change`, rewritten over `over`, which was committed first."""

    def rebaser(self, over: Change) -> Callable[[Change], Change]:
        """`rebase` over one and the same change, which many will meet: it may be prepared for that."""

    def compose(self, first: Change, second: Change) -> Change: ...


class Kind(Protocol[Change]):
    """One kind of document. `proposes`: whether `State.proposals` is ever to be asked."""

    name: str
    proposes: bool

    @property
    def algebra(self) -> Algebra[Change] | None:
        """None: what is submitted is decided anew on the newest state, and nothing is ever composed."""

    def load(self, snapshot: Body) -> State[Change]: ...

    def decode(self, body: Body) -> Submitted:
        """What a client submitted. Raises Refusal."""

    def tracks(self, change: Submitted) -> frozenset[str]:
        """Ids of the catalogue's tracks that must be looked up before this can be decided; of no kind, if
        nobody keeps a catalogue. `Author.songs` is the answer."""

    def read(self, body: Body) -> Change:
        """What was committed. Raises Refusal if it never can have been."""

    def encode(self, change: Submitted | Change) -> Body:
        """The canonical form of what `decode` or `read` returned, as it travels and is stored."""
