"""Who listens to a room.

A room's edge tells things to listeners without knowing what they are: a connection with a socket, or a
request over HTTP that submits one op and waits for its outcome.
"""

from collections.abc import Sequence
from typing import Protocol

from collab.closing import CloseCode
from collab.messages import ServerMessage


class Listener(Protocol):
    """Called from the event loop; must not block and must not call back into the room at once."""

    id: str

    def tell(self, message: ServerMessage) -> None:
        """A message for this listener alone."""

    def evicted(self, document: str) -> None:
        """The room closed itself to this listener's user; nothing more will come from it."""

    def failed(self, document: str) -> None:
        """The room broke; the listener must open it anew."""


class Observer(Listener, Protocol):
    """A listener inside the server: it takes broadcasts as messages."""

    def overhear(self, messages: Sequence[ServerMessage]) -> None: ...


class Session(Protocol):
    """Whose token it is that lets somebody listen."""

    @property
    def user(self) -> str: ...


class Closable(Protocol):
    """Somebody outside who listens."""

    address: str

    @property
    def session(self) -> Session: ...

    def close(self, close_code: CloseCode, code: str, message: str, retry_after_ms: int = 0) -> None:
        """Nothing more will come."""


class Reading(Observer, Closable, Protocol):
    """An observer for somebody outside who reads along over HTTP."""


def as_observer(listener: Listener) -> Observer:
    """A listener without a socket, as what it is."""
    assert hasattr(listener, "overhear"), "only connections and observers listen"
    return listener  # type: ignore[return-value]
