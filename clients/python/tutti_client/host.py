"""Between a client and what it has open.

A `Host` is the client, as a playlist or a Jam sees it; a `View` is a playlist or a Jam, as the client sees
it. Each knows of the other only what stands here.
"""

from typing import Any, Protocol

from tutti_client.errors import ClientError
from tutti_client.events import Event
from tutti_client.replica import Replica


class Host(Protocol):
    """What a view asks of the client it belongs to."""

    @property
    def failure(self) -> ClientError | None:
        """Why the connection is gone for good, if it is."""

    @property
    def is_connected(self) -> bool:
        """Whether the server is there just now."""

    def wake(self) -> None:
        """There is something to send."""

    def server_ms(self) -> int:
        """Estimated wall time of the server, ms; never ahead of it."""

    def room_ms(self) -> float:
        """The time in the rooms, ms: measured while a Jam is here, else as `server_ms`."""

    def forget(self, room: str, *, for_good: bool) -> None:
        """The view is closed; `for_good`: also what is kept of it goes."""


class View(Protocol):
    """What the client tells a view."""

    @property
    def replica(self) -> Replica[Any]:
        """What is behind it."""

    async def loaded(self) -> None:
        """Returns when there is something to read, up to date if the server is there. Raises ClientError."""

    async def saved(self) -> None:
        """Returns when all that was made here before is settled."""

    def receive(self, event: Event) -> None:
        """Something happened to the replica."""

    def receive_members(self) -> None:
        """Somebody came, went, or shows something else."""

    def sent(self) -> None:
        """Something may have been sent."""

    def fail(self) -> None:
        """The room, or the connection, is gone for good: everybody who waits learns why."""
