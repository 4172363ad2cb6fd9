"""What an event makes of a Jam.

The same pure fold on every node and every client. It decides nothing: an event says all that it needs. Here
also: who does something is active.
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


# So exactly is it noted when somebody did something last; not with every vote.
ACTIVE_EVERY_MS = 10_000


def reduce(jam: Jam, event: Event) -> Jam:
    """The Jam after `event`."""
    jam = STEPS[type(event)](replace(jam, at=event.at), event)
    member = jam.members.get(event.by)
    if member is None or event.at - member.active_at < ACTIVE_EVERY_MS:
        return jam
    return replace(jam, members={**jam.members, event.by: replace(member, active_at=event.at)})
