"""When a song will play: "in about 12 min".

What remains of the present song, and the lengths of those before it in the queue's order. A guess, as votes
change the order; whoever shows it rounds it.
"""

from jam.queue import order
from jam.state import Jam
from jam.timeline import duration_of, position_at

# What a song of unknown length is taken for: about the median of the popular ones.
ASSUMED_MS = 210_000


def estimates(jam: Jam, now_ms: int) -> dict[str, int]:
    """How long until each entry that waits begins, in ms, by id; as if what stands went on now. Empty while
    one song is repeated: then nothing else will play."""
    if jam.settings.repeat == "one" and jam.timeline.entry:
        return {}
    playing = jam.entries.get(jam.timeline.entry)
    waiting_ms = 0
    if playing is not None:
        duration_ms = duration_of(playing)
        heard_ms = position_at(jam, now_ms)
        waiting_ms = max(0, (ASSUMED_MS if duration_ms is None else duration_ms) - heard_ms)
    found: dict[str, int] = {}
    for id in order(jam):
        if id != jam.timeline.entry:
            found[id] = waiting_ms
            waiting_ms += duration_of(jam.entries[id]) or ASSUMED_MS
    return found
