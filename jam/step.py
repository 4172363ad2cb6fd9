"""One step of a Jam: a command in, its event and the Jam after it out.

Here the order's digest comes into the event, and is compared when an event comes from somewhere else.
"""

from dataclasses import dataclass

from msgspec.structs import replace

from jam.commands import Command
from jam.decide import decide
from jam.digest import order_digest
from jam.events import Event
from jam.queue import order
from jam.reduce import reduce
from jam.rules import By
from jam.state import Jam


@dataclass(frozen=True, slots=True)
class Decided:
    """What is committed, and the Jam that it makes."""

    event: Event
    jam: Jam


class OrderDiffers(Exception):
    """The event was decided over another order of the queue: fetch a snapshot."""


def step(jam: Jam, command: Command, by: By) -> Decided | None:
    """None: nothing changes. Raises JamRefusal."""
    event = decide(jam, command, by)
    if event is None:
        return None
    after = reduce(jam, event)
    return Decided(replace(event, order=order_digest(order(after))), after)


def follow(jam: Jam, event: Event) -> Jam:
    """The Jam after a committed event. Raises OrderDiffers."""
    after = reduce(jam, event)
    if order_digest(order(after)) != event.order:
        raise OrderDiffers(event.order)
    return after
