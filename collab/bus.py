"""What nodes tell each other.

A bus carries hints: "this document moved". It may lose, repeat and reorder anything; truth is in the store,
and every node compares the heads of its rooms with it at least every second. So losing the bus costs time,
never an edit.
"""

from collections.abc import Callable
from typing import Protocol

from collab.effects import Publish

Listener = Callable[[Publish], None]


class Bus(Protocol):
    """One node's end of the bus."""

    async def subscribe(self, document: str, listener: Listener) -> None:
        """`listener` hears of a document from now on, also of what this node publishes. One a document."""

    async def unsubscribe(self, document: str) -> None: ...

    def publish(self, hint: Publish) -> None:
        """Sends without waiting; nothing is promised."""

    async def close(self) -> None: ...
