"""What a kind of document must be able to do.

A room keeps versions, acks, dedupe, roles and catching up for any document; everything about its content
is asked of its kind. A kind is pure: its state changes only through `Draft`, which belongs to one batch
and is absorbed when the batch is committed, or thrown away when someone else was faster.
"""

from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from collab.ids import is_server_client
from collab.messages import Body

Change = TypeVar("Change")
Change_contra = TypeVar("Change_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class Author:
    """Who submits, from which client, at what wall time (ms)."""

    user: str
    client: str
    now_ms: int

    @property
    def is_server(self) -> bool:
        """Whether the server made the op for this user (a restore): it may bring back what stood before."""
        return is_server_client(self.client)


class Draft(Protocol[Change_contra]):
    """The state as it will be when the batch is committed."""

    def accept(self, change: Change_contra, author: Author) -> None:
        """Checks a change that is already rebased onto this draft, and applies it. Raises Refusal; then
        the draft is as before."""

    def apply(self, change: Change_contra) -> None:
        """Applies what is committed already, unchecked."""


class State(Protocol[Change_contra]):
    """The committed state of one document."""

    def draft(self) -> Draft[Change_contra]: ...

    def absorb(self, draft: Any) -> None:
        """The draft's changes are committed: make them the state."""

    def view(self) -> Body:
        """The state as a client gets it."""

    def dump(self) -> Body:
        """The state as it is stored: the view and what only the server needs. `Kind.load` reads it."""

    def digest(self) -> str: ...


class Kind(Protocol[Change]):
    """One kind of document."""

    name: str

    def load(self, snapshot: Body) -> State[Change]: ...

    def decode(self, body: Body) -> Change:
        """What a client submitted, in canonical form. Raises Refusal."""

    def encode(self, change: Change) -> Body: ...

    def changes_nothing(self, change: Change) -> bool: ...

    def rebase(self, change: Change, over: Change) -> Change:
        """The later `change`, rewritten over `over`, which was committed first."""

    def compose(self, first: Change, second: Change) -> Change: ...
