"""What an event makes of a Jam.

The same pure fold on every node and every client. It decides nothing: an event says all that it needs.
"""

from msgspec.structs import replace

from jam import adding, chat, doors, hosting, ordering, people, playback, presence, skipping, voting
from jam.events import Event
from jam.rules import Step
from jam.state import Jam

STEPS: dict[type[Event], Step] = {
    **adding.STEPS,
    **voting.STEPS,
    **ordering.STEPS,
    **playback.STEPS,
    **skipping.STEPS,
    **people.STEPS,
    **doors.STEPS,
    **hosting.STEPS,
    **presence.STEPS,
    **chat.STEPS,
}


def reduce(jam: Jam, event: Event) -> Jam:
    """The Jam after `event`."""
    return STEPS[type(event)](replace(jam, at=event.at), event)
