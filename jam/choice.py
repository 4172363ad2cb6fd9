"""What plays next.

The locked one; else the first in the queue, and where the setting `smooth` leaves a choice among equals, the
one that follows most smoothly. The choice stands in the event, so it is made once.
"""

from jam.queue import order, peers
from jam.smooth import features_of, smoothest
from jam.state import Jam


def next_entry(jam: Jam) -> str | None:
    """The id of the entry to play after the present one; None if there is none."""
    if jam.next in jam.entries and jam.next != jam.timeline.entry:
        return jam.next
    first = next((entry for entry in order(jam) if entry != jam.timeline.entry), None)
    playing = jam.entries.get(jam.timeline.entry)
    if first is None or playing is None or not jam.settings.smooth:
        return first
    equals = peers(jam, first)
    return equals[
        smoothest(features_of(playing.track), [features_of(jam.entries[id].track) for id in equals])
    ]
