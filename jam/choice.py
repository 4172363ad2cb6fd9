"""What plays next.

The locked one; else the first in the queue, and where the setting `smooth` leaves a choice among equals, the
one that follows most smoothly. The choice stands in the event, so it is made once.
"""

from jam.lineup import Lineup
from jam.queue import peers, places
from jam.smooth import features_of, smoothest
from jam.state import Jam


def next_entry(jam: Jam, lineup: Lineup | None = None) -> str | None:
    """The id of the entry to play after the present one; None if there is none. Whoever has the Jam's lineup
    at hand saves having the queue sorted."""
    if jam.next in jam.entries and jam.next != jam.timeline.entry:
        return jam.next
    keys = lineup.places if lineup is not None and lineup.jam is jam else places(jam)
    # What plays, if it is in the queue, has the first place.
    first = next((key for key in keys[:2] if key[-1] != jam.timeline.entry), None)
    if first is None:
        return None
    playing = jam.entries.get(jam.timeline.entry)
    if playing is None or not jam.settings.smooth:
        return first[-1]
    equals = peers(jam, keys, first)
    return equals[
        smoothest(features_of(playing.track), [features_of(jam.entries[id].track) for id in equals])
    ]
