"""From one song to the next.

However a play ends (it is over, skipped, cannot be played) one event says so and says what begins: so it
happens once, and two presses never skip two songs. Also here: what becomes of the song that is over, and
whose turn it was.
"""

from msgspec.structs import replace

from jam import events as e
from jam.choice import next_entry
from jam.recordings import recording
from jam.rules import By
from jam.state import Ending, Jam, Played, Skip, Timeline
from jam.sync import errors_us
from jam.timeline import LEAD_MAX_MS, ends_at, start_at
from jam.turns import repeated, served, unserved
from jam.voting import recounted

# Plays that are remembered: for `previous`, and so that nothing is heard again too soon.
PLAYED_MAX = 50


def advanced(jam: Jam, by: By, ending: Ending, entry: str | None = None) -> e.Advanced:
    """The present play ends; `entry` begins, or whatever is next."""
    chosen = entry or next_entry(jam, by.lineup) or ""
    return e.Advanced(
        at=by.at_ms,
        by=by.user,
        play=jam.timeline.play,
        ending=ending,
        entry=chosen,
        anchor_ms=start_at(by.scene, by.at_ms) if chosen else by.at_ms,
        errors_us=errors_us(by.scene),
    )


def finished(jam: Jam, by: By) -> e.Advanced:
    """The song is over. One that was locked as next, or the same again, begins without a gap at the moment
    when this one ended: everybody has fetched it and knows that moment."""
    over_at = ends_at(jam)
    is_repeated = jam.settings.repeat == "one" and jam.timeline.entry in jam.entries
    event = advanced(jam, by, "finished", jam.timeline.entry if is_repeated else None)
    is_ready = event.entry != "" and (is_repeated or event.entry == jam.next)
    if is_ready and over_at is not None and by.at_ms - over_at <= LEAD_MAX_MS:
        return replace(event, anchor_ms=over_at)
    return event


def previous(jam: Jam, by: By) -> e.Advanced:
    """The song that played before begins once more, and the present one comes after it."""
    listed = jam.played[-1].listed
    return replace(advanced(jam, by, "next", listed.id), again=True)


# -- what the event makes of it -------------------------------------------------------------------------


def advance(jam: Jam, event: e.Advanced) -> Jam:
    """The step of the event `Advanced`."""
    before = jam.timeline.entry
    if event.again:
        jam = _taken_back(jam)
    else:
        # What was locked stays so when the host plays another one first.
        jam = replace(_retired(jam, event), next="" if event.entry == jam.next else jam.next)
    if event.entry:
        entry = jam.entries[event.entry]
        is_repeated = event.again or event.entry == before
        jam = repeated(jam, entry) if is_repeated else served(jam, entry)
        # It has the place that it was pinned for.
        entries = {**jam.entries, entry.id: replace(entry, pin=0)} if entry.pin else jam.entries
        jam = replace(jam, entries=entries, plays=jam.plays + 1)
    timeline = Timeline(
        play=jam.plays if event.entry else jam.timeline.play,
        entry=event.entry,
        started_at=event.anchor_ms,
        position_ms=event.position_ms,
        anchor_ms=event.anchor_ms,
        paused=False,
        reign=jam.reign,
    )
    return replace(jam, skip=Skip(), timeline=timeline)


def _retired(jam: Jam, event: e.Advanced) -> Jam:
    """What played goes from the queue into the past."""
    timeline = jam.timeline
    entry = jam.entries.get(timeline.entry)
    if entry is None:
        return jam
    if event.ending == "failed":
        jam = unserved(jam, entry)
    song = recording(entry.track)
    played = Played(timeline.play, song, entry, timeline.started_at, event.at, event.ending)
    jam = replace(jam, played=(*jam.played, played)[-PLAYED_MAX:])
    if event.entry == entry.id:
        return jam  # the same once more
    entries = {id: other for id, other in jam.entries.items() if id != entry.id}
    is_full = sum(other.fallback for other in entries.values()) >= jam.settings.limits.fallback
    if jam.settings.repeat != "all" or event.ending == "failed" or is_full:
        return replace(jam, entries=entries)
    # Its turn comes again when all the others have had theirs.
    adds = jam.adds + 1
    entries[entry.id] = replace(entry, fallback=True, votes={}, score=0, pin=0, added_seq=adds, rank=adds)
    return replace(jam, entries=entries, adds=adds)


def _taken_back(jam: Jam) -> Jam:
    """The last song of the past stands in the queue again, and what plays now comes after it."""
    playing = jam.entries.get(jam.timeline.entry)
    if playing is not None:
        jam = unserved(jam, playing)
    listed = jam.played[-1].listed
    return replace(
        jam,
        entries={**jam.entries, listed.id: recounted(jam, listed)},
        played=jam.played[:-1],
        next=jam.timeline.entry,
    )
