"""What a music player calls its context, in a Jam.

A player goes through a list and puts what somebody queued before it. In a Jam that list is the fallback: the
songs that play when people's are out. Here a list becomes a fallback that begins at one of its songs; whether
it is shuffled is read off its order, for the Jam keeps no such switch. Pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from collab.errors import Refusal
from collab.jam_ports import JamView
from collab.uris import same_track
from jam import commands as c
from jam.lineup import Lineup
from jam.recordings import recording
from jam.rules import By
from jam.state import Entry, Jam
from jam.step import step
from jam.turns import takes_turn

Song = Mapping[str, Any]

# Of two songs every second seed leaves the order as it is; of so many draws one changes it.
SEEDS: Final = 16


def waiting(jam: Jam) -> list[Entry]:
    """The songs of the context that are to come and that nothing has put elsewhere, in their order."""
    found = [
        entry
        for entry in jam.entries.values()
        if not takes_turn(entry) and not entry.pin and entry.id not in (jam.timeline.entry, jam.next)
    ]
    return sorted(found, key=lambda entry: (entry.rank, entry.added_seq))


def is_shuffled(jam: Jam) -> bool:
    """Whether what is to come of the context stands in another order than that of its list."""
    numbers = [entry.added_seq for entry in waiting(jam)]
    return any(later < earlier for earlier, later in pairwise(numbers))


def shuffling(jam: Jam, user: str, seeds: Iterable[str]) -> c.Shuffle:
    """The command of somebody who steers, with the first of the seeds that changes the order."""
    lineup = Lineup(jam)
    command = c.Shuffle(seed="", reign=jam.reign)
    for seed in seeds:
        command = c.Shuffle(seed=seed, reign=jam.reign)
        decided = step(lineup, command, By(user, jam.at))
        if decided is not None and is_shuffled(decided.jam):
            break
    return command


def in_own_order(jam: Jam) -> c.Fallback:
    """The command that puts what is to come of the context back into the order of its list."""
    songs = sorted(waiting(jam), key=lambda entry: entry.added_seq)
    return c.Fallback(tracks=[("", entry.track) for entry in songs], reign=jam.reign)


def beginning_at(jam: Jam, songs: Sequence[Song], first: int) -> c.Fallback:
    """The command that makes a list the context, from one of its songs on. Those before it come last where
    all is repeated, and not at all elsewhere; of a list that is too long for the Jam, the end is left out."""
    chosen = [*songs[first:], *(songs[:first] if jam.settings.repeat == "all" else ())]
    # What people want of the old context stays, and counts.
    stays = sum(entry.fallback for entry in jam.entries.values()) - len(waiting(jam))
    room = max(1, jam.settings.limits.fallback - stays)
    return c.Fallback(tracks=[("", dict(song)) for song in chosen[:room]], reign=jam.reign)


def index_of(songs: Sequence[Song], at: int | str) -> int:
    """Where a list is to begin: a position, or the first song of a URI. Raises Refusal `bad_request`."""
    if isinstance(at, str):
        found = (n for n, song in enumerate(songs) if same_track(at, str(song["track"])))
        at = next(found, len(songs))
    if at >= len(songs):
        raise Refusal("bad_request", "The list has no song at this `offset`.")
    return at


def entry_of(view: JamView, song: Song) -> str | None:
    """The entry that is this song: by its URI, else by its recording; None if it is not in the queue."""
    entries, uri = view.jam.entries, str(song["track"])
    by_uri = (id for id in view.order if same_track(uri, str(entries[id].track["track"])))
    by_recording = (id for id in view.order if recording(entries[id].track) == recording(song))
    return next(by_uri, None) or next(by_recording, None)


def described(jam: Jam, uri: str) -> Song | None:
    """What the Jam knows of a track already: from its queue, or from what it played."""
    known = (*jam.entries.values(), *(played.listed for played in reversed(jam.played)))
    return next((entry.track for entry in known if same_track(uri, str(entry.track["track"]))), None)
