"""In which order the songs come.

One key decides, (class, round, −score, added_seq), of integers and, should all of these be equal, the id's
bytes: so every node and every client sorts alike, whatever reached it when. `order` is the definition;
`lineup` keeps the same order from one event to the next for less.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import islice, takewhile
from operator import itemgetter
from typing import Final, TypeAlias

from jam.state import Entry, Jam
from jam.turns import OwnKey, own_keys, rounds, takes_turn

PLAYING: Final = 0
NEXT: Final = 1
PINNED: Final = 2
PEOPLE: Final = 3
FALLBACK: Final = 4

Key: TypeAlias = tuple[int, int, int, int, str]
# All of a key that votes and turns decide: without age and name.
_merit = itemgetter(slice(3))


def order(jam: Jam) -> list[str]:
    """The ids of all entries, what plays first."""
    return [key[-1] for key in places(jam)]


def places(jam: Jam) -> list[Key]:
    """The keys of all entries, in order."""
    return sorted(keys(jam).values())


def keys(jam: Jam, own: Mapping[str, Sequence[OwnKey]] | None = None) -> dict[str, Key]:
    """What entries are sorted by, by id. Whoever has the Jam's `own_keys` at hand saves making them."""
    turns: dict[str, int] = {}
    if jam.settings.mode == "fair":
        turns = rounds(jam, own_keys(jam) if own is None else own)
    return {id: key_of(jam, entry, turns.get(id, 0)) for id, entry in jam.entries.items()}


def key_of(jam: Jam, entry: Entry, turn: int) -> Key:
    """The key of one entry; `turn` is its round in mode `fair`, else 0."""
    id = entry.id
    if id == jam.timeline.entry:
        return (PLAYING, 0, 0, 0, id)
    if id == jam.next:
        return (NEXT, 0, 0, 0, id)
    if entry.pin:
        return (PINNED, entry.pin, 0, entry.added_seq, id)
    if is_by_hand(jam):
        # What a vote lifted out of the fallback comes behind people's own songs: it was there before them.
        if takes_turn(entry):
            return (PEOPLE, int(entry.fallback), 0, entry.rank, id)
        return (FALLBACK, 0, 0, entry.rank, id)
    if takes_turn(entry):
        return (PEOPLE, turn, -entry.score, entry.added_seq, id)
    return (FALLBACK, 0, -entry.score, entry.rank, id)


def is_by_hand(jam: Jam) -> bool:
    """Whether people put the queue in order, and votes only say what they like."""
    return jam.settings.mode in ("queue", "host")


def peers(jam: Jam, places: Sequence[Key], own: Key) -> list[str]:
    """The entries that no vote and no turn tells from the one with the key `own`, in their order, itself
    among them; no other where hands or pins have put it. `places` are the keys of this Jam's order."""
    if is_by_hand(jam) or own[0] not in (PEOPLE, FALLBACK):
        return [own[-1]]
    merit = _merit(own)
    first = bisect_left(places, merit, key=_merit)
    return [key[-1] for key in takewhile(lambda key: _merit(key) == merit, islice(places, first, None))]
