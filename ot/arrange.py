"""The whole list anew, as one op.

Sort, shuffle, reverse, deduplicate, replace all: what a person does with a playlist in one stroke, and what
others then meet. Each keeps the longest increasing run in place, so an edit made meanwhile on an entry that
need not move loses nothing. Knows how members are ordered and compared. Does not draw: randomness is handed
in.
"""

from collections.abc import Callable, Sequence

from ot.build import diff, permute
from ot.digest import canonical_json
from ot.document import Document
from ot.op import Builder, Op
from ot.value import Entry, Value


def sort_by(document: Document, key: Callable[[Entry], int | str], *, descending: bool = False) -> Op:
    """Sorts the entries by what `key` says of each; equal ones keep their order either way."""
    entries = document.entries
    return permute(sorted(range(len(entries)), key=lambda index: key(entries[index]), reverse=descending))


def sort_by_field(document: Document, field: str, *, descending: bool = False) -> Op:
    """Sorts the entries by a member that may be of any type; equal ones keep their order either way.

    Text is compared without regard to case, lists item by item. Of different types, booleans come before
    numbers, these before text, lists and maps. Entries without the member come last, also when descending.
    """
    entries = document.entries
    having = [index for index, entry in enumerate(entries) if field in entry]
    having.sort(key=lambda index: _rank(entries[index][field]), reverse=descending)
    return permute([*having, *(index for index, entry in enumerate(entries) if field not in entry)])


def shuffle(length: int, below: Callable[[int], int]) -> Op:
    """Puts the entries in an order at random. `below(n)` draws a number from 0 to n - 1, each as likely as
    any other: then so is each order (Fisher and Yates, as Durstenfeld wrote it down in 1964)."""
    order = list(range(length))
    for last in range(length - 1, 0, -1):
        other = below(last + 1)
        order[last], order[other] = order[other], order[last]
    return permute(order)


def reverse(length: int) -> Op:
    """Puts the last entry first."""
    return permute(range(length - 1, -1, -1))


def deduplicate(document: Document, field: str) -> Op:
    """Removes each entry whose member `field` an entry before it has, too; nothing moves.

    Entries without the member are no duplicates.
    """
    seen: set[str] = set()
    builder = Builder()
    for entry in document.entries:
        value = canonical_json(entry[field]) if field in entry else None
        if value in seen:
            builder.remove(1)
        else:
            builder.keep(1)
        if value is not None:
            seen.add(value)
    return Op(builder.components())


def replace_all(document: Document, entries: Sequence[Entry], field: str) -> Op:
    """Makes the list read as `entries` do by the member `field`, for example as a new list of tracks.

    An entry that stands already with the same value there is used again, as it is: it keeps its uid, its
    other members, and its place if it can. The rest of the old ones go; for what is missing, the new entry
    is inserted. The attributes stay.
    """
    standing: dict[str, list[Entry]] = {}
    for entry in reversed(document.entries):
        if field in entry:
            standing.setdefault(canonical_json(entry[field]), []).append(entry)
    wanted = []
    for entry in entries:
        same = standing.get(canonical_json(entry[field])) if field in entry else None
        wanted.append(same.pop() if same else entry)
    return diff(document, Document(wanted, document.attributes))


def _rank(value: Value) -> tuple[int, int, str, tuple[object, ...]]:
    """What values of all types are ordered by; only parts of equal types are ever compared."""
    if type(value) is bool:
        return (1, value, "", ())
    if type(value) is int:
        return (2, value, "", ())
    if type(value) is str:
        return (3, 0, value.casefold(), ())
    if type(value) is list:
        return (4, 0, "", tuple(map(_rank, value)))
    return (5, 0, canonical_json(value), ()) if value is not None else (0, 0, "", ())
