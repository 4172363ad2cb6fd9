"""The queue's order, kept from one event to the next.

`queue.order` says what the order is, and takes all entries to say it. A vote moves one of them, and in mode
`fair` some of the same person's: here only their keys are made anew and put where they belong. What touches
everybody's keys (another mode, and in mode `fair` the next song) has the order made from scratch. As
immutable as the Jam that it holds: a change that lost its race leaves no trace.
"""

import itertools
import sys
from bisect import bisect_left, insort
from collections.abc import Sequence
from operator import is_not, itemgetter

from jam.queue import PEOPLE, Key, key_of, keys
from jam.state import Entry, Jam
from jam.turns import OwnKey, own_key, own_keys, start_of, takes_turn

# Of so many entries one may move by itself; if more do, all are sorted, which the many that did not move
# make cheap.
_ENTRIES_PER_MOVE = 16

_id_of = itemgetter(-1)


class Lineup:
    """A Jam and its order."""

    __slots__ = ("_keys", "_own", "_places", "jam")

    def __init__(self, jam: Jam) -> None:
        self.jam = jam
        self._own = own_keys(jam) if jam.settings.mode == "fair" else {}
        self._keys = keys(jam, self._own)
        self._places = sorted(self._keys.values())

    @property
    def places(self) -> Sequence[Key]:
        """As `queue.places`: the keys of all entries, in order."""
        return self._places

    def order(self) -> list[str]:
        """As `queue.order`: the ids of all entries, what plays first."""
        return list(map(_id_of, self._places))

    def followed_by(self, jam: Jam) -> "Lineup":
        """The lineup of what one event has made of this Jam."""
        if _frame(jam) != _frame(self.jam):
            return Lineup(jam)
        after: Lineup = object.__new__(Lineup)
        after.jam, after._keys, after._places, after._own = jam, self._keys, self._places, self._own
        changed = _changed(self.jam.entries, jam.entries) | _renamed(self.jam, jam)
        if changed:
            after._place(after._rekey(self.jam, changed))
        return after

    def _rekey(self, before: Jam, changed: set[str]) -> list[tuple[Key | None, Key | None]]:
        """Makes the keys of what changed, and of those whose rounds that shifts. Returns the old and the new
        one of each that is another now; None where there is no entry."""
        jam = self.jam
        turns = self._shift(before, changed) if jam.settings.mode == "fair" else {}
        known = self._keys.copy()
        moved: list[tuple[Key | None, Key | None]] = []
        for id in changed:
            old, entry = known.pop(id, None), jam.entries.get(id)
            new = None if entry is None else key_of(jam, entry, turns.pop(id, 0))
            if new is not None:
                known[id] = new
            if old != new:
                moved.append((old, new))
        for id, turn in turns.items():
            old = known[id]
            if old[0] == PEOPLE and old[1] != turn:
                known[id] = new = (PEOPLE, turn, *old[2:])
                moved.append((old, new))
        self._keys = known
        return moved

    def _shift(self, before: Jam, changed: set[str]) -> dict[str, int]:
        """Puts what changed where it belongs among the songs of the same person. Returns the rounds, by id,
        of those and of all that they passed."""
        own = self._own = self._own.copy()
        # By person, the first and the last place that something passed.
        passed: dict[str, tuple[int, int]] = {}
        for id in changed:
            old, new = _own_place(before, id), _own_place(self.jam, id)
            stays = old is not None and new is not None and old[0] == new[0]
            for person, key in filter(None, (old, new)):
                if person not in passed:
                    own[person] = own.get(person, []).copy()
                songs = own[person]
                place = bisect_left(songs, key)
                if place < len(songs) and songs[place] == key:
                    del songs[place]
                else:
                    songs.insert(place, key)
                first, last = passed.get(person, (place, place))
                passed[person] = min(first, place), max(last, place if stays else sys.maxsize)
        turns: dict[str, int] = {}
        for person, (first, last) in passed.items():
            songs = own[person][first : last + 1]
            turns.update(zip(map(_id_of, songs), itertools.count(start_of(self.jam, person) + first)))
            if not own[person]:
                del own[person]
        return turns

    def _place(self, moved: list[tuple[Key | None, Key | None]]) -> None:
        """Puts keys where they belong."""
        if len(moved) * _ENTRIES_PER_MOVE > len(self._places):
            known = self._keys
            places = [known[id] for id in map(_id_of, self._places) if id in known]
            places.extend(new for old, new in moved if old is None and new is not None)
            places.sort()
        else:
            places = self._places.copy()
            for old, new in moved:
                if old is not None:
                    del places[bisect_left(places, old)]
                if new is not None:
                    insort(places, new)
        self._places = places


def _own_place(jam: Jam, entry_id: str) -> tuple[str, OwnKey] | None:
    """Among whose songs an entry takes turns, and where; None if it takes none."""
    entry = jam.entries.get(entry_id)
    if entry is None or not takes_turn(entry) or entry_id == jam.timeline.entry:
        return None
    return entry.added_by, own_key(jam, entry)


def _frame(jam: Jam) -> tuple[object, ...]:
    """What everybody's keys are made of, beside the entries."""
    if jam.settings.mode != "fair":
        return (jam.settings.mode,)
    return (jam.settings.mode, jam.timeline.entry, jam.round, jam.served)


def _renamed(before: Jam, after: Jam) -> set[str]:
    """The ids of what began or ceased to be what plays, or what is locked as next."""
    renamed: set[str] = set()
    if before.timeline.entry != after.timeline.entry:
        renamed |= {before.timeline.entry, after.timeline.entry}
    if before.next != after.next:
        renamed |= {before.next, after.next}
    return renamed


def _changed(before: dict[str, Entry], after: dict[str, Entry]) -> set[str]:
    """The ids of the entries that are others, new or gone, and perhaps of some that are not."""
    if before is after:
        return set()
    if len(before) == len(after):
        # Mostly the same ids in the same order; whatever does not stand where it stood is looked at.
        differs = list(map(is_not, before.values(), after.values()))
        return {*itertools.compress(before, differs), *itertools.compress(after, differs)}
    gone = before.keys() - after.keys()
    return gone.union(id for id, entry in after.items() if before.get(id) is not entry)
