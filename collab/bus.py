"""What nodes tell each other.

A bus carries hints: "this document moved". It may lose, repeat and reorder anything; truth is in the store,
and every node compares the heads of its rooms with it at least every second. So losing the bus costs time,
never an edit. It also carries who is in a room, which is nowhere else: losing the bus, nodes lose sight of
each other's people. Hints go first.
"""

from collections.abc import Callable
from typing import Protocol

from collab.effects import Publish
from collab.presence_report import Report

# A hint; None: something was said that cannot be read, so look for yourself.
Listener = Callable[[Publish | None], None]


class Neighbour(Protocol):
    """A room on this node, towards the same room on other nodes."""

    def hear(self, node: str, report: Report) -> None:
        """Another node reports. `node` is another one after that node was started anew."""

    def next_report(self) -> Report | None:
        """What other nodes are to be told now; None: nothing more."""

    def bus_is_back(self) -> None:
        """Reports have been lost, in either direction."""


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

    @property
    def is_heard(self) -> bool:
        """Whether this node would hear other nodes now, as far as it knows."""

    def attend(self, document: str, neighbour: Neighbour | None) -> None:
        """The room that hears reports of a document while it is subscribed, and makes them; None: no longer.
        One a document."""

    def has_news(self, document: str) -> None:
        """The document's neighbour is soon asked for reports, until it has no more. Nothing is promised."""

    def bid_farewell(self, report: Report) -> None:
        """The last report of a room that ends. Nothing is promised."""

    async def close(self) -> None:
        """What was published before leaves, if that is soon done."""
