"""Ops at random, with what they must do.

Each op is laid out item by item (which entries stay, go or are lifted, and what is put into each gap), so the
document after it is known before the algebra has seen it. Knows components. Does not know `apply`.
"""

from itertools import count

from ot.document import Document
from ot.fuzz.draws import Draws
from ot.op import Builder, Op
from ot.value import Edits, Entry, Value

# Few names and few values, so that two ops often mean the same member and the same value.
FIELDS = ("note", "title")
VALUES: tuple[Value, ...] = (1, True, "x")
ATTRIBUTES = ("name", "public")


class Uids:
    """Uids that never repeat: one source for all the ops of a test."""

    def __init__(self) -> None:
        self._numbers = count()

    def entry(self) -> Entry:
        return {"uid": f"u{next(self._numbers)}"}


def document(draws: Draws, uids: Uids, length: int) -> Document:
    return Document([_decorated(draws, uids.entry()) for _ in range(length)], {"name": "list"})


def op(draws: Draws, uids: Uids, before: Document) -> tuple[Op, Document]:
    """An op for `before`, and the document it leads to."""
    fates = _fates(draws, len(before.entries))
    edits = [_edits(draws) if fate in "kp" and draws.random() < 0.2 else {} for fate in fates]
    lifted = [index for index, fate in enumerate(fates) if fate == "p"]
    gaps: list[list[int | Entry]] = [[] for _ in range(len(fates) + 1)]
    for number in _shuffled(draws, len(lifted)):
        gap = draws.choice(gaps)
        gap.insert(draws.randint(0, len(gap)), number)
    for _ in range(draws.choice((0, 0, 1, 1, 2, 3))):
        gap = draws.choice(gaps)
        gap.insert(draws.randint(0, len(gap)), _decorated(draws, uids.entry()))

    builder = Builder()
    after: list[Entry] = []
    for index, gap in enumerate(gaps):
        for produced in gap:
            if isinstance(produced, int):
                builder.drop(produced, 1)
                after.append(with_edits(before.entries[lifted[produced]], edits[lifted[produced]]))
            else:
                builder.insert([produced])
                after.append(produced)
        if index == len(fates):
            break
        if fates[index] == "k":
            builder.keep(1, edits[index])
            after.append(with_edits(before.entries[index], edits[index]))
        elif fates[index] == "p":
            builder.pick(1, edits[index])
        else:
            builder.remove(1)
    attributes = _attributes(draws)
    return Op(builder.components(), attributes), Document(after, with_edits(before.attributes, attributes))


def with_edits(entry: Entry, edits: Edits) -> Entry:
    """The generator's own idea of an edit."""
    after = dict(entry)
    for name, value in edits.items():
        after[name] = value
    return {name: value for name, value in after.items() if value is not None}


def _fates(draws: Draws, length: int) -> list[str]:
    """k, r or p for each entry, in runs: real ops have runs, and their ends are where mistakes live."""
    weights = draws.choice(((8, 1, 1), (1, 1, 1), (2, 0, 3), (2, 3, 0), (1, 0, 0)))
    fates: list[str] = []
    while len(fates) < length:
        fates += draws.choices("krp", weights)[0] * draws.choice((1, 1, 2, 3))
    return fates[:length]


def _edits(draws: Draws) -> Edits:
    return {field: draws.choice((*VALUES, None)) for field in FIELDS if draws.random() < 0.6}


def _attributes(draws: Draws) -> dict[str, Value]:
    if draws.random() < 0.7:
        return {}
    return {name: draws.choice((*VALUES, None)) for name in ATTRIBUTES if draws.random() < 0.6}


def _decorated(draws: Draws, entry: Entry) -> Entry:
    if draws.random() < 0.3:
        entry[draws.choice(FIELDS)] = draws.choice(VALUES)
    return entry


def _shuffled(draws: Draws, n: int) -> list[int]:
    numbers = list(range(n))
    if draws.random() < 0.5:
        draws.shuffle(numbers)
    return numbers
