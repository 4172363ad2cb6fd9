"""What nodes tell each other.

A bus carries hints: "this document moved". It may lose, repeat and reorder anything; truth is in the store,
and every node compares the heads of its rooms with it at least every second. So losing the bus costs time,
never an edit.
"""

from collections.abc import Callable
from typing import Protocol

from collab.effects import Publish

# A hint; None: something was said that cannot be read, so look for yourself.
Listener = Callable[[Publish | None], None]


class Bus(Protocol):
    """One node's end of the bus. Nothing here fails: while the bus is away, hints are lost."""

    def watch(self, missed: Callable[[], None]) -> None:
        """`missed` is called whenever hints may have been lost, so that the rooms are compared with the store
        at once."""

    async def subscribe(self, document: str, listener: Listener) -> None:
        """`listener` hears of a document from now on, perhaps also of what this node publishes. One a
        document. Does not wait for a bus that is away; the document is heard of once it is back."""

    async def unsubscribe(self, document: str) -> None: ...

    def publish(self, hint: Publish) -> None:
        """Sends without waiting; nothing is promised."""

    async def close(self) -> None: ...
