"""Whose turn it is, in mode `fair`.

Start-time fair queueing (Goyal, Vin, Cheng 1996) with songs of equal length: V is the round of what plays,
F[p] the last round that p was served, plus one. p's waiting entries get max(V, F[p]) + 0, 1, 2, …, so two
hundred songs of one person get the same share as five of another, and a newcomer gets one early turn, not a
run. F holds only those above V; everybody else is where V is.

Taking a song never reorders the rest. For that, two things beyond the textbook: within one person's songs
those that stand above all votes (locked, pinned) come first, as they will be taken first; and a song that is
taken out of turn raises V no further than the rounds that wait.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from msgspec.structs import replace

from jam.state import Entry, Jam

OwnKey: TypeAlias = tuple[bool, bool, int, int, int, str]


def takes_turn(entry: Entry) -> bool:
    """Whether it counts as somebody's song; what nobody wanted of the fallback does not."""
    return not entry.fallback or entry.score > 0


def rounds(jam: Jam, own: Mapping[str, Sequence[OwnKey]]) -> dict[str, int]:
    """The round of each entry that waits and takes a turn, by id, whatever the mode; `own` are the Jam's
    `own_keys`."""
    return {
        key[-1]: turn for person, keys in own.items() for turn, key in enumerate(keys, start_of(jam, person))
    }


def own_keys(jam: Jam) -> dict[str, list[OwnKey]]:
    """The entries that wait and take a turn by who added them, in the order in which theirs will be taken."""
    waiting: dict[str, list[OwnKey]] = {}
    for entry in jam.entries.values():
        if takes_turn(entry) and entry.id != jam.timeline.entry:
            waiting.setdefault(entry.added_by, []).append(own_key(jam, entry))
    for keys in waiting.values():
        keys.sort()
    return waiting


def own_key(jam: Jam, entry: Entry) -> OwnKey:
    """What the entries of one person are sorted by among themselves."""
    return (entry.id != jam.next, entry.pin == 0, entry.pin, -entry.score, entry.added_seq, entry.id)


def start_of(jam: Jam, person: str) -> int:
    """The round of a person's next song."""
    return max(jam.round, jam.served.get(person, 0))


def served(jam: Jam, entry: Entry) -> Jam:
    """`entry` begins to play: it is its adder's turn. What played before it is out of the queue by now, or
    waits in it again."""
    if jam.settings.mode != "fair":
        # Turns count from the moment somebody wants them to.
        return replace(jam, round=0, served={}, served_before=0)
    before = jam.served.get(entry.added_by, 0)
    if not takes_turn(entry):
        return replace(jam, served_before=before)
    turn = max(jam.round, before)
    now = {**jam.served, entry.added_by: turn + 1}
    people = {other.added_by for other in jam.entries.values() if takes_turn(other)}
    at = min(turn, *(max(jam.round, now.get(person, 0)) for person in people))
    return replace(
        jam,
        round=at,
        served={person: turn for person, turn in now.items() if turn > at},
        served_before=before,
    )


def repeated(jam: Jam, entry: Entry) -> Jam:
    """`entry` begins to play once more, which is nobody's turn: it had its own."""
    return replace(jam, served_before=jam.served.get(entry.added_by, 0))


def unserved(jam: Jam, entry: Entry) -> Jam:
    """What plays cannot be played, or not now: its adder loses no turn by it."""
    now = {person: turn for person, turn in jam.served.items() if person != entry.added_by}
    if jam.served_before > jam.round:
        now[entry.added_by] = jam.served_before
    return replace(jam, served=now)
