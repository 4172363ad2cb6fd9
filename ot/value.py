"""What an entry is made of.

Entries and attributes are flat maps of plain values; an edit sets some members of an entry and deletes
others. Knows which values may stand in a list at all: no floats, 53-bit integers, no lone surrogates. Does
not know which fields exist: that is the playlist kind's table.
"""

from typing import TypeAlias, TypeGuard

Value: TypeAlias = "bool | int | str | list[Value] | dict[str, Value] | None"

# Treated as immutable everywhere: an entry is shared between lists, ops and caches.
Entry: TypeAlias = dict[str, Value]
Edits: TypeAlias = dict[str, Value]

# What a double holds exactly, so that every client reads the same number.
INTEGER_MAX = 2**53 - 1

# Lists and maps inside one value. The codec's limit on whole messages is tighter; this one protects the
# recursive readers from what comes by other ways (imports, restores).
VALUE_DEPTH_MAX = 4


def is_text(value: object) -> TypeGuard[str]:
    """Whether this is a string that UTF-8 can carry: one without lone surrogates."""
    if type(value) is not str:
        return False
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_value(value: object, depth: int = VALUE_DEPTH_MAX) -> TypeGuard[Value]:
    """Whether a member may hold this. Null may stand only inside lists and maps; booleans are no integers."""
    if type(value) is str:
        return is_text(value)
    if type(value) is int:
        return -INTEGER_MAX <= value <= INTEGER_MAX
    if type(value) is bool:
        return True
    if depth == 0:
        return False
    if type(value) is list:
        return all(item is None or is_value(item, depth - 1) for item in value)
    if type(value) is dict:
        return all(is_text(key) for key in value) and all(
            item is None or is_value(item, depth - 1) for item in value.values()
        )
    return False


def same(one: Value, other: Value) -> bool:
    """Equality in which `True` is not `1`, at any depth; Python's own `==` would merge the two."""
    return one == other and _same_types(one, other)


def edited(entry: Entry, edits: Edits) -> Entry:
    """A new entry with the members set; null deletes one."""
    after = {**entry, **edits}
    if None in edits.values():
        for member, value in edits.items():
            if value is None:
                del after[member]
    return after


def difference(old: Entry, new: Entry) -> Edits:
    """The edits that make `new` of `old`."""
    edits: Edits = {
        name: value for name, value in new.items() if name not in old or not same(old[name], value)
    }
    for name in old:
        if name not in new:
            edits[name] = None
    return edits


def _same_types(one: Value, other: Value) -> bool:
    if type(one) is not type(other):
        return False
    if type(one) is list and type(other) is list:
        return all(map(_same_types, one, other))
    if type(one) is dict and type(other) is dict:
        return all(_same_types(value, other[key]) for key, value in one.items())
    return True
