"""Playlists as letters, for tests and for the examples of `docs/OT.md`.

`abcdefgh` is a playlist of eight entries; an entry whose note was set to 2 reads `c(2)`. An op is written by
what it does to the letters: `move("bcd", before="a")`.
"""

from ot.apply import apply
from ot.build import insert_at, move_range, remove_range, set_field
from ot.document import Document
from ot.op import Op
from ot.transform import transform

LETTERS = "abcdefgh"


def letters(text: str = LETTERS) -> Document:
    """A playlist whose uids are the letters of `text`."""
    return Document([{"uid": letter} for letter in text], {})


def text(document: Document) -> str:
    """The playlist as letters."""
    return "".join(
        f"{entry['uid']}({entry['note']})" if "note" in entry else str(entry["uid"])
        for entry in document.entries
    )


def insert(new: str, before: str = "", on: str = LETTERS) -> Op:
    """Inserts an entry for each letter of `new`; at the end without a place."""
    return insert_at(len(on), _place(before, on), [{"uid": letter} for letter in new])


def remove(block: str, on: str = LETTERS) -> Op:
    """Removes letters that stand side by side."""
    return remove_range(len(on), on.index(block), len(block))


def move(block: str, before: str = "", on: str = LETTERS) -> Op:
    """Moves letters that stand side by side; to the end without a place."""
    return move_range(len(on), on.index(block), len(block), _place(before, on))


def edit(letter: str, value: str | int, field: str = "note", on: str = LETTERS) -> Op:
    """Sets a member of one entry."""
    return set_field(len(on), on.index(letter), field, value)


def do(op: Op, on: str = LETTERS) -> str:
    """What an op makes of the letters."""
    return text(apply(letters(on), op))


def meet(first: Op, second: Op, on: str = LETTERS) -> str:
    """What two concurrent ops make of the letters, the first having been committed earlier; reached both
    ways round the diamond."""
    return text(both_ways(letters(on), first, second))


def both_ways(document: Document, first: Op, second: Op) -> Document:
    """The document after both, by either way."""
    one = apply(apply(document, first), transform(second, first, "right"))
    other = apply(apply(document, second), transform(first, second, "left"))
    assert one == other, "the diamond is open"
    return one


def _place(before: str, on: str) -> int:
    return on.index(before) if before else len(on)
