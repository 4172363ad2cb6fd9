"""Ops at random, with what they must do.

Each op is laid out item by item (which entries stay, go or are lifted, and what is put into each gap), so the
document after it is known before the algebra has seen it. Knows components. Does not know `apply`, nor where
randomness comes from: a `Random` is handed in, Hypothesis's or a seeded one.
"""

from itertools import count
from random import Random

from ot.document import Document
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


def document(random: Random, uids: Uids, length: int) -> Document:
    return Document([_decorated(random, uids.entry()) for _ in range(length)], {"name": "list"})


def op(random: Random, uids: Uids, before: Document) -> tuple[Op, Document]:
    """An op for `before`, and the document it leads to."""
    fates = _fates(random, len(before.entries))
    edits = [_edits(random) if fate in "kp" and random.random() < 0.2 else {} for fate in fates]
    lifted = [index for index, fate in enumerate(fates) if fate == "p"]
    gaps: list[list[int | Entry]] = [[] for _ in range(len(fates) + 1)]
    for number in _shuffled(random, len(lifted)):
        gap = random.choice(gaps)
        gap.insert(random.randint(0, len(gap)), number)
    for _ in range(random.choice((0, 0, 1, 1, 2, 3))):
        gap = random.choice(gaps)
        gap.insert(random.randint(0, len(gap)), _decorated(random, uids.entry()))

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
    attributes = _attributes(random)
    return Op(builder.components(), attributes), Document(after, with_edits(before.attributes, attributes))


def with_edits(entry: Entry, edits: Edits) -> Entry:
    """The generator's own idea of an edit."""
    after = dict(entry)
    for name, value in edits.items():
        after[name] = value
    return {name: value for name, value in after.items() if value is not None}


def _fates(random: Random, length: int) -> list[str]:
    """k, r or p for each entry, in runs: real ops have runs, and their ends are where mistakes live."""
    weights = random.choice(((8, 1, 1), (1, 1, 1), (2, 0, 3), (2, 3, 0), (1, 0, 0)))
    fates: list[str] = []
    while len(fates) < length:
        fates += random.choices("krp", weights)[0] * random.choice((1, 1, 2, 3))
    return fates[:length]


def _edits(random: Random) -> Edits:
    return {field: random.choice((*VALUES, None)) for field in FIELDS if random.random() < 0.6}


def _attributes(random: Random) -> dict[str, Value]:
    if random.random() < 0.7:
        return {}
    return {name: random.choice((*VALUES, None)) for name in ATTRIBUTES if random.random() < 0.6}


def _decorated(random: Random, entry: Entry) -> Entry:
    if random.random() < 0.3:
        entry[random.choice(FIELDS)] = random.choice(VALUES)
    return entry


def _shuffled(random: Random, n: int) -> list[int]:
    numbers = list(range(n))
    if random.random() < 0.5:
        random.shuffle(numbers)
    return numbers
