"""One step of a Jam: a command in, its event and the Jam after it out.

Here the order's digest comes into the event, and is compared when an event comes from somewhere else.
"""

import dataclasses

from msgspec.structs import replace

from jam.commands import Command
from jam.decide import decide
from jam.digest import order_digest
from jam.events import Event
from jam.lineup import Lineup
from jam.reduce import reduce
from jam.rules import By
from jam.state import Jam


@dataclasses.dataclass(frozen=True, slots=True)
class Decided:
    """What is committed, and what it makes of the Jam and its order."""

    event: Event
    lineup: Lineup

    @property
    def jam(self) -> Jam:
        return self.lineup.jam


class OrderDiffers(Exception):
    """The event was decided over another order of the queue: fetch a snapshot."""


def step(lineup: Lineup, command: Command, by: By) -> Decided | None:
    """None: nothing changes. Raises JamRefusal. `Lineup(jam)` is the lineup to begin with."""
    event = decide(lineup.jam, command, dataclasses.replace(by, lineup=lineup))
    if event is None:
        return None
    after = lineup.followed_by(reduce(lineup.jam, event))
    return Decided(replace(event, order=order_digest(after.order())), after)


def follow(lineup: Lineup, event: Event) -> Lineup:
    """The lineup after a committed event. Raises OrderDiffers."""
    after = lineup.followed_by(reduce(lineup.jam, event))
    if order_digest(after.order()) != event.order:
        raise OrderDiffers(event.order)
    return after
