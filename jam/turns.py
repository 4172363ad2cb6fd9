"""Whose turn it is, in mode `fair`.

Start-time fair queueing (Goyal, Vin, Cheng 1996) with songs of equal length: V is the round of what plays,
F[p] the last round that p was served, plus one. p's waiting entries get max(V, F[p]) + 0, 1, 2, …, so two
hundred songs of one person get the same share as five of another, and a newcomer gets one early turn, not a
run. F holds only those above V; everybody else is where V is.

Taking a song never reorders the rest. For that, two things beyond the textbook: within one person's songs
those that stand above all votes (locked, pinned) come first, as they will be taken first; and a song that is
taken out of turn raises V no further than the rounds that wait.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from jam.state import Entry, Jam


def takes_turn(entry: Entry) -> bool:
    """Whether it counts as somebody's song; what nobody wanted of the fallback does not."""
    return not entry.fallback or entry.score > 0


def rounds(jam: Jam) -> dict[str, int]:
    """The round of each entry that waits and takes a turn, by id; whatever the mode."""
    waiting: dict[str, list[Entry]] = {}
    for entry in jam.entries.values():
        if takes_turn(entry) and entry.id != jam.timeline.entry:
            waiting.setdefault(entry.added_by, []).append(entry)
    found: dict[str, int] = {}
    for person, entries in waiting.items():
        found.update(rounds_of(jam, person, entries))
    return found


def rounds_of(jam: Jam, person: str, entries: Iterable[Entry]) -> Iterable[tuple[str, int]]:
    """Ids and rounds of all the entries of one person that wait and take a turn."""
    in_order = sorted(entries, key=lambda entry: _among_own(jam, entry))
    return ((entry.id, turn) for turn, entry in enumerate(in_order, start_of(jam, person)))


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
    others = {other.added_by for other in jam.entries.values() if other.id != entry.id and takes_turn(other)}
    at = min((max(jam.round, now.get(person, 0)) for person in others), default=turn)
    at = min(at, turn)
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


def _among_own(jam: Jam, entry: Entry) -> tuple[bool, bool, int, int, int]:
    return (entry.id != jam.next, entry.pin == 0, entry.pin, -entry.score, entry.added_seq)
